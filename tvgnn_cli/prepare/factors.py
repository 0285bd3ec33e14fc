"""Combinations of features in which neighbours are alike: maximum autocorrelation factors.

What features vary by most need not be what the graph is about. A factor is a combination of them in
which the two ends of an edge agree as much as they can, measured by the correlation between the
two; the next one agrees as much as it can while uncorrelated with those before.

Source: Switzer & Green, "Min/max autocorrelation factors for multivariate spatial imagery", 1984,
where a pixel's neighbours stand in the place of a vertex's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.machine.library_threads import limited_to
from tvgnn_cli.prepare.feature_scaling import inverse
from tvgnn_cli.prepare.on_device.place import AT_ONCE, device_for
from tvgnn_cli.prepare.sparse_products import scaled_on_both_sides

ROWS = 2**15
"""Vertices whose features the CPU multiplies at a time."""

LEAST_RIDGE, TINY = 1e-9, float(np.finfo(np.float32).tiny)
"""Ridge that keeps features which depend on each other, or are constant, from dividing by 0."""


@dataclass(frozen=True)
class Factors:
    """Combinations of features, most alike at the ends of an edge first.

    Args:
        directions: weights of each feature, `[f, d]`.
        likeness: correlation between the two ends of an edge, 0 to 1, `[d]`.
        mean: of each feature, `[f]`.
    """

    directions: np.ndarray
    likeness: np.ndarray
    mean: np.ndarray


@dataclass(frozen=True)
class Covariances:
    """Covariances of features of a vertex, and of those at the two ends of an edge.

    Args:
        mean: of each feature, `[f]`.
        own: at one vertex, `[f, f]`.
        across: between the ends, `[f, f]`, symmetric.
    """

    mean: np.ndarray
    own: np.ndarray
    across: np.ndarray


def edge_covariances(graph: Graph, x: np.ndarray) -> Covariances:
    """Measure the covariances over the edges of a graph.

    An edge counts by its weight over the root of the product of its ends' degrees, so that a vertex
    of many neighbours weighs as much as one of few.

    Args:
        graph: its edges.
        x: features of each vertex by itself, `[n, f]`.
    """
    mean, f = x.mean(axis=0, dtype=np.float64), x.shape[1]
    work = (f + 2 * graph.num_edges / len(x)) * x.size
    device = device_for(5 * x.size + 2 * AT_ONCE + 8 * f * f, work)
    if device is not None:
        from tvgnn_cli.prepare.on_device.covariances import covariance_sums

        own, across, weight = covariance_sums(graph, x, mean, device)
        return Covariances(mean, own / len(x), (across + across.T) / (2 * weight))
    # As precise as the features: else each product would copy all of them.
    step = inverse(np.sqrt(graph.degrees))
    near = scaled_on_both_sides(graph.adjacency, step).astype(x.dtype)
    covariance, between = np.zeros((f, f)), np.zeros((f, f))
    with limited_to(1):
        for first in range(0, len(x), ROWS):
            rows = slice(first, first + ROWS)
            own, beside = x[rows] - mean, near[rows]
            covariance += own.T @ own / len(x)
            between += own.T @ (beside @ x - np.outer(beside.sum(axis=1), mean))
    return Covariances(mean, covariance, (between + between.T) / (2 * near.sum()))


def autocorrelation_factors(of: Covariances, size: int, ridge: float) -> Factors:
    """Solve `E v = l (C + r I) v` for the factors of largest l: C is the covariance of the
    features `[f, f]`, E that between the two ends of an edge, r the ridge, over the mean variance
    of a feature.

    Args:
        of: C and E.
        size: most factors, d.
        ridge: at least 0; the larger, the more a factor has to vary to count.
    """
    f = len(of.mean)
    mean_variance = np.trace(of.own) / f
    penalty = (max(ridge, LEAST_RIDGE) * mean_variance + TINY) * np.eye(f)
    kept = [max(f - size, 0), f - 1]
    with limited_to(1):
        likeness, directions = eigh(of.across, of.own + penalty, subset_by_index=kept)
    likeness, directions = likeness[::-1], directions[:, ::-1]
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(len(likeness))]
    return Factors(directions * np.sign(largest), np.clip(likeness, 0, 1), of.mean)
