"""Course of the training of a classifier, and its form in a state."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from tvgnn_cli.config.classification import LOSS
from tvgnn_cli.io.state_file import State
from tvgnn_cli.models.classifier import GraphClassifier
from tvgnn_cli.models.weights import check_tensors, forms_in


@dataclass(frozen=True)
class Progress:
    """Course of training so far.

    Args:
        epoch: epochs that are done.
        best_epoch: the first one of the lowest `best`.
        best: what is monitored there: the validation loss, or the share of errors.
        history: of each epoch the training loss, the validation loss and its accuracy.
    """

    epoch: int = 0
    best_epoch: int = 0
    best: float = math.inf
    history: tuple[tuple[float, float, float], ...] = ()

    def followed(self, loss: float, validation: float, accuracy: float, monitor: str) -> Progress:
        """The course after one more epoch, with its losses and accuracy.

        Args:
            loss: of training.
            validation: of validation.
            accuracy: of validation.
            monitor: what is monitored, as of `ClassifyConfig`.
        """
        history = (*self.history, (loss, validation, accuracy))
        after = replace(self, epoch=self.epoch + 1, history=history)
        found = monitored(validation, accuracy, monitor)
        return replace(after, best_epoch=after.epoch, best=found) if found < self.best else after


def monitored(validation: float, accuracy: float, monitor: str) -> float:
    """Value that is to become less: the validation loss, or the share of errors."""
    return validation if monitor == LOSS else 1 - accuracy


def facts_of(progress: Progress) -> dict[str, Any]:
    """In JSON's types; the losses as they are, to the last digit."""
    best = None if math.isinf(progress.best) else progress.best
    return {
        "epoch": progress.epoch, "best_epoch": progress.best_epoch, "best": best,
        "history": [list(row) for row in progress.history],
    }  # fmt: skip


@dataclass(frozen=True)
class ProgressFacts:
    """Fields of `Progress` as `facts_of` gives them."""

    epoch: int
    best_epoch: int
    best: float | None
    history: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class EpochsFacts:
    """Facts of the state of a training, beside tensors."""

    progress: ProgressFacts


def restored_progress(
    found: State, network: GraphClassifier, most: int, monitor: str
) -> tuple[Progress, dict[str, Tensor]]:
    """The course of a training of so many epochs at `most`, and the weights of its best epoch by
    what is monitored.

    Raises:
        InputError: it is not that of such a training.
    """
    told, best = found.declared(EpochsFacts).progress, found.under("best.")
    with found.checked():
        check_tensors(best, forms_in(network), "best.")
        if not 0 <= told.epoch == len(told.history) <= most:
            raise ValueError(f"progress.epoch is {told.epoch}, of {len(told.history):,} losses")
        course = [monitored(*epoch[1:], monitor) for epoch in told.history]
        lowest = min(course, default=None)
        first = 0 if lowest is None else course.index(lowest) + 1
        if (told.best, told.best_epoch) != (lowest, first):
            raise ValueError(f"progress.best is not that of the best {monitor}")
    lowest = math.inf if lowest is None else lowest
    return Progress(told.epoch, told.best_epoch, lowest, told.history), best
