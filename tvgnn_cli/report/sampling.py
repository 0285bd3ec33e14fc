"""Vertices and edges that a picture can hold, of a graph that may have many more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

FEWEST = 20
"""Vertices that a small cluster keeps, where there is room for so many of each."""

BLOCK = 2**21
"""Edges that are looked at together."""


def edge_blocks(count: int) -> Iterator[slice]:
    """All edges, block by block."""
    return (slice(first, first + BLOCK) for first in range(0, count, BLOCK))


def shares_of(sizes: np.ndarray, limit: int) -> np.ndarray:
    """Vertices to keep of each cluster, `limit` together where there are more.

    Each keeps some, as long as there are no more clusters than `limit`; what is left goes by size.

    Args:
        sizes: vertices of each cluster, `[k]`.
        limit: from 1.
    """
    if sizes.sum() <= limit:
        return sizes.copy()
    occupied = int((sizes > 0).sum())
    if occupied > limit:
        kept = np.zeros_like(sizes)
        kept[np.argsort(-sizes, kind="stable")[:limit]] = 1
        return kept
    floor = np.minimum(sizes, max(min(FEWEST, limit // (2 * occupied)), 1))
    rest = limit - int(floor.sum())
    exact = rest * (sizes - floor) / (sizes - floor).sum()
    kept = floor + exact.astype(np.int64)
    short = limit - int(kept.sum())
    kept[np.argsort(-(exact % 1), kind="stable")[:short]] += 1
    return np.asarray(np.minimum(kept, sizes))


def chosen_vertices(
    labels: np.ndarray, k: int, limit: int, random: np.random.Generator
) -> np.ndarray:
    """Vertices to show, in their order: all, or so many drawn from each cluster.

    Args:
        labels: cluster of each vertex, `[n]`, from 0 below `k`.
        k: clusters.
        limit: vertices, from 1.
        random: where the draw comes from.
    """
    if len(labels) <= limit:
        return np.arange(len(labels))
    sizes = np.bincount(labels, minlength=k)
    order = random.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    rank = np.arange(len(labels)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(order[rank < np.repeat(shares_of(sizes, limit), sizes)])


def edges_among(
    edge_index: np.ndarray, chosen: np.ndarray, n: int, limit: int, random: np.random.Generator
) -> tuple[np.ndarray, int]:
    """Edges between chosen vertices, at most `limit`, and how many there are of them in all.

    Args:
        edge_index: int64 `[2, e]`.
        chosen: vertices, sorted, `[c]`.
        n: vertices.
        limit: edges.
        random: where the draw comes from.

    Returns:
        int64 `[2, m]` of positions in `chosen`, sorted as the edges were; and the count.
    """
    place = np.full(n, -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    found = [np.empty((2, 0), dtype=np.int64)]
    for block in edge_blocks(edge_index.shape[1]):
        ends = place[edge_index[:, block]]
        found.append(ends[:, (ends >= 0).all(axis=0)])
    edges = np.concatenate(found, axis=1)
    total = edges.shape[1]
    if total > limit:
        edges = edges[:, np.sort(random.choice(total, limit, replace=False))]
    return edges, total
