"""Objective that training lowers on one graph: Eq. 17, or the loss of another method; and the
weight of its balance term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.baselines.losses import LOSSES, TwoTerms
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.methods import METHODS
from tvgnn_cli.train.tensors import TrainingData

LEAST_BALANCE = 0.01
"""Weight of the balance loss where the start cuts next to nothing."""

UNEVEN = 1 / 3
"""Balance loss of a start up to which the balance weight is its cut."""

LEAST_EVENNESS = 0.1
"""Evenness that a start in one cluster counts as, so that the weight stays finite."""

PAPER_RATIO = 0.514 / 0.785
"""Table 5's balance weight over its total variation weight."""


UNDECIDED = 0.9
"""Balance loss above which an assignment says next to nothing (uniform, or one cluster: 1)."""


class Loss(NamedTuple):
    """The total loss of another method and its two terms, unweighted; scalars."""

    total: Tensor
    cut: Tensor
    balance: Tensor


AnyLoss = F.Loss | Loss
"""A total, and its two terms in the order of their names."""


class Objective(Protocol):
    """A loss of two weighted terms on one graph."""

    @property
    def data(self) -> TrainingData:
        """The graph."""

    @property
    def balance_coeff(self) -> float:
        """Weight of the second term."""

    @property
    def names(self) -> tuple[str, str]:
        """Names of the terms in the metrics."""

    def __call__(self, assignment: Tensor) -> AnyLoss:
        """The loss of an assignment `[n, k]`."""

    def is_undecided(self, loss: AnyLoss) -> bool:
        """Tell whether an assignment of this loss is on the plateau that training has
        yet to leave.
        """


@dataclass(frozen=True, eq=False)
class TwoTermObjective:
    """The loss of another method on one graph."""

    data: TrainingData
    terms: TwoTerms
    cut_coeff: float
    balance_coeff: float

    @property
    def names(self) -> tuple[str, str]:
        return self.terms.names

    def __call__(self, assignment: Tensor) -> Loss:
        graph = self.data.edge_index, self.data.edge_weight
        cut = self.terms.cut(assignment, *graph)
        balance = self.terms.balance(assignment, *graph)
        return Loss(self.cut_coeff * cut + self.balance_coeff * balance, cut, balance)

    def is_undecided(self, loss: AnyLoss) -> bool:  # noqa: ARG002
        return False


@dataclass(frozen=True, eq=False)
class TotalVariationObjective:
    """Eq. 17 on one graph."""

    data: TrainingData
    totvar_coeff: float
    balance_coeff: float
    rho: float | None
    names: tuple[str, str] = ("totvar_loss", "balance_loss")

    def is_undecided(self, loss: AnyLoss) -> bool:
        return loss.balance.item() > UNDECIDED

    def __call__(self, assignment: Tensor) -> F.Loss:
        return F.tvgnn_loss(
            assignment,
            self.data.edge_index,
            self.data.edge_weight,
            totvar_coeff=self.totvar_coeff,
            balance_coeff=self.balance_coeff,
            rho=self.rho,
            variation=kernels.total_variation,
            norm=kernels.asymmetric_norm,
        )

    def combine(self, totvar: Tensor, balance: Tensor) -> F.Loss:
        """Eq. 17 from its two parts."""
        return F.total_loss(totvar, balance, self.totvar_coeff, self.balance_coeff)


def make_objective(config: ClusterConfig, data: TrainingData, balance_coeff: float) -> Objective:
    """The loss of the configuration's method on one graph."""
    loss = METHODS[config.method].loss
    if loss == "tvgnn":
        return TotalVariationObjective(data, config.totvar_coeff, balance_coeff, config.rho)
    return TwoTermObjective(data, LOSSES[loss], config.totvar_coeff, balance_coeff)


def seeks_balance(config: ClusterConfig) -> bool:
    """Tell whether the weight of the balance loss is to be found from a start."""
    of_totvar = METHODS[config.method].loss == "tvgnn"
    return of_totvar and config.balance_coeff is None and config.init == "kmeans"


def settle_balance_coeff(config: ClusterConfig, data: TrainingData, labels: Tensor | None) -> float:
    """The weight of the balance loss: given, or by a heuristic that makes collapse pay little.

    All vertices in one cluster have L_GTV 0 and L_AN 1. With the weight at `totvar_coeff` times
    the L_GTV of the k-means labels, that scores what the cut of the start alone scores, for
    graphs whose best partition cuts 5 % of the edges and for those where it cuts half. A start
    of clusters more uneven than `UNEVEN` would still lose to it, and gets a larger weight.
    Without such labels it is the paper's ratio to `totvar_coeff`. The losses of other methods have
    a weight of their own.
    """
    loss = METHODS[config.method].loss
    if config.balance_coeff is not None:
        return config.balance_coeff
    if loss != "tvgnn":
        return LOSSES[loss].balance_coeff
    if labels is None:
        return PAPER_RATIO * config.totvar_coeff
    start = torch.nn.functional.one_hot(labels, config.num_clusters or -1).to(data.x.dtype)
    graph = data.edge_index, data.edge_weight
    cut = F.totvar_loss(start, *graph, variation=kernels.total_variation).item()
    evenness = max(1 - F.asym_norm_loss(start).item(), LEAST_EVENNESS)
    uneven = max(1.0, ((1 - UNEVEN) / evenness) ** 2)
    return config.totvar_coeff * max(cut, LEAST_BALANCE) * uneven
