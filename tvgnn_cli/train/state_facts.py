"""Schema of the states of clusterings: what each stage says beside tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from tvgnn_cli.io.schema import MOST, Matching, Within
from tvgnn_cli.train.objective import Weights

MOST_EPOCHS = 300
"""Epochs of the warm start, at most."""

WORDS = 624
"""Words of the random state."""

INFINITY = float("inf")


@dataclass(frozen=True)
class SearchFacts:
    """Facts that a search goes on from, beside tensors: the start that is next, the inertia of each
    clustering so far, and the position among the words of the random state.
    """

    start: Annotated[int, Within(1, 2**20)]
    inertia: tuple[Annotated[float, Within(0, INFINITY)], ...]
    position: Annotated[int, Within(0, WORDS)]


@dataclass(frozen=True)
class WarmFacts:
    """Facts that a warm start goes on from, beside tensors."""

    epoch: Annotated[int, Within(0, MOST_EPOCHS)]


_Terms = dict[str, float]


@dataclass(frozen=True)
class RunFacts:
    """Outcome of a restart that is done, beside tensors: fields of `Restart`."""

    seed: int
    loss: float
    terms: _Terms
    weights: Weights
    epochs: int
    history: tuple[float, ...]
    start_terms: _Terms


@dataclass(frozen=True)
class DoneFacts:
    """Facts of the state of a restart that is done."""

    run: RunFacts


@dataclass(frozen=True)
class FailedFacts:
    """Facts of the state of a restart that failed."""

    error: Annotated[str, Matching(r"[^\x00-\x1f\x7f]{1,250}", "one line")]


@dataclass(frozen=True)
class RuleFacts:
    """Fields of a `StoppingRule` that change as it is asked."""

    anchor: float | None
    waited: Annotated[int, Within(0, MOST)]


@dataclass(frozen=True)
class BestFacts:
    """Loss of the best epoch, and its terms."""

    loss: float
    terms: _Terms


@dataclass(frozen=True)
class CourseFacts:
    """Fields of `_Course` but its tensors; `best` is None before the first epoch."""

    epoch: Annotated[int, Within(0, MOST)]
    history: tuple[float, ...]
    best: BestFacts | None
    start_terms: _Terms


@dataclass(frozen=True)
class DescentFacts:
    """Facts that a descent goes on from, beside tensors."""

    rule: RuleFacts
    course: CourseFacts
