"""Small clusters that merge into a neighbour."""

from __future__ import annotations

import heapq

import numpy as np
import scipy.sparse as sp


def absorbed(
    between: sp.csr_array, sizes: np.ndarray, fewest: int, stays: np.ndarray
) -> np.ndarray:
    """The cluster that each has become a part of, int64 `[k]`; itself where it has not.

    The smallest cluster merges into the neighbour with the largest weight of edges between them,
    and so on until none has fewer vertices than `fewest`; ties go to the lowest number. Empty
    clusters, clusters without such edges and those that are to stay are left.

    Args:
        between: weight of the edges between each two clusters, CSR `[k, k]`, symmetric.
        sizes: vertices of each, `[k]`.
        fewest: vertices of a cluster that is large enough.
        stays: which clusters are never merged into another, `[k]`.
    """
    k = len(sizes)
    now, size = np.arange(k), sizes.astype(np.int64)
    members: dict[int, list[int]] = {}
    small = np.flatnonzero((size < fewest) & (size > 0) & ~stays)
    heap = [(int(size[c]), c) for c in small.tolist()]
    heapq.heapify(heap)
    while heap:
        vertices, cluster = heapq.heappop(heap)
        if now[cluster] != cluster or size[cluster] != vertices:
            continue  # merged, or grown since
        own = [cluster, *members.get(cluster, ())]
        to = _heaviest_neighbour(between, own, now, cluster)
        if to is None:
            continue
        now[own] = to
        size[to] += vertices
        members.setdefault(to, []).extend(own)
        if size[to] < fewest and not stays[to]:
            heapq.heappush(heap, (int(size[to]), to))
    return now


def _heaviest_neighbour(
    between: sp.csr_array, own: list[int], now: np.ndarray, cluster: int
) -> int | None:
    """The neighbour of some merged clusters with the largest weight of edges to them."""
    rows = [slice(between.indptr[c], between.indptr[c + 1]) for c in own]
    others = now[np.concatenate([between.indices[row] for row in rows])]
    weight = np.concatenate([between.data[row] for row in rows])
    outside = others != cluster
    if not outside.any():
        return None
    known, place = np.unique(others[outside], return_inverse=True)
    return int(known[np.bincount(place, weight[outside]).argmax()])
