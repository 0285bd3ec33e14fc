"""The device on which the long steps of a preparation are made, while it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

AT_ONCE, OF_VERTEX, MOST = 2**22, 64, 2**26
"""Numbers of one kind that a step holds at once, at most, where it can do with so few: of large
graphs so many of each vertex, up to the last. Training holds more of nearly any graph.
"""

SHARE = 0.5
"""Share of a GPU's free memory that one step may take."""

LEAST = 2e8
"""Multiplications of a step that make up for asking a GPU for its many small parts."""

_chosen: ContextVar[torch.device | None] = ContextVar("device of preparation", default=None)


@contextmanager
def preparing_on(device: torch.device | None) -> Iterator[None]:
    """Make the long steps of a preparation on a device, for a while; None for the CPU's own forms
    of them.
    """
    before = _chosen.set(device)
    try:
        yield
    finally:
        _chosen.reset(before)


def device_for(numbers: float, work: float) -> torch.device | None:
    """The device for a step; None for the CPU's own form of the step, which is taken where no
    device was chosen, where it has no room, or where the CPU has done before a GPU has begun.

    Args:
        numbers: of 4 bytes, that the step holds at once.
        work: multiplications of the step, about.
    """
    device = _chosen.get()
    if device is None or device.type != "cuda":
        return device
    if work < LEAST:
        return None
    from tvgnn_cli.machine.device import free_gpu_memory_mb

    return device if 4 * numbers <= SHARE * 1e6 * free_gpu_memory_mb(device) else None


def at_once(n: int) -> int:
    """Columns of a number for each of n vertices that a step holds at once."""
    numbers = max(AT_ONCE, min(OF_VERTEX * n, MOST))
    return max(numbers // max(n, 1), 1)
