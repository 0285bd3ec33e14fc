"""k-means: Lloyd's iteration from a greedy k-means++ start.

Sources: Lloyd, "Least squares quantization in PCM", 1982; Arthur & Vassilvitskii, "k-means++: the
advantages of careful seeding", SODA 2007, with several candidates for each centre, of which the
best is taken. Random numbers are drawn, distances rounded and ties broken as scikit-learn's
`KMeans` does, so that both find the same clusters from the same random state. That library's import
alone takes longer than to cluster a small graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.features import is_sparse, values_of
from tvgnn_cli.prepare.on_device.place import AT_ONCE, device_for

MOST_STEPS = 300

TOO_LARGE = "k-means: values are too large to be squared; try `feature_scaling`"

TOLERANCE = 1e-4
"""Squared shift of all centres, over the mean variance of a feature, at which they have settled."""

BLOCK = 2**12
"""Points whose distances to all centres are held at once."""

SIDE_BY_SIDE = 4
"""Squares of differences that are added to each other before they are added to the others."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """Outcome of one start.

    Args:
        labels: the nearest centre of each point, int64 `[n]`.
        inertia: sum of the squared distances to these centres.
    """

    labels: np.ndarray
    inertia: float


class Points:
    """Points `[n, f]`, and what every start needs of them.

    Args:
        x: float32 or float64, dense or CSR. Dense points are moved so that their mean is 0, which
            keeps digits of the distances.
    """

    def __init__(self, x: Any) -> None:
        self.is_sparse = is_sparse(x)
        if self.is_sparse:
            self.x = sp.csr_array(x)
            mean = self.x.mean(axis=0)
            variance = self.x.multiply(self.x).mean(axis=0) - mean**2
        else:
            self.x = np.ascontiguousarray(x) - x.mean(axis=0)
            variance = np.var(self.x, axis=0)
        self.tolerance = float(np.mean(variance) * TOLERANCE)

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def rows(self, which: np.ndarray) -> np.ndarray:
        """Some points, dense, `[len(which), f]`."""
        found = self.x[which]
        return np.asarray(found.toarray() if self.is_sparse else found)

    def blocks(self) -> Iterator[tuple[slice, Any]]:
        """All points, in blocks, with their places."""
        for first in range(0, len(self), BLOCK):
            place = slice(first, first + BLOCK)
            yield place, self.x[place]

    def squared_distances(self, others: np.ndarray) -> np.ndarray:
        """From `others` `[m, f]` to all points, `[m, n]`, computed in double precision."""
        ends = others.astype(np.float64)
        found = np.empty((len(others), len(self)), dtype=self.x.dtype)
        for place, block in self.blocks():
            block = block.astype(np.float64, copy=False)
            between = -2 * _transposed_product(ends, block)
            between += _squared_norms(ends)[:, None]
            between += _squared_norms(block)[None, :]
            found[:, place] = between
        return np.maximum(found, 0, out=found)


ROUNDS = 10
"""Rounds of Lloyd's iteration from a start, about."""

STARTS_AT_MOST, OF_VERTICES, OF_DISTANCES = 100, 6 * 10**5, 4 * 10**8
"""k-means starts at most; and vertices of all starts together, and numbers that their distances to
centres are made of, above those of three.
"""


