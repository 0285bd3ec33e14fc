"""Numbers of vertices that poolings leave."""

from __future__ import annotations

import numpy as np

MOST_POOLED = 256
"""Vertices that the first pooling leaves at most, where it is not told how many."""


def pool_sizes(sizes: np.ndarray, most: int | None = MOST_POOLED) -> tuple[int, int]:
    """A half and a quarter of the vertices of the largest graph, from 2 to `most` and half of it.

    Source: the authors' code, which has no bound: a graph of 5,748 vertices, the largest of DD,
    asks for 2,874 and 1,437 of every graph, and a graph of 2,874 vertices has four million edges.
    The bound is ours.

    Args:
        sizes: number of vertices of each graph.
        most: bound of the first; None for none.
    """
    largest = int(sizes.max(initial=0))
    half, quarter = largest // 2, largest // 4
    if most is not None:
        half, quarter = min(half, most), min(quarter, most // 2)
    return max(half, 2), max(quarter, 2)
