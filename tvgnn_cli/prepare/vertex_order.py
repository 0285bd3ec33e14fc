"""Orders of the vertices that put neighbours near each other in memory."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import reverse_cuthill_mckee

LARGE = 2**16
"""Vertices from which an order by community is tried: below, rows of neighbours stay in the cache
either way."""

STEPS = 20
"""Steps of the random walk: enough to find ten communities of 10^5 vertices each."""


def neighbours_near(adjacency: sp.csr_array, edge_index: np.ndarray) -> np.ndarray:
    """The order, `[n]`, by bandwidth or, in a large graph, by community, whichever is nearer.

    How near is told by the mean logarithm of the distance between the ends of an edge.
    """
    by_bandwidth = _by_bandwidth(adjacency)
    if adjacency.shape[0] < LARGE:
        return by_bandwidth
    by_community = _by_community(adjacency)
    return min(by_bandwidth, by_community, key=lambda order: log_distance(order, edge_index))


def log_distance(order: np.ndarray, edge_index: np.ndarray) -> float:
    """Mean of log2 of the distance in `order` between the ends of an edge."""
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return float(np.log2(np.abs(rank[edge_index[0]] - rank[edge_index[1]])).mean())


def _by_bandwidth(adjacency: sp.csr_array) -> np.ndarray:
    """Source: the reverse of Cuthill & McKee, "Reducing the bandwidth of sparse symmetric
    matrices", ACM 1969.
    """
    return np.asarray(reverse_cuthill_mckee(adjacency, symmetric_mode=True), dtype=np.int64)


def _by_community(adjacency: sp.csr_array) -> np.ndarray:
    """Order by the values that a lazy random walk leaves of random ones, nearly equal within a
    community.

    Source: a coarse form of the ordering by the Laplacian's second eigenvector, Juvan & Mohar,
    "Optimal linear labelings and eigenvalues of graphs", Discrete Applied Mathematics 1992.
    """
    degree = np.maximum(np.asarray(adjacency.sum(axis=1), dtype=np.float64).ravel(), 1e-30)
    value = np.random.default_rng(0).standard_normal(len(degree))
    for _ in range(STEPS):
        value += 2 * (adjacency @ value) / degree
        value -= degree @ value / degree.sum()
        value /= np.linalg.norm(value)
    return np.argsort(value, kind="stable")
