"""Libraries that are not part of every installation, or not the same in every one."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import UsageError


def require(module: str, remedy: str) -> Any:
    """The library, before any work that would be lost without it.

    Args:
        module: its name.
        remedy: what needs it, and the line that installs it.

    Raises:
        UsageError: it is not installed; says the remedy.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise UsageError(remedy) from None


@cache
def is_built_for_gpus() -> bool:
    """Tell whether torch here is a build for GPUs of NVIDIA or AMD, without importing it."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return False
    libraries = Path(found.origin).parent / "lib"
    return any((libraries / f"libtorch_{kind}.so").exists() for kind in ("cuda", "hip"))
