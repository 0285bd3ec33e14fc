"""Course of the training of a classifier, and its form in a state."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from tvgnn_cli.io.state_file import State
from tvgnn_cli.models.classifier import GraphClassifier
from tvgnn_cli.models.weights import check_tensors, forms_in


@dataclass(frozen=True)
class Progress:
    """Course of training so far.

    Args:
        epoch: epochs that are done.
        best_epoch: the one of the lowest validation loss.
        best: that loss.
        history: of each epoch the training loss, the validation loss and its accuracy.
    """

    epoch: int = 0
    best_epoch: int = 0
    best: float = math.inf
    history: tuple[tuple[float, float, float], ...] = ()


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
    found: State, network: GraphClassifier, most: int
) -> tuple[Progress, dict[str, Tensor]]:
    """The course of a training, and the weights of its best epoch.

    Raises:
        InputError: it is not that of such a training.
    """
    told, best = found.declared(EpochsFacts).progress, found.under("best.")
    with found.checked():
        check_tensors(best, forms_in(network), "best.")
        if not 0 <= told.epoch == len(told.history) <= most:
            raise ValueError(f"progress.epoch is {told.epoch}, of {len(told.history):,} losses")
        losses = [validation for _, validation, _ in told.history]
        lowest = min(losses, default=None)
        first = 0 if lowest is None else losses.index(lowest) + 1
        if (told.best, told.best_epoch) != (lowest, first):
            raise ValueError("progress.best is not the lowest of its losses")
    lowest = math.inf if lowest is None else lowest
    return Progress(told.epoch, told.best_epoch, lowest, told.history), best
