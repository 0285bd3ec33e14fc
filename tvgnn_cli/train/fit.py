"""The training loop: restarts, epochs, the lowest loss. No label comes near it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from tvgnn_cli import functional as F
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import TrainingError
from tvgnn_cli.models import TVGNN
from tvgnn_cli.prepare import Prepared
from tvgnn_cli.train.device import seed_everything
from tvgnn_cli.train.stopping import StoppingRule
from tvgnn_cli.train.tensors import TrainingData, to_tensors
from tvgnn_cli.train.warm_start import fit_to_labels, kmeans_labels


@dataclass(frozen=True, eq=False)
class EpochReport:
    """One epoch as a progress display wants it; `assignment` is S, `[n, k]`."""

    restart: int
    restarts: int
    epoch: int
    epochs: int
    loss: float
    totvar_loss: float
    balance_loss: float
    assignment: Tensor

    @property
    def clusters_used(self) -> int:
        return int(torch.bincount(self.assignment.argmax(dim=1)).count_nonzero())


OnEpoch = Callable[[EpochReport], None]


@dataclass(frozen=True, eq=False)
class Fitted:
    """The best weights of the best restart.

    Args:
        state: weights by name, on the CPU.
        seed: seed of the restart they come from.
        loss, totvar_loss, balance_loss: total loss and its two parts, unweighted, there.
        balance_coeff: weight of the balance loss that it was trained with.
        epochs: epochs that restart was trained for.
        history: its total loss at each epoch.
    """

    state: dict[str, Tensor]
    seed: int
    loss: float
    totvar_loss: float
    balance_loss: float
    balance_coeff: float
    epochs: int
    history: tuple[float, ...]


def build_model(config: ClusterConfig, in_channels: int) -> TVGNN:
    """The network that a configuration asks for; its number of clusters must be settled."""
    if config.num_clusters is None:
        raise ValueError("the number of clusters is not settled")
    return TVGNN(
        in_channels,
        config.num_clusters,
        hidden_channels=config.hidden,
        num_layers=config.layers,
        mlp_channels=config.mlp_hidden,
        delta=config.delta,
        eps=config.eps,
        degree_weighted=config.degree_weighted,
    )


def fit(
    prepared: Prepared,
    config: ClusterConfig,
    device: torch.device | None = None,
    on_epoch: OnEpoch | None = None,
) -> Fitted:
    """Train `config.restarts` networks and keep that of the lowest loss, ties to the lowest seed.

    Raises:
        TrainingError: a loss that is not a finite number.
    """
    data = to_tensors(prepared, device or torch.device("cpu"))
    best: Fitted | None = None
    for restart in range(config.restarts):
        run = _fit_once(prepared, data, config, restart, on_epoch)
        if best is None or run.loss < best.loss:
            best = run
        # Losses compare only under one weight: that of the first restart serves them all.
        config = replace(config, balance_coeff=run.balance_coeff)
    if best is None:
        raise ValueError("no restarts were asked for")
    return best


def _fit_once(
    prepared: Prepared,
    data: TrainingData,
    config: ClusterConfig,
    restart: int,
    on_epoch: OnEpoch | None,
) -> Fitted:
    seed = config.seed + restart
    seed_everything(seed)
    model = build_model(config, data.x.size(1)).to(data.x.device)
    labels = None
    if config.init == "kmeans":
        labels = torch.from_numpy(kmeans_labels(prepared.x, model.num_clusters, seed))
        labels = labels.to(data.x.device)
        fit_to_labels(model, data, labels)
    objective = Objective(
        data, config.totvar_coeff, settle_balance_coeff(config, data, labels), config.rho
    )
    return _descend(model, objective, config, restart, on_epoch)


@dataclass(frozen=True, eq=False)
class Objective:
    """Eq. 17 on one graph."""

    data: TrainingData
    totvar_coeff: float
    balance_coeff: float
    rho: float | None

    def parts(self, assignment: Tensor) -> tuple[Tensor, Tensor]:
        """L_GTV and L_AN of an assignment."""
        totvar = F.totvar_loss(assignment, self.data.edge_index, self.data.edge_weight)
        return totvar, F.asym_norm_loss(assignment, self.rho)


LEAST_BALANCE = 0.01
"""Weight of the balance loss where the start cuts next to nothing."""

UNEVEN = 1 / 3
"""Balance loss of a start up to which the balance weight is its cut."""

LEAST_EVENNESS = 0.1
"""What a start in one cluster counts as, so that the weight stays finite."""

PAPER_RATIO = 0.514 / 0.785
"""Table 5's balance weight over its total variation weight."""


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
    cut = F.totvar_loss(start, data.edge_index, data.edge_weight).item()
    evenness = max(1 - F.asym_norm_loss(start).item(), LEAST_EVENNESS)
    uneven = max(1.0, ((1 - UNEVEN) / evenness) ** 2)
    return config.totvar_coeff * max(cut, LEAST_BALANCE) * uneven


def _descend(
    model: TVGNN,
    objective: Objective,
    config: ClusterConfig,
    restart: int,
    on_epoch: OnEpoch | None,
) -> Fitted:
    """Follow the gradient of Eq. 17; epoch 0 is the start, before any step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr, eps=1e-7)
    rule = StoppingRule(config.patience, config.tolerance)
    data = objective.data
    best: dict[str, Any] = {"loss": math.inf}
    history: list[float] = []
    for epoch in range(config.epochs + 1):
        optimizer.zero_grad()
        assignment = model(data.x, data.edge_index, data.edge_weight)
        totvar, balance = objective.parts(assignment)
        loss = objective.totvar_coeff * totvar + objective.balance_coeff * balance
        history.append(loss.item())
        if not math.isfinite(history[-1]):
            raise TrainingError(
                f"the loss is {history[-1]} at epoch {epoch}; lower --lr or --delta"
            )
        parts = {"totvar_loss": totvar.item(), "balance_loss": balance.item()}
        if history[-1] < best["loss"]:
            best = {"loss": history[-1], **parts, "state": _copy(model)}
        if on_epoch is not None:
            on_epoch(
                EpochReport(
                    restart, config.restarts, epoch, config.epochs,
                    history[-1], **parts, assignment=assignment.detach(),
                )
            )  # fmt: skip
        if epoch == config.epochs or rule.settled(history[-1], parts["balance_loss"]):
            break
        torch.autograd.backward(loss)
        optimizer.step()
    return Fitted(
        seed=config.seed + restart,
        balance_coeff=objective.balance_coeff,
        epochs=epoch,
        history=tuple(history),
        **best,
    )


def _copy(model: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}


@torch.no_grad()
def assign(
    state: dict[str, Tensor],
    prepared: Prepared,
    config: ClusterConfig,
    device: torch.device | None = None,
) -> Tensor:
    """The soft assignment S that saved weights give, `[n, k]` on the CPU, in input order."""
    data = to_tensors(prepared, device or torch.device("cpu"))
    model = build_model(config, data.x.size(1)).to(data.x.device)
    model.load_state_dict(state)
    rows: Tensor = model(data.x, data.edge_index, data.edge_weight).cpu()
    return torch.empty_like(rows).index_copy_(0, torch.from_numpy(prepared.order), rows)
