"""The training loop: restarts, epochs, the lowest loss. No label comes near it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
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
        return int(self.assignment.argmax(dim=1).unique().numel())


OnEpoch = Callable[[EpochReport], None]


@dataclass(frozen=True, eq=False)
class Fitted:
    """The best weights of the best restart.

    Args:
        state: weights by name, on the CPU.
        seed: seed of the restart they come from.
        loss, totvar_loss, balance_loss: total loss and its two parts, unweighted, there.
        epochs: epochs that restart was trained for.
        history: its total loss at each epoch.
    """

    state: dict[str, Tensor]
    seed: int
    loss: float
    totvar_loss: float
    balance_loss: float
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
    runs = (
        _fit_once(prepared, data, config, restart, on_epoch) for restart in range(config.restarts)
    )
    return min(runs, key=lambda run: (run.loss, run.seed))


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
    if config.init == "kmeans":
        labels = kmeans_labels(prepared.x, model.num_clusters, seed)
        fit_to_labels(model, data, torch.from_numpy(labels).to(data.x.device))
    return _descend(model, data, config, restart, on_epoch)


def _descend(
    model: TVGNN,
    data: TrainingData,
    config: ClusterConfig,
    restart: int,
    on_epoch: OnEpoch | None,
) -> Fitted:
    """Follow the gradient of Eq. 17; epoch 0 is the start, before any step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr, eps=1e-7)
    rule = StoppingRule(config.patience, config.tolerance)
    best: dict[str, Any] = {"loss": math.inf}
    history: list[float] = []
    for epoch in range(config.epochs + 1):
        optimizer.zero_grad()
        assignment = model(data.x, data.edge_index, data.edge_weight)
        totvar = F.totvar_loss(assignment, data.edge_index, data.edge_weight)
        balance = F.asym_norm_loss(assignment, config.rho)
        loss = config.totvar_coeff * totvar + config.balance_coeff * balance
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
        loss.backward()
        optimizer.step()
    return Fitted(seed=config.seed + restart, epochs=epoch, history=tuple(history), **best)


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
