"""Probability of each vertex's cluster, by what its own features and its neighbours tell.

A network that is fitted to clusters is sure of them, right or wrong; and so are restarts, which
share its mistakes. Sources that can disagree say more. For each vertex, ridge regression over the
features of other vertices gives a share to each cluster; and so do its neighbours, by how often
edges join their clusters. The two are averaged, each weighted by what it tells of all clusters.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.prepare.evidence.guesser import Guesser
from tvgnn_cli.prepare.evidence.support import Judge

COUNTS = 0.4
"""Weight of a neighbour of mean weight: neighbours are alike for other reasons than a cluster too.
Chosen with the true classes of dev graphs in view (docs/defaults.md).
"""

SMOOTHING = 0.01
"""Weight of edges at random among those that neighbours are judged by."""


AT_ONCE = 2**22
"""Probabilities that are held at a time."""


def confidence(labels: np.ndarray, judge: Judge) -> np.ndarray:
    """Probability of each vertex's cluster, 0 to 1, float32 `[n]`.

    Args:
        labels: clusters, `[n]`.
        judge: the graph's edges, and guesses from its features.
    """
    n, (tail, head), weight = len(labels), judge.edge_index, judge.edge_weight
    weight = np.ones(len(tail)) if weight is None else weight.astype(np.float64)
    adjacency = sp.csr_array((weight, (tail, head)), shape=(n, n))
    by_edges = of_neighbours(labels, adjacency + adjacency.T)
    support = judge.support(labels)
    if judge.guesser is None or support.features is None:
        return np.asarray(by_edges, dtype=np.float32)
    by_features = of_features(labels, judge.guesser)
    edges, features = max(support.edges.share, 0), max(support.features.share, 0)
    part = edges / (edges + features) if edges + features > 0 else 0.5
    return np.asarray(part * by_edges + (1 - part) * by_features, dtype=np.float32)


def of_neighbours(labels: np.ndarray, adjacency: sp.csr_array) -> np.ndarray:
    """Share of its cluster for a vertex, by the clusters of its neighbours, `[n]`."""
    model, found = Blockmodel(labels, adjacency), np.empty(len(labels))
    size = max(1, AT_ONCE // model.num_clusters)
    for first in range(0, len(labels), size):
        rows = slice(first, first + size)
        found[rows] = _of_own(model.shares(rows), labels[rows])
    return found


class Blockmodel:
    """A stochastic blockmodel whose blocks are the clusters, but that a neighbour counts `COUNTS`.

    Args:
        labels: clusters, `[n]`.
        adjacency: weights of edges, `[n, n]`.

    Source: Holland, Laskey & Leinhardt, "Stochastic blockmodels: first steps", 1983.
    """

    def __init__(self, labels: np.ndarray, adjacency: sp.csr_array) -> None:
        n, k = len(labels), int(labels.max()) + 1
        one = sp.csr_array((np.ones(n), labels, np.arange(n + 1)), shape=(n, k))
        self.num_clusters, self._near = k, sp.csr_array(adjacency @ one)
        joined = (one.T @ self._near).toarray()
        joined += SMOOTHING * joined.sum() / k**2 + np.finfo(np.float64).tiny
        of_cluster = joined.sum(axis=1)
        likelihood = np.log(joined / of_cluster[:, None]) - np.log(of_cluster / of_cluster.sum())
        self._of_one = COUNTS / adjacency.data.mean() * likelihood.T
        # Vertices without edges tell nothing of a cluster, though all of them be in one.
        joins = np.diff(self._near.indptr) > 0
        known = labels[joins] if joins.any() else labels
        with np.errstate(divide="ignore"):
            # Of an empty cluster nothing, whatever is joined.
            self._prior = np.log(np.bincount(known, minlength=k) / len(known))

    def shares(self, rows: slice) -> np.ndarray:
        """Share of each cluster for these vertices, by the clusters of their neighbours."""
        score = self._prior + self._near[rows] @ self._of_one
        share = np.exp(score - score.max(axis=1, keepdims=True))
        return np.asarray(share / share.sum(axis=1, keepdims=True))


def of_features(labels: np.ndarray, guesser: Guesser) -> np.ndarray:
    """Share of its cluster for a vertex, by its own features, `[n]`."""
    known = guesser.sampled(labels)
    shares = np.mean(
        [_of_own(_shares(guesses), known) for guesses in guesser.guesses(labels)], axis=0
    )
    if guesser.sample is None:
        return np.asarray(shares)
    found = np.empty(len(labels))
    found[guesser.sample] = shares
    for rows, guesses in guesser.guesses_of_others(labels):
        found[rows] = _of_own(_shares(guesses), labels[rows])
    return found


def _of_own(shares: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The share of a vertex's own cluster, of all `[n, k]`."""
    return np.asarray(shares[np.arange(len(labels)), labels])


def _shares(scores: np.ndarray) -> np.ndarray:
    """Rows of sum 1, of what is positive; zeros where nothing is."""
    share = np.maximum(scores, 0)
    whole = share.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(share, whole, out=np.zeros_like(share), where=whole > 0))
