"""One epoch of either stage of training: on the whole graph at once, or batch after batch."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from tvgnn_cli import functional as F
from tvgnn_cli.models import TVGNN
from tvgnn_cli.train.batches import Batch, Batches
from tvgnn_cli.train.objective import Objective

CONFIDENCE = 0.975
"""Mean probability that the network must give to the k-means labels before the losses take over:
a softer start slides back to the uniform assignment."""


class Learner(Protocol):
    """How a network's weights follow from one epoch to the next."""

    model: TVGNN
    objective: Objective
    optimizer: torch.optim.Optimizer

    @property
    def steps(self) -> int:
        """Steps of the optimiser in an epoch."""

    def imitate(self, labels: Tensor, epoch: int) -> bool:
        """An epoch towards labels `[n]`; whether the network is confident of them."""

    def measure(self) -> tuple[F.Loss, Tensor]:
        """The losses of Eq. 17 over the graph, and the assignment S, `[n, k]`."""

    def improve(self, loss: F.Loss, epoch: int) -> None:
        """An epoch down the gradient of the losses."""


class WholeGraph:
    """Every step sees the whole graph."""

    steps = 1

    def __init__(
        self, model: TVGNN, objective: Objective, optimizer: torch.optim.Optimizer
    ) -> None:
        self.model, self.objective, self.optimizer = model, objective, optimizer

    def imitate(self, labels: Tensor, epoch: int) -> bool:  # noqa: ARG002
        self.optimizer.zero_grad()
        data = self.objective.data
        entropy = _entropy(self.model.logits(data.x, data.edge_index, data.edge_weight), labels)
        if _confidence(entropy) >= CONFIDENCE:
            return True
        torch.autograd.backward(entropy.mean())
        self.optimizer.step()
        return False

    def measure(self) -> tuple[F.Loss, Tensor]:
        self.optimizer.zero_grad()
        data = self.objective.data
        assignment = self.model(data.x, data.edge_index, data.edge_weight)
        return self.objective(assignment), assignment.detach()

    def improve(self, loss: F.Loss, epoch: int) -> None:  # noqa: ARG002
        torch.autograd.backward(loss.total)
        self.optimizer.step()


class ByBatch:
    """Every step sees the parts of one batch; the losses are measured on the whole graph, layer by
    layer and without a gradient.
    """

    def __init__(
        self,
        model: TVGNN,
        objective: Objective,
        optimizer: torch.optim.Optimizer,
        batches: Batches,
    ) -> None:
        self.model, self.objective, self.optimizer = model, objective, optimizer
        self.batches = batches

    @property
    def steps(self) -> int:
        return len(self.batches)

    def imitate(self, labels: Tensor, epoch: int) -> bool:
        """Confident is a network that was, on the mean over the epoch's batches."""
        confidence, vertices = 0.0, 0
        for batch in self.batches.epoch(epoch):
            self.optimizer.zero_grad()
            logits = self.model.logits(*_given(batch))
            entropy = _entropy(logits, labels[torch.from_numpy(batch.vertices)])
            confidence += float(_confidence(entropy)) * len(entropy)
            vertices += len(entropy)
            torch.autograd.backward(entropy.mean())
            self.optimizer.step()
        return confidence / vertices >= CONFIDENCE

    @torch.no_grad()
    def measure(self) -> tuple[F.Loss, Tensor]:
        self.optimizer.zero_grad()
        data = self.objective.data
        assignment = self.model(data.x, data.edge_index, data.edge_weight)
        return self.objective(assignment), assignment

    def improve(self, loss: F.Loss, epoch: int) -> None:  # noqa: ARG002
        for batch in self.batches.epoch(epoch):
            self.optimizer.zero_grad()
            assignment = self.model(*_given(batch))
            totvar = self.batches.totvar_loss(assignment, batch)
            balance = F.asym_norm_loss(assignment, self.objective.rho)
            torch.autograd.backward(self.objective.combine(totvar, balance).total)
            self.optimizer.step()


def _given(batch: Batch) -> tuple[Tensor, Tensor, Tensor | None]:
    return batch.data.x, batch.data.edge_index, batch.data.edge_weight


def _entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(logits, labels, reduction="none")


def _confidence(entropy: Tensor) -> Tensor:
    return entropy.detach().neg().exp().mean()
