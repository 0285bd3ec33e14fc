"""The training loop: restarts, epochs, the lowest loss. No label comes near it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import TrainingError
from tvgnn_cli.metrics import number_by_size
from tvgnn_cli.models import TVGNN
from tvgnn_cli.observer import EpochReport, Observer
from tvgnn_cli.prepare import Prepared
from tvgnn_cli.train.allocator import retained_memory
from tvgnn_cli.train.device import adam, seeded
from tvgnn_cli.train.objective import Objective, settle_balance_coeff
from tvgnn_cli.train.stopping import StoppingRule
from tvgnn_cli.train.tensors import TrainingData, to_tensors
from tvgnn_cli.train.warm_start import fit_to_labels, kmeans_labels

CPU = torch.device("cpu")


@dataclass(frozen=True, eq=False)
class Run:
    """The best weights of one restart.

    Args:
        state: weights by name, on the CPU.
        seed: seed of the restart.
        loss, totvar_loss, balance_loss: total loss and its two parts, unweighted, there.
        balance_coeff: weight of the balance loss that it was trained with.
        epochs: epochs it was trained for.
        history: total loss at each epoch.
    """

    state: dict[str, Tensor]
    seed: int
    loss: float
    totvar_loss: float
    balance_loss: float
    balance_coeff: float
    epochs: int
    history: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Fitted:
    """The best restart, its clusters numbered by size.

    Args:
        run: the restart of the lowest loss.
        assignment: S, float32 `[n, k]`, in input order.
        failed: restarts whose loss was no number.
    """

    run: Run
    assignment: np.ndarray
    failed: int


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
    device: torch.device = CPU,
    observer: Observer | None = None,
) -> Fitted:
    """Train `config.restarts` networks and keep that of the lowest loss, ties to the lowest seed.

    A restart whose loss is no longer a finite number is dropped.

    Raises:
        TrainingError: every restart was.
    """
    data = to_tensors(prepared, device)
    trainer = _Trainer(prepared, data, config, observer or Observer())
    best, failed = None, []
    for restart in range(config.restarts):
        try:
            run = trainer.run(restart)
        except TrainingError as error:
            failed.append(error)
            continue
        if best is None or run.loss < best.loss:
            best = run
        # Losses compare only under one weight: that of the first restart serves them all.
        trainer = replace(trainer, config=replace(config, balance_coeff=run.balance_coeff))
    if best is None:
        raise failed[0]
    model = _restored(best.state, config, data)
    labels = _assignment(model, data, prepared).argmax(axis=1)
    order = np.argsort(number_by_size(labels, model.num_clusters))
    model.reorder_clusters(torch.from_numpy(order).to(device))
    best = replace(best, state=_copy(model))
    return Fitted(best, _assignment(model, data, prepared), len(failed))


@dataclass(frozen=True, eq=False)
class _Trainer:
    """All that the restarts of one fit share."""

    prepared: Prepared
    data: TrainingData
    config: ClusterConfig
    observer: Observer

    def run(self, restart: int) -> Run:
        config, data, seed = self.config, self.data, self.config.seed + restart
        with seeded(seed, data.x.device), retained_memory():
            model = build_model(config, data.x.size(1)).to(data.x.device)
            labels = None
            if config.init == "kmeans":
                found = kmeans_labels(self.prepared.x, model.num_clusters, seed, self.observer)
                labels = torch.from_numpy(found).to(data.x.device)
                fit_to_labels(model, data, labels, self.observer)
            balance = settle_balance_coeff(config, data, labels)
            objective = Objective(data, config.totvar_coeff, balance, config.rho)
            return self._descend(model, objective, restart)

    def _descend(self, model: TVGNN, objective: Objective, restart: int) -> Run:
        """Follow the gradient of Eq. 17; epoch 0 is the start, before any step."""
        config, data = self.config, self.data
        optimizer = adam(model, config.lr)
        rule = StoppingRule(config.patience, config.tolerance)
        best: dict[str, Any] = {"loss": math.inf}
        history: list[float] = []
        for epoch in range(config.epochs + 1):
            optimizer.zero_grad()
            assignment = model(data.x, data.edge_index, data.edge_weight)
            loss = objective(assignment)
            parts = {"totvar_loss": loss.totvar.item(), "balance_loss": loss.balance.item()}
            history.append(loss.total.item())
            if not math.isfinite(history[-1]):
                raise TrainingError(
                    f"the loss is {history[-1]} at epoch {epoch}; lower --lr or --delta"
                )
            if history[-1] < best["loss"]:
                best = {"loss": history[-1], **parts, "state": _copy(model)}
            self.observer.epoch(
                EpochReport(
                    restart, config.restarts, epoch, config.epochs,
                    history[-1], **parts, assignment=assignment.detach(),
                )
            )  # fmt: skip
            if epoch == config.epochs or rule.settled(history[-1], parts["balance_loss"]):
                break
            torch.autograd.backward(loss.total)
            optimizer.step()
        return Run(
            seed=config.seed + restart,
            balance_coeff=objective.balance_coeff,
            epochs=epoch,
            history=tuple(history),
            **best,
        )


def _copy(model: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}


@torch.no_grad()
def _assignment(model: TVGNN, data: TrainingData, prepared: Prepared) -> np.ndarray:
    """The soft assignment S, float32 `[n, k]`, in input order."""
    rows: np.ndarray = model(data.x, data.edge_index, data.edge_weight).cpu().numpy()
    ordered = np.empty_like(rows)
    ordered[prepared.order] = rows
    return ordered


def assign(
    state: dict[str, Tensor], prepared: Prepared, config: ClusterConfig, device: torch.device = CPU
) -> np.ndarray:
    """The soft assignment S that saved weights give, float32 `[n, k]`, in input order."""
    data = to_tensors(prepared, device)
    return _assignment(_restored(state, config, data), data, prepared)


def _restored(state: dict[str, Tensor], config: ClusterConfig, data: TrainingData) -> TVGNN:
    """The network with saved weights; no random number is drawn for it."""
    with torch.device("meta"):
        model = build_model(config, data.x.size(1))
    copied = {name: value.to(data.x.device, copy=True) for name, value in state.items()}
    model.load_state_dict(copied, assign=True)
    return model
