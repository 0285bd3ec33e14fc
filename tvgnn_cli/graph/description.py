"""Length of a description of a graph's edges that names the clusters of its vertices first."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import gammaln, spence

from tvgnn_cli.graph.agreement import counted_pairs

STEPS = 100
"""Steps of the fixed point of `log_partitions`, most of which one of ten already reaches."""

FEW = 0.25
"""Power of a number below which parts are few, for `log_partitions`."""


def description_length(
    labels: np.ndarray, edge_index: np.ndarray, edge_weight: np.ndarray | None = None
) -> float:
    """Compute the bits that it takes to say the clusters, how many edges are inside and between
    them, the degrees, and then the edges: the degree-corrected stochastic blockmodel, with a
    uniform prior of the counts and the degrees' distribution in each cluster told before them.

    More clusters make the edges cheaper to say and are themselves dearer; where a graph has
    clusters, the description is shortest with these. It takes no notice of which are alike.

    Args:
        labels: cluster of each vertex, int64 `[n]`, from 0.
        edge_index: undirected edges, int64 `[2, e]`.
        edge_weight: `[e]`; a weight counts as so many edges, once weights are of mean 1.

    Source: Peixoto, "Nonparametric Bayesian inference of the microcanonical stochastic block
    model", Physical Review E 95, 2017: uniform hyperprior of the degrees' distribution.
    """
    used, labels = np.unique(labels, return_inverse=True)
    n, k = len(labels), len(used)
    if not n:
        return 0.0
    tail, head = labels[edge_index]
    one = None if edge_weight is None else edge_weight / max(edge_weight.mean(), 1e-300)
    pairs = counted_pairs(np.minimum(tail, head), np.maximum(tail, head), one)
    edges = edge_index.shape[1]
    sizes = np.bincount(labels).astype(float)
    nats = _of_clusters(sizes) + _of_counts(k, edges)
    nats += _of_edges(k, *pairs)
    nats += _of_degrees(labels, sizes, edge_index)
    return float(nats) / math.log(2)


def bits_saved(
    labels: np.ndarray, edge_index: np.ndarray, edge_weight: np.ndarray | None = None
) -> float:
    """Compute the bits an edge by which naming the clusters shortens the description: below 0 where
    the clusters cost more than they save; arguments as of `description_length`.
    """
    if not edge_index.shape[1]:
        return 0.0
    alone = np.zeros(len(labels), dtype=np.int64)
    given = edge_index, edge_weight
    saved = description_length(alone, *given) - description_length(labels, *given)
    return float(saved / edge_index.shape[1])


def _of_clusters(sizes: np.ndarray) -> float:
    """Nats of the number of clusters, their sizes, and who is in which."""
    n, k = sizes.sum(), len(sizes)
    return float(_log_choose(n - 1, k - 1) + gammaln(n + 1) - gammaln(sizes + 1).sum() + np.log(n))


def _of_counts(k: int, edges: int) -> float:
    """Nats of the number of edges between any two of k clusters."""
    return float(_log_choose(k * (k + 1) / 2 + edges - 1, edges))


def _of_edges(k: int, one: np.ndarray, other: np.ndarray, count: np.ndarray) -> float:
    """Nats of the edges, given their counts and the degrees, but for what the degrees take off."""
    inside = count[one == other]
    ends = np.bincount(one, count, k) + np.bincount(other, count, k)
    within = (inside * math.log(2) + gammaln(inside + 1)).sum()
    between = gammaln(count[one != other] + 1).sum()
    return float(gammaln(ends + 1).sum() - within - between)


def _of_degrees(labels: np.ndarray, sizes: np.ndarray, edge_index: np.ndarray) -> float:
    """Nats of the degrees, given the ends of edges in each cluster: how many vertices have which,
    and who has it; less what the degrees take off the edges.
    """
    degree = np.bincount(edge_index.ravel(), minlength=len(labels))
    ends = np.bincount(labels, degree, len(sizes))
    _, alike = np.unique(labels * (int(degree.max()) + 1) + degree, return_counts=True)
    said = log_partitions(ends, sizes) + gammaln(sizes + 1)
    return float(said.sum() - gammaln(alike + 1.0).sum() - gammaln(degree + 1.0).sum())


def log_partitions(number: Any, parts: Any) -> np.ndarray:
    """Compute the logarithm of the number of ways to write a number as a sum of at most so many
    others, approximately: within 5 % from ten on.

    Source: Szekeres, "Some asymptotic formulae in the theory of partitions (II)", Quarterly
    Journal of Mathematics 4, 1953; few parts: Erdos & Lehner 1941.
    """
    number, parts = np.broadcast_arrays(np.asarray(number, float), np.asarray(parts, float))
    some = (number > 0) & (parts > 0)
    m = np.where(some, number, 1.0)
    k = np.minimum(np.where(some, parts, 1.0), m)
    root = np.sqrt(m)
    u = k / root
    v = u
    for _ in range(STEPS):
        v = u * np.sqrt(spence(np.exp(-v)))
    shrunk = np.log1p(-np.exp(-v) * (1 + u * u / 2)) / 2
    scale = np.log(v) - shrunk - 1.5 * math.log(2) - np.log(u) - math.log(math.pi)
    many = scale - np.log(m) + root * (2 * v / u - u * np.log1p(-np.exp(-v)))
    few = _log_choose(m - 1, k - 1) - gammaln(k + 1)
    return np.where(some, np.maximum(np.where(k < m**FEW, few, many), 0.0), 0.0)


def _log_choose(n: Any, k: Any) -> Any:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
