"""Clusters in their graph: sizes, cuts, pieces, and the edges between each two of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from tvgnn_cli.graph.graph import Graph


@dataclass(frozen=True, eq=False)
class Structure:
    """Measures of k clusters, arrays `[k]` but for the last.

    Args:
        sizes: vertices.
        volume: sum of their degrees, by weight.
        inside: weight of the edges between two of its vertices.
        edges: their number.
        pieces: connected components of the cluster by itself.
        largest: vertices of the largest of these.
        between: weight of the edges between each two clusters, CSR `[k, k]`, symmetric, without
            those inside.
    """

    sizes: np.ndarray
    volume: np.ndarray
    inside: np.ndarray
    edges: np.ndarray
    pieces: np.ndarray
    largest: np.ndarray
    between: sp.csr_array

    @property
    def cut(self) -> np.ndarray:
        """Weight of the edges that leave each cluster, `[k]`."""
        return np.asarray(self.between.sum(axis=1)).ravel()

    @property
    def conductance(self) -> np.ndarray:
        """`cut / min(volume, volume of the rest)`, in [0, 1]; 0 where that is 0."""
        smaller = np.minimum(self.volume, self.volume.sum() - self.volume)
        return _share(self.cut, smaller)

    @property
    def density(self) -> np.ndarray:
        """Edges of each cluster over the pairs of its vertices, in [0, 1]; 0 without pairs."""
        return _share(self.edges, self.sizes * (self.sizes - 1) / 2)

    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Both clusters of each two with an edge between them, its weight, and the weight that
        chance would have put there: with the degrees as they are, `vol_a vol_b / vol`.
        """
        both = self.between.tocoo()
        # Shares first: the product of two volumes may be beyond a float.
        share = self.volume / max(self.volume.sum(), 1e-300)
        expected = self.volume[both.row] * share[both.col]
        return both.row, both.col, both.data, expected


def structure_of(graph: Graph, labels: np.ndarray, k: int) -> Structure:
    """Measure clusters by their graph.

    Args:
        graph: the graph.
        labels: cluster of each vertex, `[n]`, from 0 to k - 1.
        k: clusters.
    """
    n, (tail, head), weight = graph.num_vertices, graph.edge_index, graph.weights
    of_tail, of_head = labels[tail], labels[head]
    is_inside = of_tail == of_head
    kept = graph.edge_index[:, is_inside]
    inside = sp.csr_array((np.ones(kept.shape[1], dtype=bool), (kept[0], kept[1])), shape=(n, n))
    _, piece = connected_components(inside, directed=False)
    size_of_piece = np.bincount(piece)
    first = np.unique(piece, return_index=True)[1]  # one vertex of each piece
    largest = np.zeros(k, dtype=np.int64)
    np.maximum.at(largest, labels[first], size_of_piece)
    ends = of_tail[~is_inside], of_head[~is_inside]
    one_way = sp.coo_array((weight[~is_inside], ends), shape=(k, k)).tocsr()
    return Structure(
        sizes=np.bincount(labels, minlength=k),
        volume=np.bincount(labels, graph.degrees, k),
        inside=np.bincount(of_tail[is_inside], weight[is_inside], k),
        edges=np.bincount(of_tail[is_inside], minlength=k),
        pieces=np.bincount(labels[first], minlength=k),
        largest=largest,
        between=sp.csr_array(one_way + one_way.T),
    )


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    found = np.zeros(len(part))
    np.divide(part, whole, out=found, where=np.asarray(whole) > 0)
    return found
