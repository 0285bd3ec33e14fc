"""Places for vertices: clusters apart, neighbours near, in time that grows with the edges.

Clusters are placed first, as discs whose areas are their sizes, by the weights between them; then
vertices around their clusters' centres, each drawn to the clusters of its neighbours, by forces of
edges and of all others (`forces.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.report.forces import normalised, settled
from tvgnn_cli.report.sampling import edge_blocks

MANY_CLUSTERS = 600
"""Clusters whose overlaps are not looked for pair by pair."""

HOLD = 0.35
"""Strength of the spring between a vertex and its place by clusters, beside 1 for its edges."""

LEAN = 0.35
"""Share that neighbours' clusters have in that place, beside a vertex's own."""

LONE = 0.7
"""Share of a cluster's disc over which its vertices without edges are spread."""

ACROSS = 0.6
"""Pull of an edge between clusters that touch, beside 1 inside one."""

GAP = 1.25
"""Distance of two clusters' centres, by the sum of their radii, at least."""


@dataclass(frozen=True, eq=False)
class Discs:
    """Places of clusters: centres `[k, 2]` and radii `[k]`, in units in which a vertex has 1."""

    centre: np.ndarray
    radius: np.ndarray


def cluster_weights(
    edge_index: np.ndarray, weights: np.ndarray, labels: np.ndarray, k: int
) -> sp.csr_array:
    """Weight between any two clusters, symmetric `[k, k]`, without that inside them."""
    total = sp.csr_array((k, k))
    for block in edge_blocks(edge_index.shape[1]):
        one, other = labels[edge_index[:, block]]
        between = one != other
        ends = np.sort(np.stack([one[between], other[between]]), axis=0)
        total = total + sp.csr_array((weights[block][between], tuple(ends)), shape=(k, k))
    return sp.csr_array(total + total.T)


def place_clusters(weights: sp.csr_array, sizes: np.ndarray) -> Discs:
    """Discs of all clusters, those with much weight between them near each other.

    Args:
        weights: between clusters, as `cluster_weights` has them.
        sizes: vertices of each that are to be placed, `[k]`.
    """
    k = len(sizes)
    radius = np.sqrt(np.maximum(sizes, 1) / HOLD)
    one, other = sp.triu(weights).coords
    values = sp.triu(weights).data
    pulls = normalised(np.stack([one, other]), values, k, np.ones(len(values)))
    # A turn of the golden angle from each to the next, the largest in the middle.
    order = np.argsort(-sizes, kind="stable")
    start = np.empty((k, 2))
    start[order] = _sunflower(k) * np.sqrt((radius**2).sum()) * GAP
    centre = settled(start, pulls, radius**2 * HOLD, np.zeros((k, 2)), np.full((k, 1), 0.2))
    centre = _wide_enough(centre, radius)
    return Discs(_apart(centre, radius) if k <= MANY_CLUSTERS else centre, radius)


def leanings(
    edge_index: np.ndarray, weights: np.ndarray, labels: np.ndarray, centre: np.ndarray
) -> np.ndarray:
    """Mean centre of the clusters of each vertex's neighbours, by weight, `[n, 2]`; of a vertex
    without any that of its own.
    """
    n = len(labels)
    sums, total = np.zeros((n, 2)), np.zeros(n)
    for block in edge_blocks(edge_index.shape[1]):
        for end, other in (edge_index[:, block], edge_index[::-1, block]):
            total += np.bincount(end, weights[block], n)
            for axis in (0, 1):
                sums[:, axis] += np.bincount(end, weights[block] * centre[labels[other], axis], n)
    alone = total == 0
    sums[alone], total[alone] = centre[labels[alone]], 1
    return np.asarray(sums / total[:, None])


