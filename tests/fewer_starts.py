"""Fewer k-means starts, in the processes of tests that import this.

Small graphs take most of their time for starts that find the same again. Processes that are forked
from another one have as many as the tests; `python -m tests.fewer_starts` is `tvgnn` with as many,
and all others have those in use.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from contextlib import contextmanager

from tvgnn_cli.prepare import kmeans
from tvgnn_cli.prepare.evidence import held_back

IN_USE = kmeans.STARTS_AT_MOST, held_back.STARTS
FEWER = 12, 3
"""Starts at most, in use and in tests: of a start for the network, and on each view."""


def take(starts: tuple[int, int]) -> None:
    """Take as many starts at most."""
    kmeans.STARTS_AT_MOST, held_back.STARTS = starts


@contextmanager
def starts_in_use() -> Iterator[None]:
    """Take as many as in use, for once."""
    take(IN_USE)
    try:
        yield
    finally:
        take(FEWER)


take(FEWER)
if __name__ == "__main__":
    runpy.run_module("tvgnn_cli", run_name="__main__", alter_sys=True)
