"""Start from a given partition, made whole: vertices without a cluster, and clusters that lack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.machine.library_threads import limited_to
from tvgnn_cli.prepare.kmeans import Clusters, cluster_points, extended
from tvgnn_cli.prepare.points import Points

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Partitions:
    """Clusters that a training is given, `[n]` in input order, -1 for none.

    Args:
        start: those that all restarts start from; None for those that k-means finds for each.
        fixed: those that some vertices keep, from 0, each with a vertex; None for none.
        network: weights by name that the network starts with, in the place of a warm start towards
            `start`, which they give; its clusters keep their places. None for none.
    """

    start: np.ndarray | None = None
    fixed: np.ndarray | None = None
    network: dict[str, Tensor] | None = None

    def in_order(self, order: np.ndarray) -> Partitions:
        """The same in the order of training, whose input positions are given."""
        start, fixed = (None if each is None else each[order] for each in (self.start, self.fixed))
        return Partitions(start, fixed, self.network)

    @property
    def num_fixed(self) -> int:
        """Number of clusters that some vertices keep."""
        return 0 if self.fixed is None else int(self.fixed.max()) + 1


NOTHING = Partitions()


def whole_start(x: Any, labels: np.ndarray, k: int, seed: int) -> np.ndarray:
    """The clusters that training starts from, int64 `[n]`, from 0 to k - 1.

    A vertex without a cluster gets that of the nearest mean, in the features that the network sees,
    which are those of a vertex and its neighbours. Where fewer clusters are there than are wanted,
    the largest is split in two by k-means, again and again.

    Args:
        x: features of the network, `[n, f]`, dense or CSR.
        labels: given clusters, `[n]`; -1 for none.
        k: clusters that are wanted, no fewer than are given.
        seed: of k-means.
    """
    random = np.random.RandomState(seed % 2**32)
    with limited_to(1), np.errstate(over="ignore", invalid="ignore"):
        found = _filled(x, labels)
        while True:
            sizes = np.bincount(found, minlength=k)
            free, largest = np.flatnonzero(sizes == 0), int(sizes.argmax())
            if not len(free) or sizes[largest] < 2:
                return found
            found = _halved(x, found, largest, int(free[0]), random)


def _filled(x: Any, labels: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(labels != UNKNOWN)
    if len(known) == len(labels):
        return labels.copy()
    nearest = extended(Clusters(labels[known], 0.0), known, Points(x)).labels
    found: np.ndarray = np.where(labels == UNKNOWN, nearest, labels)
    return found


def _halved(
    x: Any, labels: np.ndarray, cluster: int, free: int, random: np.random.RandomState
) -> np.ndarray:
    """With a part of a cluster in another that has no vertices."""
    members = np.flatnonzero(labels == cluster)
    halves = cluster_points(Points(x[members]), 2, random).labels
    if halves.min() == halves.max():  # vertices that are all alike
        halves = np.arange(len(members)) * 2 // len(members)
    found = labels.copy()
    found[members[halves == 1]] = free
    return found
