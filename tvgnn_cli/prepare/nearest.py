"""Pairs of vertices whose features are near each other."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.machine.library_threads import limited_to
from tvgnn_cli.prepare.on_device.place import at_once, device_for

HELD = 2**22
"""Distances that the CPU holds at a time."""

ALL = 10_000
"""Vertices up to which all distances are looked at; above, those to vertices in cells nearby."""

MOST_ON_DEVICE = 10**6
"""Vertices up to which a device looks at all distances."""

PER_CELL, CELLS, ROUNDS = 100, 32, 10
"""Vertices of a cell on average, cells that are looked at for each vertex, and rounds of the
k-means that the cells are made by.
"""


def nearest_pairs(
    x: np.ndarray, count: int, most_exact: int = ALL, cells: int = CELLS
) -> np.ndarray:
    """The pairs of vertices of which one is among the other's nearest, each once and sorted, int64
    `[2, m]`. Of more than `most_exact` vertices some of the pairs are not the nearest: by default 1
    in 100 of 20,000, 9 in 100 of 200,000.

    Args:
        x: features, float32 `[n, f]`.
        count: nearest vertices of each.
        most_exact: vertices up to which all distances are computed.
        cells: looked at for each vertex, of more of them.
    """
    n, count = len(x), min(count, len(x) - 1)
    if count < 1:
        return np.zeros((2, 0), dtype=np.int64)
    held = x.size + 4 * n * at_once(n)
    device = device_for(held, n * x.size) if n <= MOST_ON_DEVICE else None
    if device is not None:
        from tvgnn_cli.prepare.on_device.neighbours import nearest

        near = nearest(x, count, device)
    else:
        near = _nearest(x, count) if n <= most_exact else _nearest_by_cells(x, count, cells)
    one, other = np.repeat(np.arange(n), count), near.ravel()
    one, other = one[other >= 0], other[other >= 0]
    pairs = np.unique(np.minimum(one, other) * n + np.maximum(one, other))
    return np.stack([pairs // n, pairs % n])


def _nearest(x: np.ndarray, count: int) -> np.ndarray:
    """The nearest vertices of each, `[n, count]`, by all distances."""
    n = len(x)
    squares = np.einsum("ij,ij->i", x, x)
    rows = max(1, HELD // n)
    near = np.empty((n, count), dtype=np.int64)
    with limited_to(1):
        for first in range(0, n, rows):
            block = np.arange(first, min(first + rows, n))
            distance = squares - 2 * (x[block] @ x.T)
            distance[np.arange(len(block)), block] = np.inf
            near[block] = np.argpartition(distance, count - 1, axis=1)[:, :count]
    return near


def _nearest_by_cells(x: np.ndarray, count: int, cells: int) -> np.ndarray:
    """The same by the distances to vertices whose cells are nearest, -1 where these are too few.

    Source: the inverted file of Sivic & Zisserman, "Video Google: a text retrieval approach to
    object matching in videos", 2003, as faiss has it (Douze et al., "The faiss library", 2024).
    """
    import faiss

    x, n = np.ascontiguousarray(x, dtype=np.float32), len(x)
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(x.shape[1]), x.shape[1], n // PER_CELL)
    index.cp.niter, index.nprobe = ROUNDS, cells
    with limited_to(1):
        index.train(x)
        index.add(x)
        _, found = index.search(x, count + 1)
    # A vertex is its own nearest, unless others lie in the same place.
    own = found == np.arange(n)[:, None]
    own[~own.any(axis=1), -1] = True
    return np.asarray(found[~own].reshape(n, count))
