"""Observers of a run as it goes: a display, a log, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class EpochReport:
    """One epoch of training.

    `loss` is the total, `terms` its terms by name, unweighted (`totvar_loss` and
    `balance_loss` of TVGNN), `assign()` gives the assignment S, `[n, k]`, vertices in the order of
    training, until the next epoch; `seconds` are those of an epoch where the trainer knows them,
    whose epochs on a GPU are reported several at a time.
    """

    restart: int
    restarts: int
    epoch: int
    epochs: int
    loss: float
    terms: Mapping[str, float]
    assign: Callable[[], Tensor]
    seconds: float | None = None

    @cached_property
    def clusters_used(self) -> int:
        """Clusters with at least one vertex; counted only where it is asked for."""
        return int(self.assign().argmax(dim=1).bincount().count_nonzero())


@dataclass(frozen=True, eq=False)
class RestartReport:
    """One restart is done; `labels()` gives its hard clusters, `[n]`, in input order."""

    restart: int
    seed: int
    loss: float
    labels: Callable[[], np.ndarray]


class Observer:
    """Override what you want to hear; every method does nothing here."""

    @property
    def wants_epochs(self) -> bool:
        """Tell whether each epoch must be reported. An observer that overrides `epoch` has restarts
        one after the other for it, unless it says here that progress as a whole will do.
        """
        return type(self).epoch is not Observer.epoch

    def phase(self, name: str, done: int = 0, total: int | None = None) -> None:
        """Work before training: its name, and steps done of `total`, where these are counted."""

    def epoch(self, report: EpochReport) -> None:
        """One epoch of training is over; epoch 0 is the start, before any step."""

    def restart(self, report: RestartReport) -> None:
        """One restart is done, here or before an interruption."""

    def warning(self, text: str) -> None:
        """Something that the run outlives, and that its user should know of."""


class Relay(Observer):
    """Passes everything on to another; override what you want to hear besides."""

    def __init__(self, other: Observer) -> None:
        self.other = other

    @property
    def wants_epochs(self) -> bool:
        return self.other.wants_epochs

    def phase(self, name: str, done: int = 0, total: int | None = None) -> None:
        self.other.phase(name, done, total)

    def epoch(self, report: EpochReport) -> None:
        self.other.epoch(report)

    def restart(self, report: RestartReport) -> None:
        self.other.restart(report)

    def warning(self, text: str) -> None:
        self.other.warning(text)
