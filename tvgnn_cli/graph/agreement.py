"""Agreement of two labellings of the same vertices."""

from __future__ import annotations

import numpy as np

MOST_PAIRS = 2**18
"""Pairs of labels up to which all are counted, whether they occur or not."""


def contingency(labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Vertices in each cluster and class, int64 `[clusters, classes]`."""
    shape = int(labels.max()) + 1, int(classes.max()) + 1
    return np.bincount(labels * shape[1] + classes, minlength=shape[0] * shape[1]).reshape(shape)


def counted_pairs(
    first: np.ndarray, second: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of labels that occur: the one, the other, and how often, or with what weight: `[p]`
    each.
    """
    k = int(second.max()) + 1
    pairs, most = first * k + second, (int(first.max()) + 1) * k
    if most > MOST_PAIRS:
        pairs, place = np.unique(pairs, return_inverse=True)
        counts = np.bincount(place, weight)
    else:
        counts = np.bincount(pairs, weight, most)
        pairs = np.flatnonzero(counts)
        counts = counts[pairs]
    one, other = np.divmod(pairs, k)
    return one, other, counts


def adjusted_rand_index(labels: np.ndarray, classes: np.ndarray) -> float:
    """ARI, at most 1, and 0 on average for random labels."""
    n, (_, _, counts) = len(labels), counted_pairs(labels, classes)
    together = int((counts**2).sum())
    by_cluster, by_class = (int((np.bincount(each) ** 2).sum()) for each in (labels, classes))
    # Ordered pairs of vertices: in one cluster and one class, in one of the two, in neither.
    both, only_cluster = together - n, by_cluster - together
    only_class = by_class - together
    neither = n**2 - by_cluster - by_class + together
    if not only_cluster and not only_class:
        return 1.0
    return (2.0 * (both * neither - only_cluster * only_class)) / (
        (both + only_cluster) * (only_cluster + neither)
        + (both + only_class) * (only_class + neither)
    )
