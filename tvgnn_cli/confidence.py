"""How likely each vertex is in its cluster, by what its own features and its neighbours tell.

A network that is fitted to clusters is sure of them, right or wrong; and so are restarts, which
share its mistakes. Sources that can disagree say more. For each vertex, ridge regression over the
features of other vertices gives a share to each cluster; and so do its neighbours, by how often
edges join their clusters. The two are averaged, each weighted by what it tells of all clusters.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.support import Support, guessed_shares

COUNTS = 0.4
"""Weight of a neighbour of mean weight: neighbours are alike for other reasons than a cluster too.
Chosen with the true classes of dev graphs in view (docs/defaults.md).
"""

SMOOTHING = 0.01
"""Weight of edges at random among those that neighbours are judged by."""


def confidence(
    labels: np.ndarray,
    edge_index: np.ndarray,
    edge_weight: np.ndarray | None,
    probe: np.ndarray | None,
    support: Support,
    seed: int,
) -> np.ndarray:
    """Probability of each vertex's cluster, 0 to 1, float32 `[n]`.

    Args:
        labels: clusters, `[n]`.
        edge_index: undirected edges, int64 `[2, e]`.
        edge_weight: `[e]`; None for 1.
        probe: features of each vertex alone, `[n, p]`; None for none.
        support: what edges and features tell of the clusters.
        seed: of the parts that features are learned from.
    """
    rows, n = np.arange(len(labels)), len(labels)
    weight = np.ones(edge_index.shape[1]) if edge_weight is None else edge_weight
    adjacency = sp.csr_array((weight, (edge_index[0], edge_index[1])), shape=(n, n))
    by_edges = of_neighbours(labels, adjacency + adjacency.T)[rows, labels]
    if probe is None or support.features is None:
        return np.asarray(by_edges, dtype=np.float32)
    by_features = of_features(labels, probe, seed)[rows, labels]
    edges, features = max(support.edges.share, 0), max(support.features.share, 0)
    part = edges / (edges + features) if edges + features > 0 else 0.5
    return np.asarray(part * by_edges + (1 - part) * by_features, dtype=np.float32)


def of_neighbours(labels: np.ndarray, adjacency: sp.csr_array) -> np.ndarray:
    """Share of each cluster for a vertex, by the clusters of its neighbours, `[n, k]`: as in a
    stochastic blockmodel whose blocks are the clusters, but that a neighbour counts `COUNTS`.

    Source: Holland, Laskey & Leinhardt, "Stochastic blockmodels: first steps", 1983.
    """
    k = int(labels.max()) + 1
    one = np.eye(k)[labels]
    near = adjacency @ one
    joined = one.T @ near
    joined += SMOOTHING * joined.sum() / k**2 + np.finfo(np.float64).tiny
    of_cluster = joined.sum(axis=1)
    likelihood = np.log(joined / of_cluster[:, None]) - np.log(of_cluster / of_cluster.sum())
    sizes = np.bincount(labels, minlength=k)
    prior = np.log(np.maximum(sizes / len(labels), np.finfo(np.float64).tiny))
    score = prior + COUNTS / adjacency.data.mean() * near @ likelihood.T
    share = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def of_features(labels: np.ndarray, probe: np.ndarray, seed: int) -> np.ndarray:
    """Share of each cluster for a vertex, by its own features, `[n, k]`."""
    share = np.maximum(guessed_shares(labels, probe, np.random.default_rng(seed)), 0)
    whole = share.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(share, whole, out=np.zeros_like(share), where=whole > 0))
