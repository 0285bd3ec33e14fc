"""Pairs of vertices whose features are near each other."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

AT_ONCE = 2**22
"""Distances that are held at a time."""


def nearest_pairs(x: np.ndarray, count: int) -> np.ndarray:
    """The pairs of vertices of which one is among the other's nearest, each once and sorted, int64
    `[2, m]`. All distances are looked at: the time grows with the square of n.

    Args:
        x: features, `[n, f]`.
        count: nearest vertices of each.
    """
    n, count = len(x), min(count, len(x) - 1)
    if count < 1:
        return np.zeros((2, 0), dtype=np.int64)
    squares = np.einsum("ij,ij->i", x, x)
    rows = max(1, AT_ONCE // n)
    near = np.empty((n, count), dtype=np.int64)
    with threadpool_limits(limits=1):
        for first in range(0, n, rows):
            block = np.arange(first, min(first + rows, n))
            distance = squares - 2 * (x[block] @ x.T)
            distance[np.arange(len(block)), block] = np.inf
            near[block] = np.argpartition(distance, count - 1, axis=1)[:, :count]
    one, other = np.repeat(np.arange(n), count), near.ravel()
    pairs = np.unique(np.minimum(one, other) * n + np.maximum(one, other))
    return np.stack([pairs // n, pairs % n])