def initialisations(x: Any, num_clusters: int) -> int:
    """k-means starts on points `[n, f]`, dense or CSR: 100 for up to 6,000, fewer for more or where
    many clusters in many dimensions take long, at least 3.

    With 30 one seed in ten still ends in a poor optimum on Cora; with 100 none of ten did.
    """
    numbers = max(int(values_of(x).size), 1)
    most = min(OF_VERTICES // max(x.shape[0], 1), OF_DISTANCES // (numbers * num_clusters))
    return int(min(STARTS_AT_MOST, max(3, most)))


def clusterings(
    x: Any, num_clusters: int, random: np.random.RandomState, starts: int, first: int = 0
) -> Iterator[list[Clusters]]:
    """Make k-means starts on points `[n, f]`, dense or CSR: one at a time, or on a device several.
    Between two of these lists `random` is all that the next one depends on.

    Args:
        x: the points.
        num_clusters: of each start.
        random: what starts are drawn from.
        starts: all of them, which the choice of a device goes by.
        first: the first that is made, where those before are there: a search that goes on is made
            where it began.
    """
    n, wide = x.shape[0], max(num_clusters, draws_of_a_centre(num_clusters))
    together = max(1, AT_ONCE // max(n * wide, 1))
    held = 0 if is_sparse(x) else 2 * x.size + 3 * min(together, starts) * n * wide
    device = device_for(held, ROUNDS * starts * x.size * num_clusters) if held else None
    if device is None:
        points = Points(x)
        for _ in range(first, starts):
            yield [cluster_points(points, num_clusters, random)]
        return
    from tvgnn_cli.prepare.on_device.clusters import many_clusters

    for begin in range(first, starts, together):
        seed = int(random.randint(2**31))
        yield many_clusters(x, num_clusters, min(together, starts - begin), seed, device)


def cluster_points(points: Points, num_clusters: int, random: np.random.RandomState) -> Clusters:
    """The clusters that Lloyd's iteration finds from one k-means++ start.

    Values so large that their squares overflow give an inertia that is no finite number.
    """
    centres = first_centres(points, num_clusters, random)
    labels = np.full(len(points), -1)
    for _ in range(MOST_STEPS):
        before, labels = labels, nearest(points, centres)
        centres, old = _means(points, labels, centres), centres
        if np.array_equal(labels, before):
            break
        if (_lengths(centres - old) ** 2).sum() <= points.tolerance:
            labels = nearest(points, centres)
            break
    else:
        labels = nearest(points, centres)
    return Clusters(labels, _inertia(points, labels, centres))


def extended(clusters: Clusters, sample: np.ndarray, points: Points) -> Clusters:
    """The clusters that a sample of the points `[m]` is in, of all: those of the nearest means.
    Their inertia remains the sample's.
    """
    present = np.unique(clusters.labels)
    members = [sample[clusters.labels == cluster] for cluster in present]
    centres = np.stack([np.asarray(points.x[each].mean(axis=0)).ravel() for each in members])
    return Clusters(present[nearest(points, centres)], clusters.inertia)


def first_centres(points: Points, num_clusters: int, random: np.random.RandomState) -> np.ndarray:
    """Centres `[k, f]` among the points, far from each other: each is drawn with a chance in
    proportion to its squared distance to those before, `2 + log k` times, and the draw that lowers
    the distances most is kept.
    """
    tries = draws_of_a_centre(num_clusters)
    ones = np.ones(len(points), dtype=points.x.dtype)
    chosen = [int(random.choice(len(points), p=ones / ones.sum()))]
    nearest_yet = points.squared_distances(points.rows(np.array(chosen)))[0]
    total = nearest_yet @ ones
    for _ in range(1, num_clusters):
        drawn = random.uniform(size=tries) * total
        candidates = np.searchsorted(np.cumsum(nearest_yet), drawn)
        np.minimum(candidates, len(points) - 1, out=candidates)  # sums are rounded
        distances = points.squared_distances(points.rows(candidates))
        np.minimum(nearest_yet, distances, out=distances)
        totals = distances @ ones
        best = int(np.argmin(totals))
        nearest_yet, total = distances[best], totals[best]
        chosen.append(int(candidates[best]))
    return points.rows(np.array(chosen))


def draws_of_a_centre(num_clusters: int) -> int:
    """Number of points of which the best becomes the next of the first centres."""
    return 2 + int(np.log(num_clusters))


def nearest(points: Points, centres: np.ndarray) -> np.ndarray:
    """The nearest of the centres `[k, f]` to each point, the first of several, int64 `[n]`."""
    norms = _squared_norms(centres)
    labels = np.empty(len(points), dtype=np.int64)
    for place, block in points.blocks():
        between = block @ centres.T
        between *= -2
        between += norms
        between.argmin(axis=1, out=labels[place])
    return labels


def _means(points: Points, labels: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The mean of each cluster's points, `[k, f]`; a cluster that none is nearest to takes the
    point that is farthest from its own centre.
    """
    sizes = np.bincount(labels, minlength=len(centres))
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    members = np.argsort(labels, kind="stable")
    one = np.ones(len(labels), dtype=points.x.dtype)
    sums = sp.csr_array((one, members, bounds), shape=(len(centres), len(labels))) @ points.x
    sums = sums.toarray() if points.is_sparse else sums
    if (sizes == 0).any():
        _fill_empty(points, labels, centres, sums, sizes)
    scale = 1 / np.maximum(sizes, 1).astype(sums.dtype)
    return np.asarray(sums * scale[:, None])


def _fill_empty(
    points: Points, labels: np.ndarray, centres: np.ndarray, sums: np.ndarray, sizes: np.ndarray
) -> None:
    """Move the farthest points into the clusters that are empty, one each."""
    empty = np.flatnonzero(sizes == 0)
    distances = _to_own_centre(points, labels, centres)
    if not distances.max() > 0:
        return  # fewer distinct points than clusters
    far = np.argpartition(distances, -len(empty))[: -len(empty) - 1 : -1]
    rows = points.rows(far)
    for new, point, row in zip(empty, far, rows, strict=True):
        sums[labels[point]] -= row
        sums[new] = row
        sizes[labels[point]] -= 1
        sizes[new] = 1


def _to_own_centre(points: Points, labels: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The squared distance of each point to the centre of its cluster, `[n]`."""
    found = np.empty(len(points), dtype=points.x.dtype)
    for place, block in points.blocks():
        own = labels[place]
        if points.is_sparse:
            inner = block.multiply(centres[own]).sum(axis=1)
            found[place] = _squared_norms(block) - 2 * inner + _squared_norms(centres)[own]
        else:
            found[place] = _squares(block - centres[own])
    return np.maximum(found, 0, out=found)


def _inertia(points: Points, labels: np.ndarray, centres: np.ndarray) -> float:
    """Summed in the order of the points, in their precision: starts that find the same clusters
    differ by what is rounded, and the one that is kept must not depend on the machine.
    """
    return float(np.add.accumulate(_to_own_centre(points, labels, centres))[-1])


def _squares(rows: np.ndarray) -> np.ndarray:
    """The squared length of each row, added up from the left by fours, `[n]`."""
    squared = rows * rows
    total = np.zeros(len(rows), dtype=rows.dtype)
    whole = rows.shape[1] // SIDE_BY_SIDE * SIDE_BY_SIDE
    for first in range(0, whole, SIDE_BY_SIDE):
        a, b, c, d = squared[:, first : first + SIDE_BY_SIDE].T
        total += a + b + c + d
    for column in range(whole, rows.shape[1]):
        total += squared[:, column]
    return total


def _lengths(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(_squares(rows)))


def _squared_norms(rows: Any) -> np.ndarray:
    """The squared length of each row, dense or CSR, `[n]`."""
    if is_sparse(rows):
        return np.asarray(rows.multiply(rows).sum(axis=1))
    return np.asarray(np.einsum("ij,ij->i", rows, rows))


def _transposed_product(left: np.ndarray, right: Any) -> np.ndarray:
    """`left @ right.T` for dense `left` `[m, f]` and dense or CSR `right` `[n, f]`."""
    return np.asarray((right @ left.T).T if is_sparse(right) else left @ right.T)
