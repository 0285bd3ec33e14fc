"""Libraries that are not part of every installation."""

from __future__ import annotations

import importlib
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
