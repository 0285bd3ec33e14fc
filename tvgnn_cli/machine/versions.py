"""Provenance of a result, beyond its settings."""

from __future__ import annotations

import importlib.metadata
import math
import platform
import sys
from functools import cache
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

PACKAGES = ("torch", "torch-geometric", "scikit-learn", "scipy", "numpy")


def tool_version() -> str:
    """The version of this package."""
    return _version_of("tvgnn")


def versions() -> dict[str, str]:
    """Versions that a result depends on, by column name."""
    named = {f"version_{name}": _version_of(name) for name in PACKAGES}
    return {
        "version_tvgnn": tool_version(),
        "version_python": platform.python_version(),
        **named,
    }


@cache
def _version_of(package: str) -> str:
    """Its version; to look through all that is installed takes milliseconds."""
    return importlib.metadata.version(package)


def processor() -> str:
    """Return the processor's name for itself; that of the first core."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def held_memory_mb() -> float:
    """The memory that this process holds now, in MB of 10^6 bytes; 0 where unknown."""
    return _status_mb("VmRSS") or 0.0


def _status_mb(name: str) -> float | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    (line,) = (text for text in status.read_text().splitlines() if text.startswith(f"{name}:"))
    return round(int(line.split()[1]) * 1024 / 1e6, 1)


def peak_memory_mb() -> float:
    """The most memory that this process held so far, in MB of 10^6 bytes; NaN where unknown."""
    # What getrusage says may be the peak of the process that started this one.
    told = _status_mb("VmHWM")
    if told is not None:
        return told
    if resource is None:
        return math.nan
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)
