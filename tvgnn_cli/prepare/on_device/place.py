"""The device on which the long steps of a preparation are made, while it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

AT_ONCE = 2**24
"""Numbers of one kind that a step holds at once, at most, where it can do with so few: training
holds more of nearly any graph.
"""

SHARE = 0.5
"""Share of a GPU's free memory that one step may take."""

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


def device_for(numbers: float) -> torch.device | None:
    """The device for a step that holds so many numbers of 4 bytes at once; None for the CPU's own
    form of the step, which is taken where no device was chosen, or where it has no room for them.
    """
    device = _chosen.get()
    if device is None or device.type != "cuda":
        return device
    from tvgnn_cli.machine.device import free_gpu_memory_mb

    return device if 4 * numbers <= SHARE * 1e6 * free_gpu_memory_mb(device) else None
