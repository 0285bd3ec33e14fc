"""Work that is done on another thread before its results are asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

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
