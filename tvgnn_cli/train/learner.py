"""One epoch of either stage of training: on the whole graph at once, or batch after batch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

import torch
from torch import Tensor, nn

from tvgnn_cli import kernels
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.models import ClusteringNetwork
from tvgnn_cli.nn import Adam
from tvgnn_cli.train.batches import Batches
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.objective import AnyLoss, Loss, Objective, TotalVariationObjective
from tvgnn_cli.train.replay import Replay
from tvgnn_cli.train.training_state import training_state

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

    @property
    def seconds(self) -> float | None:
        """Seconds of an epoch, where it measures them itself."""

    def measure(self) -> tuple[AnyLoss, Callable[[], Tensor]]:
        """The loss over the graph, and what gives the assignment S, `[n, k]`, until the next
        step.
        """

    def improve(self, loss: AnyLoss, epoch: int) -> None:
        """An epoch down the gradient of the losses."""

    def settle(self) -> None:
        """Bring the network and the optimiser to where the learner stands, if they are ahead."""

    def weights(self) -> dict[str, Tensor]:
        """Copy the weights as they are now to the CPU, by name."""

    def state(self) -> dict[str, Tensor]:
        """All that the next epoch reads, by name."""


def adam(model: nn.Module, lr: float) -> Adam:
    """Adam with eps 1e-7, as in the authors' code."""
    return Adam(model.parameters(), lr=lr, eps=1e-7)


class _Stepwise:
    """A learner whose network is always at the epoch that it stands at."""

    model: ClusteringNetwork
    optimizer: Adam
    seconds = None

    def settle(self) -> None:
        pass

    def weights(self) -> dict[str, Tensor]:
        return copy_weights(self.model)

    def state(self) -> dict[str, Tensor]:
        return training_state(self.model, self.optimizer)


class WholeGraph(_Stepwise):
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

    def measure(self) -> tuple[AnyLoss, Callable[[], Tensor]]:
        self.optimizer.zero_grad()
        data = self.objective.data
        assignment = self.model(data.x, data.graph)
        return self.objective(assignment), assignment.detach

    def improve(self, loss: AnyLoss, epoch: int) -> None:  # noqa: ARG002
        torch.autograd.backward(loss.total)
        self.optimizer.step()


class Replayed:
    """Every step sees the whole graph on a GPU, whose epochs are recorded once (`replay.py`)."""

    steps = 1

    def __init__(self, model: ClusteringNetwork, objective: Objective, optimizer: Adam) -> None:
        self.model, self.objective, self.optimizer = model, objective, optimizer
        self._replay: Replay | None = None
        self._kind: Callable[..., AnyLoss] = Loss

    @property
    def seconds(self) -> float | None:
        return None if self._replay is None else self._replay.seconds

    def imitate(self, labels: Tensor, epoch: int) -> bool:  # noqa: ARG002
        if self._replay is None:
            self._replay = Replay(self.model, self.optimizer, partial(self._towards, labels))
        (confidence,) = self._replay.numbers()
        if confidence < CONFIDENCE:
            self._replay.advance()
        return confidence >= CONFIDENCE

    def _towards(self, labels: Tensor) -> Tensor:
        self.optimizer.zero_grad()
        data = self.objective.data
        entropy = _entropy(self.model.logits(data.x, data.graph), labels)
        torch.autograd.backward(entropy.mean())
        self.optimizer.step()
        return _confidence(entropy).unsqueeze(0)

    def measure(self) -> tuple[AnyLoss, Callable[[], Tensor]]:
        if self._replay is None:
            self._replay = Replay(self.model, self.optimizer, self._down)
        numbers = self._replay.numbers()
        return self._kind(*torch.tensor(numbers, dtype=torch.float64)), self._assignment

    def _down(self) -> Tensor:
        self.optimizer.zero_grad()
        data = self.objective.data
        loss = self.objective(self.model(data.x, data.graph))
        self._kind = type(loss)
        torch.autograd.backward(loss.total)
        self.optimizer.step()
        return torch.stack([*loss]).detach()

    @torch.no_grad()
    def _assignment(self) -> Tensor:
        assert self._replay is not None
        data = self.objective.data
        given = self.model, self._replay.weights(), (data.x, data.graph)
        assignment: Tensor = torch.func.functional_call(*given)
        return assignment

    def improve(self, loss: AnyLoss, epoch: int) -> None:  # noqa: ARG002
        assert self._replay is not None
        self._replay.advance()

    def weights(self) -> dict[str, Tensor]:
        if self._replay is None:
            return copy_weights(self.model)
        return {name: w.to("cpu", copy=True) for name, w in self._replay.weights().items()}

    def settle(self) -> None:
        if self._replay is not None:
            self._replay.settle()

    def state(self) -> dict[str, Tensor]:
        self.settle()
        return training_state(self.model, self.optimizer)


class ByBatch(_Stepwise):
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
            logits = self._logits(batch.x, batch.graph)
            entropy = _entropy(logits, labels[torch.from_numpy(batch.vertices)])
            confidence += float(_confidence(entropy)) * len(entropy)
            vertices += len(entropy)
            torch.autograd.backward(entropy.mean())
            self.optimizer.step()
        confidence, vertices = self.team.sum(confidence, vertices)
        return confidence / vertices >= CONFIDENCE

    @torch.no_grad()
    def measure(self) -> tuple[AnyLoss, Callable[[], Tensor]]:
        self.optimizer.zero_grad()
        kernels.release()  # arrays of batches and of the graph are of different sizes
        if self._share is not None:
            loss, assignment = self._share.measure(self.model, self.objective)
            return loss, assignment.detach
        data = self.objective.data
        assignment = self.model.forward_through(data.features.through, data.graph)
        kernels.release()
        return self.objective(assignment), assignment.detach

    def improve(self, loss: AnyLoss, epoch: int) -> None:  # noqa: ARG002
        kernels.release()
        for batch in self.batches.epoch(epoch):
            self.optimizer.zero_grad()
            assignment = kernels.softmax(self._logits(batch.x, batch.graph))
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


def copy_weights(model: nn.Module) -> dict[str, Tensor]:
    """The weights of a model, copied to the CPU."""
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
