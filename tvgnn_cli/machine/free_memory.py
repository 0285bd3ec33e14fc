"""Memory that this process could still take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tvgnn_cli.machine.versions import held_memory_mb

_room = math.inf


def bound_memory(room: float) -> None:
    """Set how much memory this process may hold, in MB, as others take theirs at the same time."""
    global _room
    _room = room


def is_shared() -> bool:
    """Tell whether others have a share of the memory, so that fewer of them leave more."""
    return _room < math.inf


def available_memory_mb() -> float:
    """Memory that this process could still take, in MB.

    What the machine has free, or what the limit of its control group leaves, or what `bound_memory`
    does; infinite where none is known.
    """
    free = [max(0.0, _room - held_memory_mb())]
    info = Path("/proc/meminfo")
    if info.exists():
        lines = dict(line.split(":") for line in info.read_text().splitlines())
        free.append(int(lines["MemAvailable"].split()[0]) * 1024 / 1e6)
    return min([*free, *(left / 1e6 for left in _left_in_groups(Path("/")))])


def _left_in_groups(root: Path) -> Iterator[int]:
    """Bytes that each control group which this process is in, up to the outermost, leaves it: a
    scheduler may limit the job and not the step. What the kernel would give back counts as free.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, inside = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        base = root / "sys/fs/cgroup" / controllers
        limit, used = GROUP_FILES[controllers]
        group = base / inside.lstrip("/")
        for folder in (group, *group.parents):
            if not folder.is_relative_to(base):
                break
            with suppress(OSError, ValueError):  # no such group here, or no limit ("max")
                told = (folder / "memory.stat").read_text().splitlines()
                cached = dict(row.split() for row in told)
                held = int((folder / used).read_text()) - int(cached.get("inactive_file", 0))
                yield int((folder / limit).read_text()) - held


GROUP_FILES = {
    "": ("memory.max", "memory.current"),
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes"),
}
"""Limit and use of a control group, in the second version and the first."""
