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

from tvgnn_cli.graph.features import is_sparse, values_of
from tvgnn_cli.prepare.on_device.place import AT_ONCE, device_for
from tvgnn_cli.prepare.points import Points, inertia, lengths, means, nearest

MOST_STEPS = 300

TOO_LARGE = "k-means: values are too large to be squared; try `feature_scaling`"


@dataclass(frozen=True, eq=False)
class Clusters:
    """Outcome of one start.

    Args:
        labels: the nearest centre of each point, int64 `[n]`.
        inertia: sum of the squared distances to these centres.
    """

    labels: np.ndarray
    inertia: float


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
    labels, centres = _descended(points, first_centres(points, num_clusters, random))
    return Clusters(labels, inertia(points, labels, centres))


def _descended(points: Points, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels `[n]` and centres where Lloyd's iteration ends; the centres given may be moved."""
    labels, taken = np.full(len(points), -1), 0
    while taken < MOST_STEPS:
        steps = points.lloyd(labels, centres, MOST_STEPS - taken)
        if steps is not None:
            taken, changed = taken + steps.taken, steps.changed
            if steps.settled:
                return labels, centres
            if not steps.empty:
                break
        else:
            before, labels = labels, nearest(points, centres)
            taken, changed = taken + 1, not np.array_equal(labels, before)
        centres, old = means(points, labels, centres), centres
        if not changed:
            return labels, centres
        if _have_settled(centres - old, points.tolerance):
            break
    return nearest(points, centres), centres


def _have_settled(shift: np.ndarray, tolerance: float) -> bool:
    """Tell whether centres have moved little, all together; to the last digit only near the limit,
    as that takes as long as to find the nearest centres.
    """
    if np.vdot(shift, shift) > 1.01 * tolerance:
        return False
    return bool((lengths(shift) ** 2).sum() <= tolerance)


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
