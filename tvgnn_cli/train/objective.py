"""What training lowers: Eq. 17 on one graph, and the weight of its balance term."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.train.tensors import TrainingData

LEAST_BALANCE = 0.01
"""Weight of the balance loss where the start cuts next to nothing."""

UNEVEN = 1 / 3
"""Balance loss of a start up to which the balance weight is its cut."""

LEAST_EVENNESS = 0.1
"""What a start in one cluster counts as, so that the weight stays finite."""

PAPER_RATIO = 0.514 / 0.785
"""Table 5's balance weight over its total variation weight."""


@dataclass(frozen=True, eq=False)
class Objective:
    """Eq. 17 on one graph."""

    data: TrainingData
    totvar_coeff: float
    balance_coeff: float
    rho: float | None

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


def settle_balance_coeff(config: ClusterConfig, data: TrainingData, labels: Tensor | None) -> float:
    """The weight of the balance loss: given, or by a heuristic that makes collapse pay little.

    All vertices in one cluster have L_GTV 0 and L_AN 1. With the weight at `totvar_coeff` times
    the L_GTV of the k-means labels, that scores what the cut of the start alone scores, for
    graphs whose best partition cuts 5 % of the edges and for those where it cuts half. A start
    of clusters more uneven than `UNEVEN` would still lose to it, and gets a larger weight.
    Without such labels it is the paper's ratio to `totvar_coeff`.
    """
    if config.balance_coeff is not None:
        return config.balance_coeff
    if labels is None:
        return PAPER_RATIO * config.totvar_coeff
    start = torch.nn.functional.one_hot(labels, config.num_clusters or -1).to(data.x.dtype)
    graph = data.edge_index, data.edge_weight
    cut = F.totvar_loss(start, *graph, variation=kernels.total_variation).item()
    evenness = max(1 - F.asym_norm_loss(start).item(), LEAST_EVENNESS)
    uneven = max(1.0, ((1 - UNEVEN) / evenness) ** 2)
    return config.totvar_coeff * max(cut, LEAST_BALANCE) * uneven
