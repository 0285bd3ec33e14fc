"""One epoch of either stage of training: on the whole graph at once, or batch after batch."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from tvgnn_cli import kernels
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.models import ClusteringNetwork
from tvgnn_cli.nn import Adam
from tvgnn_cli.train.batches import Batches
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.objective import AnyLoss, Objective, TotalVariationObjective

CONFIDENCE = 0.975
"""Mean probability that the network must give to the k-means labels before the losses take over:
a softer start slides back to the uniform assignment."""


class Learner(Protocol):
    """Step of a network's weights from one epoch to the next."""

    @property
    def model(self) -> ClusteringNetwork:
        """The network."""

    @property
    def objective(self) -> Objective:
        """Objective that it is trained for."""

    @property
    def optimizer(self) -> Adam:
        """Optimizer that moves its weights."""

    @property
    def steps(self) -> int:
        """Steps of the optimiser in an epoch."""

    def imitate(self, labels: Tensor, epoch: int) -> bool:
        """An epoch towards labels `[n]`; whether the network is confident of them."""

    def measure(self) -> tuple[AnyLoss, Tensor]:
        """The loss over the graph, and the assignment S, `[n, k]`."""

    def improve(self, loss: AnyLoss, epoch: int) -> None:
        """An epoch down the gradient of the losses."""


def adam(model: nn.Module, lr: float) -> Adam:
    """Adam with eps 1e-7, as in the authors' code."""
    return Adam(model.parameters(), lr=lr, eps=1e-7)


class WholeGraph:
    """Every step sees the whole graph."""

    steps = 1

    def __init__(self, model: ClusteringNetwork, objective: Objective, optimizer: Adam) -> None:
        self.model, self.objective, self.optimizer = model, objective, optimizer

    def imitate(self, labels: Tensor, epoch: int) -> bool:  # noqa: ARG002
        self.optimizer.zero_grad()
        data = self.objective.data
        entropy = _entropy(self.model.logits(data.x, data.graph), labels)
        if _confidence(entropy) >= CONFIDENCE:
            return True
        torch.autograd.backward(entropy.mean())
        self.optimizer.step()
        return False

    def measure(self) -> tuple[AnyLoss, Tensor]:
        self.optimizer.zero_grad()
        data = self.objective.data
        assignment = self.model(data.x, data.graph)
        return self.objective(assignment), assignment.detach()

    def improve(self, loss: AnyLoss, epoch: int) -> None:  # noqa: ARG002
        torch.autograd.backward(loss.total)
        self.optimizer.step()


class ByBatch:
    """Every step sees the parts of one batch in each process, and takes the mean of the processes'
    gradients; the losses are measured on the whole graph, layer by layer and without a gradient.

    Args:
        model, objective, optimizer: what is trained, for what, and how.
        batches: of the graph.
        share: this process's part of the measurement; None to measure the whole here.
    """

    def __init__(
        self,
        model: ClusteringNetwork,
        objective: TotalVariationObjective,
        optimizer: Adam,
        batches: Batches,
        share: Share | None = None,
    ) -> None:
        self.model, self.objective, self.optimizer = model, objective, optimizer
        self.batches, self.team, self._share = batches, batches.team, share
        self._logits = self.team.train_together(_Logits(model))

    @property
    def steps(self) -> int:
        return len(self.batches) // self.team.size

    def imitate(self, labels: Tensor, epoch: int) -> bool:
        """Confident is a network that was, on the mean over the epoch's batches."""
        confidence, vertices = 0.0, 0.0
        for batch in self.batches.epoch(epoch):
            self.optimizer.zero_grad()
            logits = self._logits(batch.data.x, batch.data.graph)
            entropy = _entropy(logits, labels[torch.from_numpy(batch.vertices)])
            confidence += float(_confidence(entropy)) * len(entropy)
            vertices += len(entropy)
            torch.autograd.backward(entropy.mean())
            self.optimizer.step()
        confidence, vertices = self.team.sum(confidence, vertices)
        return confidence / vertices >= CONFIDENCE

    @torch.no_grad()
    def measure(self) -> tuple[AnyLoss, Tensor]:
        self.optimizer.zero_grad()
        kernels.release()  # arrays of batches and of the graph are of different sizes
        if self._share is not None:
            return self._share.measure(self.model, self.objective)
        data = self.objective.data
        assignment = self.model(data.x, data.graph)
        kernels.release()
        return self.objective(assignment), assignment

    def improve(self, loss: AnyLoss, epoch: int) -> None:  # noqa: ARG002
        kernels.release()
        for batch in self.batches.epoch(epoch):
            self.optimizer.zero_grad()
            assignment = kernels.softmax(self._logits(batch.data.x, batch.data.graph))
            totvar = self.batches.totvar_loss(assignment, batch)
            balance = kernels.asym_norm_loss(assignment, self.objective.rho)
            torch.autograd.backward(self.objective.combine(totvar, balance).total)
            self.optimizer.step()


class _Logits(nn.Module):
    """Network in torch's sense: the output of its forward pass is what is trained."""

    def __init__(self, model: ClusteringNetwork) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, graph: GraphTensors) -> Tensor:
        return self.model.logits(x, graph)


def _entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(logits, labels, reduction="none")


def _confidence(entropy: Tensor) -> Tensor:
    return entropy.detach().neg().exp().mean()
