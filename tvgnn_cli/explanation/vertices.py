"""Vertices that stand for a cluster, and those at its boundary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.graph import Graph

REPRESENTATIVE, BOUNDARY = "representative", "boundary"


@dataclass(frozen=True, eq=False)
class Placed:
    """Each vertex's place among the clusters, arrays `[n]`.

    Args:
        inside: weight of its edges to its own cluster.
        margin: its share in its own cluster less that in the next, from -1 to 1: of its soft
            assignment, or, without one, of its edges; 1 for a vertex without edges.
        leans_to: that next cluster; -1 where there is none.
    """

    inside: np.ndarray
    margin: np.ndarray
    leans_to: np.ndarray


def place(graph: Graph, labels: np.ndarray, k: int, assignment: np.ndarray | None = None) -> Placed:
    """Find how firmly each vertex is in its cluster.

    Args:
        graph: the graph.
        labels: cluster of each vertex, `[n]`, from 0 to k - 1.
        k: clusters.
        assignment: the soft one, `[n, k]`, columns by cluster; None where there is none.
    """
    n, rows = graph.num_vertices, np.arange(graph.num_vertices)
    tail, head = graph.edge_index
    ends, others = np.concatenate([tail, head]), labels[np.concatenate([head, tail])]
    weight = np.tile(graph.weights, 2)
    to = sp.coo_array((weight, (ends, others)), shape=(n, k)).tocsr()
    own = sp.csr_array((np.ones(n, dtype=bool), labels, np.arange(n + 1)), shape=(n, k))
    inside = np.asarray(to.multiply(own).sum(axis=1)).ravel()
    if assignment is not None:
        rest = assignment.astype(np.float64)
        first = rest[rows, labels].copy()
        rest[rows, labels] = -1
        leans = rest.argmax(axis=1) if k > 1 else np.full(n, -1)
        return Placed(inside, first - np.where(k > 1, rest.max(axis=1), 0), leans)
    outside = sp.csr_array(to - to.multiply(own))
    outside.eliminate_zeros()
    most, leans = _strongest(outside)
    degree = graph.degrees
    margin = np.divide(inside - most, degree, out=np.ones(n), where=degree > 0)
    return Placed(inside, margin, leans)


def _strongest(of: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Largest entry of each row, and its column, the first of equal ones; 0 and -1 of none."""
    n = of.shape[0]
    row = np.repeat(np.arange(n), np.diff(of.indptr))
    order = np.lexsort((of.indices, -of.data, row))
    filled = np.flatnonzero(np.diff(of.indptr))
    best = order[of.indptr[filled]]
    most, column = np.zeros(n), np.full(n, -1)
    most[filled], column[filled] = of.data[best], of.indices[best]
    return most, column


def representatives(
    labels: np.ndarray, k: int, placed: Placed, confidence: np.ndarray | None, top: int
) -> list[np.ndarray]:
    """Vertices that stand for each cluster: those of highest rank in confidence and in the weight
    of their edges inside, the two ranks weighing as much; best first.

    Args:
        labels: cluster of each vertex, `[n]`.
        k: clusters.
        placed: where the vertices are.
        confidence: of each vertex in its cluster, `[n]`; None for their margins.
        top: of each cluster, at most.
    """
    sure = placed.margin if confidence is None else confidence
    return [
        members[np.argsort(-(_ranks(sure[members]) + _ranks(placed.inside[members])),
                           kind="stable")[:top]]
        for members in _members(labels, k)
    ]  # fmt: skip


def boundaries(labels: np.ndarray, k: int, placed: Placed, top: int) -> list[np.ndarray]:
    """Vertices of each cluster that are nearest to another one, by their margins; nearest first."""
    leaning = np.where(placed.leans_to >= 0, placed.margin, np.inf)
    chosen = []
    for members in _members(labels, k):
        order = members[np.argsort(leaning[members], kind="stable")[:top]]
        chosen.append(order[np.isfinite(leaning[order])])
    return chosen


def _members(labels: np.ndarray, k: int) -> list[np.ndarray]:
    """Vertices of each cluster, in their order."""
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.cumsum(np.bincount(labels, minlength=k))[:-1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Share of the values that each is above, equal ones counting half."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values)) / max(len(values), 1)
