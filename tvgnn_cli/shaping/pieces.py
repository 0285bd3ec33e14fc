"""Clusters of one piece each: the other pieces go to a neighbouring cluster, or are clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import UNKNOWN


@dataclass(frozen=True, eq=False)
class Pieces:
    """Connected pieces of clusters, the vertices of each joined by edges inside its cluster.

    Args:
        of: piece of each vertex, int64 `[n]`; -1 for a vertex without a cluster.
        cluster: of each piece, `[pieces]`.
        sizes: vertices of each piece.
        is_main: whether it is the largest of its cluster, the first of several.
        between: weight of the edges between each two pieces, CSR, symmetric, without those inside.
    """

    of: np.ndarray
    cluster: np.ndarray
    sizes: np.ndarray
    is_main: np.ndarray
    between: sp.csr_array


def pieces_of(graph: Graph, labels: np.ndarray) -> Pieces:
    """Take clusters `[n]` apart; -1 for vertices without one."""
    n, (tail, head) = graph.num_vertices, graph.edge_index
    is_in = labels != UNKNOWN
    inside = (labels[tail] == labels[head]) & is_in[tail]
    ones = np.ones(int(inside.sum()), dtype=bool)
    joined = sp.csr_array((ones, (tail[inside], head[inside])), shape=(n, n))
    _, piece = connected_components(joined, directed=False)
    # By first vertex, without those that are in no cluster.
    known, of = np.unique(piece[is_in], return_inverse=True)
    found = np.full(n, UNKNOWN, dtype=np.int64)
    found[is_in] = of
    first = np.full(len(known), n)
    vertices = np.flatnonzero(is_in)
    np.minimum.at(first, of, vertices)
    sizes = np.bincount(of, minlength=len(known))
    cluster = labels[first] if len(first) else np.empty(0, dtype=np.int64)
    order = np.lexsort((first, -sizes, cluster))
    is_main = np.zeros(len(known), dtype=bool)
    is_main[order[np.unique(cluster[order], return_index=True)[1]]] = True
    between = weights_between(graph, found, len(known))
    return Pieces(found, cluster, sizes, is_main, between)


def weights_between(graph: Graph, groups: np.ndarray, count: int) -> sp.csr_array:
    """Weight of the edges between each two groups, CSR `[count, count]`, symmetric, without those
    inside one.

    Args:
        graph: the graph.
        groups: of the vertices, `[n]`, from 0 to count - 1; -1 for none.
        count: groups.
    """
    tail, head = groups[graph.edge_index]
    apart = (tail != head) & (tail != UNKNOWN) & (head != UNKNOWN)
    ends = tail[apart], head[apart]
    one_way = sp.coo_array((graph.weights[apart], ends), shape=(count, count)).tocsr()
    return sp.csr_array(one_way + one_way.T)


def joined_to_neighbours(pieces: Pieces, stays: np.ndarray) -> np.ndarray:
    """The cluster of each piece, `[pieces]`, when those that are not to stay have joined a cluster
    next to them: of the clusters whose settled pieces they have edges with, the one with the
    largest weight of these, the lowest of several. From the settled ones outwards, so that each
    piece that joins a cluster is joined to its main piece.

    Pieces that no path leads to a settled one from stay where they are.

    Args:
        pieces: of clusters.
        stays: which pieces are settled from the beginning.
    """
    cluster, settled = pieces.cluster.copy(), stays.copy()
    between, new = pieces.between, np.flatnonzero(stays)
    while len(new):
        near = np.unique(between[new].indices)
        near = near[~settled[near]]
        if not len(near):
            break
        cluster[near] = _heaviest(between[near], cluster, settled)
        settled[near] = True
        new = near
    return cluster


def _heaviest(rows: sp.csr_array, cluster: np.ndarray, settled: np.ndarray) -> np.ndarray:
    """The cluster of the largest weight among settled neighbours, for each row."""
    of = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    counts = settled[rows.indices]
    k = int(cluster.max()) + 1
    pairs, place = np.unique(of[counts] * k + cluster[rows.indices[counts]], return_inverse=True)
    weight = np.bincount(place, rows.data[counts])
    row, to = np.divmod(pairs, k)
    order = np.lexsort((to, -weight, row))
    _, first = np.unique(row[order], return_index=True)
    found: np.ndarray = to[order][first]
    return found
