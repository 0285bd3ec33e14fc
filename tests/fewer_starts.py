"""Fewer k-means starts, in the processes of tests that import this.

Small graphs take most of their time for starts that find the same again. Processes that are forked
from another one have the same number as the tests; those that start as in use have `IN_USE`.
"""

from __future__ import annotations

from tvgnn_cli.prepare import kmeans
from tvgnn_cli.prepare.evidence import held_back

IN_USE = kmeans.STARTS_AT_MOST, held_back.STARTS
FEWER = 12, 3


def take(starts: tuple[int, int]) -> None:
    """Take as many starts at most: of a start for the network, and on each view."""
    kmeans.STARTS_AT_MOST, held_back.STARTS = starts


take(FEWER)
