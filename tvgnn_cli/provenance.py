"""What a result says of its making, beyond its settings."""

from __future__ import annotations

import importlib.metadata
import platform
import resource
import sys

PACKAGES = ("torch", "torch-geometric", "scikit-learn", "scipy", "numpy")


def tool_version() -> str:
    """The version of this package."""
    return importlib.metadata.version("tvgnn")


def versions() -> dict[str, str]:
    """Versions that a result depends on, by column name."""
    named = {f"version_{name}": importlib.metadata.version(name) for name in PACKAGES}
    return {
        "version_tvgnn": tool_version(),
        "version_python": platform.python_version(),
        **named,
    }


def peak_memory_mb() -> float:
    """The most memory that this process held so far, in MB of 10^6 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)
