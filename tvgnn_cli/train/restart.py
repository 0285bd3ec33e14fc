"""One training from its seed: k-means, the warm start, the descent; each can be resumed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from typing import Any

from torch import Tensor

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import TrainingError
from tvgnn_cli.io.state_file import State, prefixed
from tvgnn_cli.models.weights import Form, check_prefixes, check_tensors, forms_in
from tvgnn_cli.observer import EpochReport, Observer
from tvgnn_cli.train.checkpoint import DONE, FAILED, Checkpoint
from tvgnn_cli.train.learner import Learner
from tvgnn_cli.train.state_facts import DescentFacts, DoneFacts, FailedFacts
from tvgnn_cli.train.stopping import StoppingRule
from tvgnn_cli.train.training_state import restore_training

DESCENT = "descent"


@dataclass(frozen=True, eq=False)
class Restart:
    """The best weights of one restart.

    Args:
        state: weights by name, on the CPU.
        seed: seed of the restart.
        loss: total loss there.
        terms: of the loss there, unweighted, by name.
        weights: of the terms that it was trained with, by name.
        epochs: epochs it was trained for.
        history: total loss at each epoch.
        start: the same of the network before the first epoch: weights.
        start_terms: of the loss of that network, by name.
    """

    state: dict[str, Tensor]
    seed: int
    loss: float
    terms: dict[str, float]
    weights: dict[str, float]
    epochs: int
    history: tuple[float, ...]
    start: dict[str, Tensor] = field(default_factory=dict)
    start_terms: dict[str, float] = field(default_factory=dict)

    @property
    def as_it_started(self) -> Restart:
        """The restart with the network of its start."""
        return replace(self, state=self.start, loss=self.history[0], terms=self.start_terms)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Write the restart down as done."""
        facts = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _WEIGHTS}
        weights = {**prefixed("best.", self.state), **prefixed("start.", self.start)}
        checkpoint.finish(DONE, State(weights, {"run": facts}))

    @classmethod
    def kept(
        cls, checkpoint: Checkpoint, forms: Callable[[], dict[str, Form]], seed: int, most: int
    ) -> Restart | None:
        """The restart, if it is written down as done.

        Args:
            checkpoint: what is written down.
            forms: gives types and shapes of the network's weights.
            seed: of the restart.
            most: epochs.

        Raises:
            InputError: what is written down is no such restart.
            TrainingError: it is written down as failed.
        """
        failed = checkpoint.resume(FAILED)
        if failed is not None:
            raise TrainingError(failed.declared(FailedFacts).error)
        done = checkpoint.resume(DONE)
        if done is None:
            return None
        run = done.declared(DoneFacts).run
        best, start = done.under("best."), done.under("start.")
        with done.checked():
            check_prefixes(done.tensors, ("best.", "start."))
            check_tensors(best, forms(), "best.")
            check_tensors(start, forms(), "start.")
            is_whole = len(run.history) == run.epochs + 1 <= most + 1
            if run.seed != seed or not is_whole or run.loss != min(run.history):
                raise ValueError("its seed, its epochs or its loss is not that of its history")
        return cls(state=best, start=start, **{**vars(run), "weights": asdict(run.weights)})


_WEIGHTS = ("state", "start")


@dataclass
class _Course:
    """Course of the descent: how far it has come, and the best that it has seen."""

    epoch: int
    history: list[float]
    best: dict[str, Any]
    start_terms: dict[str, float]
    best_state: dict[str, Tensor]
    start: dict[str, Tensor]

    @property
    def lowest(self) -> float:
        return float(self.best.get("loss", math.inf))


def descend(
    learner: Learner,
    config: ClusterConfig,
    restart: int,
    observer: Observer,
    checkpoint: Checkpoint,
) -> Restart:
    """Follow the gradient of the loss until it settles; epoch 0 is the start, before any step.

    Raises:
        TrainingError: the loss is no finite number.
        InterruptionError: the run was asked to end; its state is kept.
    """
    rule = StoppingRule(config.patience, config.tolerance)
    course = _Course(0, [], {}, {}, {}, {})
    saved = checkpoint.resume(DESCENT)
    if saved is not None:
        restore_training(saved, learner.model, learner.optimizer, others=("best.", "start."))
        course = _restored(saved, learner, config, rule)
    for epoch in range(course.epoch, config.epochs + 1):
        course.epoch = epoch
        checkpoint.offer(DESCENT, partial(_state, learner, rule, course))
        loss, assignment = learner.measure()
        total, *values = (term.item() for term in loss)
        terms = dict(zip(learner.objective.names, values, strict=True))
        course.history.append(total)
        if not math.isfinite(total):
            raise TrainingError(f"the loss is {total} at epoch {epoch}; lower `lr` or `delta`")
        if total < course.lowest:
            course.best, course.best_state = {"loss": total, "terms": terms}, learner.weights()
        if epoch == 0:
            course.start, course.start_terms = learner.weights(), terms
        observer.epoch(
            EpochReport(
                restart, config.restarts, epoch, config.epochs,
                total, terms, assignment, learner.seconds,
            )
        )  # fmt: skip
        undecided = learner.objective.is_undecided(loss)
        if epoch == config.epochs or rule.settled(total, undecided, learner.steps):
            break
        learner.improve(loss, epoch)
    return Restart(
        state=course.best_state,
        seed=config.seed + restart,
        weights=asdict(learner.objective.weights),
        epochs=course.epoch,
        history=tuple(course.history),
        start=course.start,
        start_terms=course.start_terms,
        **course.best,
    )


def _restored(saved: State, learner: Learner, config: ClusterConfig, rule: StoppingRule) -> _Course:
    """The course that `_state` took, and where the rule was.

    Raises:
        InputError: it is not that of such a descent.
    """
    facts = saved.declared(DescentFacts)
    rule.anchor, rule.waited = facts.rule.anchor, facts.rule.waited
    best, start, course = saved.under("best."), saved.under("start."), facts.course
    found = [] if course.best is None else [course.best.terms, course.start_terms]
    with saved.checked():
        forms = forms_in(learner.model) if course.epoch else {}
        check_tensors(best, forms, "best.")
        check_tensors(start, forms, "start.")
        if course.epoch > config.epochs or course.epoch != len(course.history):
            raise ValueError(f"course.epoch is {course.epoch}, of {len(course.history):,} losses")
        if len(found) != 2 * bool(course.epoch):
            raise ValueError("course.best is there before the first epoch, or missing after it")
        if any({*terms} != {*learner.objective.names} for terms in found):
            raise ValueError(f"its terms are not {', '.join(learner.objective.names)}")
    kept = {} if course.best is None else vars(course.best)
    return _Course(course.epoch, list(course.history), kept, course.start_terms, best, start)


def _state(learner: Learner, rule: StoppingRule, course: _Course) -> State:
    """Collect what the descent goes on from: all that an epoch reads and changes."""
    tensors = {
        **learner.state(),
        **prefixed("best.", course.best_state),
        **prefixed("start.", course.start),
    }
    known: dict[str, Any] = {
        "epoch": course.epoch, "history": course.history, "best": course.best or None,
        "start_terms": course.start_terms,
    }  # fmt: skip
    facts = {"rule": {"anchor": rule.anchor, "waited": rule.waited}, "course": known}
    return State(tensors, facts)
