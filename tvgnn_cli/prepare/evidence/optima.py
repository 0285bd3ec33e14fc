"""Clusterings that k-means finds from different starts, of which evidence chooses.

Inertia tells a good optimum from a poor one, and not from another that is as good: on one graph the
two lowest lie .15 % apart, and are different clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import TrainingError
from tvgnn_cli.machine.library_threads import limited_to
from tvgnn_cli.prepare.kmeans import TOO_LARGE, Clusters, clusterings, extended
from tvgnn_cli.prepare.points import Points

NEAR = 1.005
"""Factor of the lowest inertia up to which another optimum is as good."""

ALIKE = 0.98
"""Share of the vertices that two clusterings have in common which count as one."""

BETTER = 1.002
"""Factor by which a later clustering must beat the best before it."""


OPTIMA = 6
"""Optima whose support is compared."""

SAMPLED = 10**5
"""Vertices up to which k-means sees all of them."""

DENSE = 4
"""Counts of pairs of clusters, per vertex, up to which all of them are held."""

Candidate = TypeVar("Candidate")


def choose(candidates: Sequence[Candidate], support: Callable[[Candidate], float]) -> Candidate:
    """The candidate of most support, where one has to beat those before it by `BETTER`."""
    best = candidates[0]
    if len(candidates) == 1:
        return best
    most = support(best)
    for candidate in candidates[1:]:
        found = support(candidate)
        if found > BETTER * max(most, 0):
            best, most = candidate, found
    return best


@dataclass
class Optima:
    """The clusterings of lowest inertia, lowest first, that differ from each other.

    Args:
        most: of them that are kept.
        found: those so far.
    """

    most: int
    found: list[Clusters] = field(default_factory=list)

    def add_all(self, several: Iterable[Clusters]) -> None:
        """Keep those of several clusterings that are among the best, as `add` does one by one."""
        for clusters in several:
            self.add(clusters)

    def add(self, clusters: Clusters) -> None:
        """Keep a clustering where it is among the best; of equal ones the first. What has no finite
        inertia is none.
        """
        if not np.isfinite(clusters.inertia):
            return
        alike = [one for one in self.found if self.most == 1 or _alike(one, clusters)]
        if any(one.inertia <= clusters.inertia for one in alike):
            return
        kept = [one for one in self.found if not any(one is other for other in alike)]
        kept = sorted([*kept, clusters], key=lambda one: one.inertia)[: self.most]
        self.found = [one for one in kept if not one.inertia > NEAR * kept[0].inertia]


def _alike(one: Clusters, other: Clusters) -> bool:
    """Tell whether either has nearly all of each cluster of the other in one of its own."""
    n, k = len(one.labels), int(max(one.labels.max(), other.labels.max())) + 1
    counts: Any
    if k * k <= DENSE * n:
        counts = np.bincount(one.labels * k + other.labels, minlength=k * k).reshape(k, k)
    else:
        counts = sp.coo_array((np.ones(n), (one.labels, other.labels)), shape=(k, k)).tocsr()
    common = min(counts.max(axis=0).sum(), counts.max(axis=1).sum())
    return bool(common > ALIKE * n)


def grouped(x: Any, config: ClusterConfig, starts: int, most: int) -> Optima:
    """The best clusterings that k-means finds in features `[n, f]`, dense or CSR; of many vertices,
    in a sample of them, whose means are then nearest to the others.
    """
    random, optima = np.random.RandomState(config.seed % 2**32), Optima(most)
    sample = None
    if x.shape[0] > SAMPLED:
        sample = np.sort(random.choice(x.shape[0], SAMPLED, replace=False))
    with limited_to(1), np.errstate(over="ignore", invalid="ignore"):
        seen = x if sample is None else x[sample]
        for together in clusterings(seen, config.clusters, random, starts):
            optima.add_all(together)
        if not optima.found:
            raise TrainingError(TOO_LARGE)
        if sample is not None:
            points = Points(x)
            optima.found = [extended(each, sample, points) for each in optima.found]
    return optima