def place_vertices(
    labels: np.ndarray,
    discs: Discs,
    leaning: np.ndarray,
    edges: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Places of vertices, float32 `[n, 2]`.

    Args:
        labels: cluster of each, `[n]`.
        discs: of the clusters.
        leaning: of each vertex, `[n, 2]`.
        edges: `[2, m]`; they all weigh the same here, their weights are in `leaning`.
        random: where the order inside a cluster comes from.
    """
    n = len(labels)
    home = discs.centre[labels]
    order = random.permutation(n)
    order = order[np.argsort(labels[order], kind="stable")]
    sizes = np.bincount(labels, minlength=len(discs.radius))
    rank = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    inside = np.empty((n, 2))
    inside[order] = _spiral(rank, np.repeat(sizes, sizes))
    away = leaning - home
    far = np.maximum(np.hypot(*away.T), 1e-9) / (discs.radius[labels] * 0.8)
    anchor = home + LEAN * away / np.maximum(far, 1)[:, None]
    # A vertex without edges keeps its place: all others would push it out of the cluster.
    lone = np.bincount(edges.reshape(-1), minlength=n) == 0
    spread = inside * discs.radius[labels, None]
    start = anchor + np.where(lone, LONE, 1)[:, None] * spread
    anchor = np.where(lone[:, None], start, anchor)
    hold = np.where(lone, 10.0, HOLD)[:, None]
    pulls = normalised(edges, np.ones(edges.shape[1]), n, _pull(labels[edges], discs))
    groups = labels + len(sizes) * lone
    return settled(start, pulls, np.ones(n), anchor, hold, groups).astype(np.float32)


def _pull(ends: np.ndarray, discs: Discs) -> np.ndarray:
    """Strength of edges `[m]` by the clusters of their ends `[2, m]`: less, the farther those are
    from each other, so that no edge pulls a vertex out of its own.
    """
    touching = discs.radius[ends].sum(axis=0)
    apart = np.hypot(*(discs.centre[ends[0]] - discs.centre[ends[1]]).T)
    share = np.minimum(touching / np.maximum(apart, 1e-9), 1)
    return np.where(ends[0] == ends[1], 1, ACROSS * share)


def principal(embedding: np.ndarray) -> np.ndarray:
    """Places in the two directions in which an embedding `[n, d]` varies most, float32 `[n, 2]`, to
    any scale.
    """
    values = np.nan_to_num(np.asarray(embedding, dtype=np.float64), posinf=0, neginf=0)
    values = values - values.mean(axis=0)
    values /= max(float(np.abs(values).max(initial=0)), 1e-300)
    _, vectors = np.linalg.eigh(values.T @ values)
    two = vectors[:, ::-1][:, :2]
    largest = np.abs(two).argmax(axis=0)
    two = two * np.where(two[largest, range(two.shape[1])] < 0, -1, 1)
    found = np.zeros((len(values), 2), dtype=np.float32)
    found[:, : two.shape[1]] = values @ two
    return found


def _sunflower(count: int) -> np.ndarray:
    """Points that fill the unit disc evenly, from the middle outwards, `[count, 2]`."""
    return _spiral(np.arange(count), np.full(count, count))


def _spiral(rank: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The point of each rank among so `of` many that fill the unit disc, `[n, 2]`."""
    distance, angle = np.sqrt((rank + 0.5) / np.maximum(of, 1)), rank * np.pi * (3 - np.sqrt(5))
    return np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=1)


def _wide_enough(centre: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Centres at a scale at which all discs fit into what they cover together."""
    centre = centre - centre.mean(axis=0)
    covered = np.sqrt(2 * (centre**2).sum(axis=1).mean())  # radius of a disc with that spread
    return np.asarray(centre * max(GAP * np.sqrt((radius**2).sum()) / max(covered, 1e-9), 1))


def _apart(centre: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Discs pushed from each other until none lies on another, or nearly so."""
    wanted = (radius[:, None] + radius) * GAP
    np.fill_diagonal(wanted, 0)
    share = radius / (radius[:, None] + radius)  # the smaller one moves more
    for _ in range(100):
        apart = centre[:, None] - centre
        distance = np.sqrt((apart**2).sum(axis=2)) + 1e-9
        excess = np.maximum(wanted - distance, 0)
        if not bool((excess > 0.01 * wanted).any()):
            break
        centre = centre + np.einsum("ij,ijc->ic", share * excess / distance, apart) * 0.5
    return centre
