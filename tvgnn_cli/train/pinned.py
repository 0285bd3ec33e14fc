"""Vertices whose cluster is given: in the start, and in the loss.

To a loss L of the assignment S it adds `-1/|F| sum_{v in F} log S[v, c(v)]`, the mean cross entropy
of the fixed vertices F with their clusters c, of weight 1.

Source: the supervised term of Kipf & Welling, "Semi-supervised classification with graph
convolutional networks", ICLR 2017, Eq. 10, beside Eq. 17 of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.graph.labels import UNKNOWN, number_by_size
from tvgnn_cli.graph.matching import best_matching, overlap_of
from tvgnn_cli.train.objective import AnyLoss, Objective, PinnedLoss, Weights
from tvgnn_cli.train.tensors import TrainingData

PINNED = "fixed_loss"
"""Name of the term in the metrics."""

LEAST = 1e-12
"""Probability below which the cross entropy grows no further."""


@dataclass(frozen=True, eq=False)
class PinnedObjective:
    """An objective, and the cross entropy of the fixed vertices.

    Args:
        inner: the objective.
        vertices: the fixed ones, `[f]`.
        clusters: theirs, `[f]`.
    """

    inner: Objective
    vertices: Tensor
    clusters: Tensor

    @classmethod
    def of(cls, inner: Objective, fixed: np.ndarray) -> PinnedObjective:
        """The objective with clusters `[n]` in the order of training; -1 for vertices that are
        free.
        """
        rows, device = np.flatnonzero(fixed != UNKNOWN), inner.data.device
        return cls(
            inner, torch.from_numpy(rows).to(device), torch.from_numpy(fixed[rows]).to(device)
        )

    @property
    def data(self) -> TrainingData:
        return self.inner.data

    @property
    def weights(self) -> Weights:
        return self.inner.weights

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.inner.names, PINNED)

    def __call__(self, assignment: Tensor) -> AnyLoss:
        loss = self.inner(assignment)
        share = assignment[self.vertices, self.clusters]
        pinned = -torch.log(share.clamp_min(LEAST)).mean()
        return PinnedLoss(loss.total + pinned, *loss[1:], pinned)

    def is_undecided(self, loss: AnyLoss) -> bool:
        return self.inner.is_undecided(loss)


def with_fixed(labels: np.ndarray, fixed: np.ndarray, k: int) -> np.ndarray:
    """Clusters of a start whose first ones are the fixed ones, int64 `[n]`; -1 for vertices that
    are in neither.

    Each cluster of the start becomes the fixed one that it is matched with, by the fixed vertices
    in both. Of the others the largest keep their vertices, as many as there is a place for.

    Args:
        labels: the start, `[n]`, from 0; -1 for none.
        fixed: `[n]`, from 0; -1 for vertices that are free.
        k: clusters that are wanted.
    """
    count, there = int(fixed.max()) + 1, labels != UNKNOWN
    of_start = int(labels.max(initial=-1)) + 1
    place = best_matching(overlap_of(labels, fixed, of_start, count))
    order = np.argsort(number_by_size(labels[there], of_start))
    free = order[place[order] == UNKNOWN][: k - count]
    place[free] = count + np.arange(len(free))
    return np.where(fixed != UNKNOWN, fixed, np.append(place, UNKNOWN)[labels])
