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
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.methods import METHODS
from tvgnn_cli.nn.other_losses import LOSSES, TwoTerms
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


class FullLoss(NamedTuple):
    """The total loss of TVGNN where features count too, and its terms, unweighted; scalars."""

    total: Tensor
    totvar: Tensor
    balance: Tensor
    near: Tensor
    spread: Tensor


class PinnedLoss(tuple[Tensor, ...]):
    """The total loss of any of these with the cross entropy of fixed vertices, its terms, and that
    at the end; scalars.
    """

    __slots__ = ()

    def __new__(cls, *terms: Tensor) -> PinnedLoss:
        return super().__new__(cls, terms)

    @property
    def total(self) -> Tensor:
        return self[0]

    @property
    def balance(self) -> Tensor:
        return self[2]


AnyLoss = F.Loss | Loss | FullLoss | PinnedLoss
"""A total, and its terms in the order of their names."""


@dataclass(frozen=True)
class Weights:
    """Weights of the terms of a loss.

    Args:
        totvar: of the total variation over edges, or of what has its place in another loss.
        balance: of the balance loss, or of what has its place.
        near: of the total variation over pairs that are near by features.
        spread: of the spread of features inside clusters.
    """

    totvar: float
    balance: float
    near: float = 0.0
    spread: float = 0.0


class Objective(Protocol):
    """A loss of weighted terms on one graph."""

    @property
    def data(self) -> TrainingData:
        """The graph."""

    @property
    def weights(self) -> Weights:
        """Weights of the terms."""

    @property
    def names(self) -> tuple[str, ...]:
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
    weights: Weights

    @property
    def names(self) -> tuple[str, ...]:
        return self.terms.names

    def __call__(self, assignment: Tensor) -> Loss:
        cut = self.terms.cut(assignment, self.data.graph)
        balance = self.terms.balance(assignment, self.data.graph)
        return Loss(self.weights.totvar * cut + self.weights.balance * balance, cut, balance)

    def is_undecided(self, loss: AnyLoss) -> bool:  # noqa: ARG002
        return False


@dataclass(frozen=True, eq=False)
class TotalVariationObjective:
    """Eq. 17 on one graph."""

    data: TrainingData
    weights: Weights
    rho: float | None
    names: tuple[str, ...] = ("totvar_loss", "balance_loss")

    def is_undecided(self, loss: AnyLoss) -> bool:
        return loss.balance.item() > UNDECIDED

    def __call__(self, assignment: Tensor) -> F.Loss:
        totvar = kernels.totvar_loss(assignment, self.data.graph)
        return self.combine(totvar, kernels.asym_norm_loss(assignment, self.rho))

    def combine(self, totvar: Tensor, balance: Tensor) -> F.Loss:
        """Eq. 17 from its two parts."""
        return F.total_loss(totvar, balance, self.weights.totvar, self.weights.balance)


@dataclass(frozen=True, eq=False)
class MumfordShahObjective:
    """Eq. 17 on one graph and on pairs that are near by features, and the spread of features inside
    clusters.
    """

    data: TrainingData
    weights: Weights
    rho: float | None
    names: tuple[str, ...] = ("totvar_loss", "balance_loss", "near_loss", "spread_loss")

    def is_undecided(self, loss: AnyLoss) -> bool:
        return loss.balance.item() > UNDECIDED

    def __call__(self, assignment: Tensor) -> FullLoss:
        weights, data = self.weights, self.data
        totvar = kernels.totvar_loss(assignment, data.graph)
        balance = kernels.asym_norm_loss(assignment, self.rho)
        total = weights.totvar * totvar + weights.balance * balance
        near = spread = torch.zeros_like(total)
        if data.near is not None:
            near = kernels.totvar_loss(assignment, data.near)
            total = total + weights.near * near
        if weights.spread:
            spread = F.spread_loss(assignment, data.x)
            total = total + weights.spread * spread
        return FullLoss(total, totvar, balance, near, spread)


def make_objective(config: ClusterConfig, data: TrainingData, weights: Weights) -> Objective:
    """The loss of the configuration's method on one graph."""
    method = METHODS[config.method]
    if not method.lowers_totvar:
        return TwoTermObjective(data, LOSSES[method.loss], weights)
    if weights.spread or data.near is not None:
        return MumfordShahObjective(data, weights, config.rho)
    return TotalVariationObjective(data, weights, config.rho)


def seeks_start(config: ClusterConfig) -> bool:
    """Tell whether weights of the loss are to be found from a start."""
    of_totvar = METHODS[config.method].lowers_totvar
    settled = config.balance_coeff is not None and config.neighbours == 0
    return of_totvar and not settled and config.starts_from_labels


def settle_weights(
    config: ClusterConfig, data: TrainingData, labels: Tensor | None, spread_coeff: float
) -> Weights:
    """The weights of the loss: as given, or by heuristics.

    Edges and near pairs, where these count, are weighted by how far the k-means labels cut fewer of
    them than chance. The weight of the balance loss makes collapse pay little: all vertices in one
    cluster have L_GTV 0 and L_AN 1, and with the weighted cut of the start as its weight that
    scores what the cut of the start alone scores, for graphs whose best partition cuts 5 % of the
    edges and for those where it cuts half. A start of clusters more uneven than `UNEVEN` would
    still lose to it, and gets a larger weight. Without such labels it is the paper's ratio to
    `totvar_coeff`. The losses of other methods have a weight of their own.

    Args:
        config: what is given.
        data: the graph.
        labels: the clusters of the start, `[n]`; None where training starts at random.
        spread_coeff: weight of the spread of features inside clusters.
    """
    method, totvar = METHODS[config.method], config.totvar_coeff
    if not method.lowers_totvar:
        own = config.balance_coeff
        return Weights(totvar, LOSSES[method.loss].balance_coeff if own is None else own)
    near = 0.0 if data.near is None else totvar
    if labels is None:
        balance = PAPER_RATIO * totvar if config.balance_coeff is None else config.balance_coeff
        return Weights(totvar, balance, near, spread_coeff)
    start = torch.nn.functional.one_hot(labels, config.clusters).to(torch.float32)
    cut = kernels.totvar_loss(start, data.graph).item()
    if data.near is None:
        weighted = totvar * max(cut, LEAST_BALANCE)
    else:
        edges = totvar * _cut_below_chance(start, data.graph)
        near = totvar * _cut_below_chance(start, data.near)
        cut_near = kernels.totvar_loss(start, data.near).item()
        weighted = max(edges * cut + near * cut_near, totvar * LEAST_BALANCE)
        totvar = edges
    if config.balance_coeff is not None:
        return Weights(totvar, config.balance_coeff, near, spread_coeff)
    evenness = max(1 - F.asym_norm_loss(start).item(), LEAST_EVENNESS)
    return Weights(totvar, weighted * max(1.0, ((1 - UNEVEN) / evenness) ** 2), near, spread_coeff)


def _cut_below_chance(start: Tensor, graph: GraphTensors) -> float:
    return F.cut_below_chance(start, graph.edge_index, graph.edge_weight).item()
