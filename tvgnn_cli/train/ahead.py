"""Work that is done on another thread before its results are asked for, beside that of a GPU."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T")
R = TypeVar("R")

READY = 2
"""Results that wait to be taken, at most."""


def ahead(make: Callable[[T], R], given: Iterable[T], ready: int = READY) -> Iterator[R]:
    """Results of `make` for each thing, in their order, the next ones made meanwhile.

    Args:
        make: called on one other thread, of one thing after another.
        given: the things.
        ready: results that wait to be taken, at most.

    Raises:
        Exception: what `make` raised, where its result would have come.
    """
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(1, "ahead") as thread:
        try:
            for each in given:
                waiting.append(thread.submit(make, each))
                if len(waiting) > ready:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def sent_ahead(
    make: Callable[[T], R],
    given: Iterable[T],
    device: torch.device,
    tensors: Callable[[R], Iterable[Tensor]],
    ready: int = READY,
) -> Iterator[R]:
    """Results of `make` for each thing, in their order, which are tensors on a device. For a GPU
    the next ones are made, and copied there, while it works on one; the memory of `ready` + 2 is
    taken at most.

    Args:
        make: called on one other thread, of one thing after another, where the device is a GPU.
        given: the things.
        device: where the results are.
        tensors: all tensors there that `make` has made for a result.
        ready: results that wait to be taken, at most.

    Raises:
        Exception: what `make` raised, where its result would have come.
    """
    if device.type != "cuda":
        yield from map(make, given)
        return
    # Of this thread: another one has the first GPU for its own until it is told.
    side = _side_stream(torch.cuda.current_device() if device.index is None else device.index)

    def on_side(each: T) -> tuple[R, torch.cuda.Event]:
        with torch.cuda.stream(side):
            made = make(each)
            return made, side.record_event()

    work, before = torch.cuda.current_stream(device), None
    for made, is_there in ahead(on_side, given, ready):
        work.wait_event(is_there)
        for tensor in tensors(made):
            tensor.record_stream(work)  # its memory is not the side stream's before this is done
        yield made
        # Who asks for the next has asked the GPU for all work on this one, and may be far ahead of
        # it: let it be at this one, before one more is made.
        done = work.record_event()
        if before is not None:
            before.synchronize()
        before = done


@cache
def _side_stream(gpu: int) -> torch.cuda.Stream:
    """The stream of copies to a GPU: one for all, since torch keeps free memory of each apart."""
    return torch.cuda.Stream(gpu)  # type: ignore[no-untyped-call]
