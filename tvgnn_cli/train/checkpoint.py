"""The state of each restart on disk, so that a run that is ended or killed can go on from there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tvgnn_cli.errors import InputError, InterruptionError, TvgnnError
from tvgnn_cli.io.atomic import remove_leftovers
from tvgnn_cli.io.places import is_there
from tvgnn_cli.io.schema import Cell
from tvgnn_cli.io.state_file import State, read_facts, read_state, refusal, write_state
from tvgnn_cli.train.distributed.team import checksum

if TYPE_CHECKING:
    from tvgnn_cli.train.checkpoint_folder import Checkpoints

T = TypeVar("T")

FORMAT = "tvgnn-checkpoint-4"
WHAT = "a checkpoint of tvgnn"
DONE, FAILED = "done", "failed"


@dataclass(frozen=True)
class StateFacts:
    """Facts of every state.

    Args:
        input_fingerprint, settings, made_with: whose it is, as of `Identity`.
        restart: of which restart.
        stage: name of the stage that goes on from it.
        known: what that restart has found in stages before, by name.
        work: what the stage goes on from, beside tensors; each stage says what that is.
    """

    input_fingerprint: str
    settings: dict[str, Cell]
    made_with: dict[str, Cell]
    restart: int
    stage: str
    known: dict[str, dict[str, float]]
    work: dict[str, Any]


def read_state_facts(path: Path) -> StateFacts:
    """Facts of a state, without its tensors.

    Raises:
        InputError: it is none, or damaged.
    """
    return State(facts=read_facts(path, FORMAT, WHAT), path=path).declared(StateFacts)


class Checkpoint:
    """The state of one restart: a stage's name, and what that stage goes on from."""

    def __init__(self, run: Checkpoints, path: Path | None, restart: int = 0) -> None:
        self._run, self._path, self._restart = run, path, restart
        self._team = run.team
        self._saved = time.monotonic()
        self._warned = self._offered = False
        self._found: State | None = None
        self._stage: str | None = None
        self._known: dict[str, dict[str, float]] = {}
        if path is not None and self._team.leads:
            remove_leftovers(path)
        if path is not None and run.are_read and is_there(path):
            self._read(path)

    def _read(self, path: Path) -> None:
        """Read the state that is on disk.

        Raises:
            InputError: it is damaged.
            UsageError: it is of another run.
        """
        try:
            self._found = read_state(path, FORMAT, WHAT)
            facts = self._found.declared(StateFacts)
            self._run.check(path, facts)
        except InputError as error:
            raise InputError(f"{error}: `resume` never does") from None
        self._stage, self._known = facts.stage, facts.known

    def remember(self, name: str, value: dict[str, float]) -> None:
        """A fact that every state from here on carries."""
        self._known[name] = value

    def recall(self, name: str, kind: type[T]) -> T | None:
        """A fact that the state on disk carries, as a dataclass; None where it does not.

        Raises:
            InputError: the fact is no such thing.
        """
        known = self._known.get(name)
        return None if known is None else State(facts=known, path=self._path).declared(kind)

    @property
    def digest(self) -> int:
        """A number that differs where the state that was found does; 0 for none."""
        if self._found is None:
            return 0
        facts, tensors = self._found.facts, self._found.tensors
        told = json.dumps(facts, sort_keys=True, default=str).encode()
        named = sorted(tensors)
        return 1 + checksum(np.frombuffer(told, np.uint8), *(tensors[n].numpy() for n in named))

    @property
    def stage(self) -> str | None:
        """The stage that was found on disk."""
        return self._stage

    def require_stage_of(self, names: Collection[str]) -> None:
        """Refuse a state of a stage that the run does not have.

        Raises:
            InputError: the state on disk is one.
        """
        if self._found is not None and self._stage not in names:
            raise self.refusal(f"stage is {self._stage!r:.40}, which this run has not")

    def refusal(self, said: object) -> InputError:
        """Error for a state on disk that holds something which no state does."""
        return refusal(self._path, said)

    def resume(self, stage: str) -> State | None:
        """Read what that stage goes on from; None where it has to start."""
        if self._found is None or self._stage != stage:
            return None
        return replace(self._found, facts=self._found.facts["work"])

    @contextmanager
    def of_one(self) -> Iterator[None]:
        """While one process works and the others wait: nobody else is asked or heard."""
        team, self._team = self._team, replace(self._team, size=1)
        try:
            yield
        finally:
            self._team = team

    def offer(self, stage: str, state: Callable[[], State]) -> None:
        """One step is done: keep the state if it is time to, and end if that is asked for.

        Raises:
            InterruptionError: a run that keeps states was asked to end; its state is on disk.
            UsageError: it could not be written.
        """
        if self._path is None:
            return
        interruption = self._run.interruption
        reason = interruption.reason
        if not self._offered and interruption.is_over_time:
            reason = None  # or a run that takes all its time to start would never get further
        self._offered = True
        if self._team.any(reason is not None):
            reason = reason or "another process was asked to end"
            self._keep_at_the_end(stage, state())
            raise InterruptionError(
                f"{reason}; the state is in {self._path.parent}, and {self._run.settings.how} goes "
                "on from there"
            )
        if time.monotonic() - self._saved >= self._run.settings.every:
            self._try(stage, state())

    def _keep_at_the_end(self, stage: str, state: State) -> None:
        """Keep a state; where that fails, an older one will do.

        Raises:
            UsageError: it cannot be written, and there is no other.
        """
        try:
            self.write(stage, state)
        except TvgnnError as error:
            if not self._has_older():
                raise
            self._run.observer.warning(f"{error}; the older state is kept")

    def _has_older(self) -> bool:
        """Tell whether a state of this run is on disk."""
        if self._path is None:
            return False
        try:
            self._run.check(self._path, read_state_facts(self._path), tell=False)
        except TvgnnError:
            return False
        return True

    def finish(self, stage: str, state: State) -> None:
        """Keep what a restart came to."""
        if self._path is not None:
            self._try(stage, state)

    def write(self, stage: str, state: State) -> None:
        """Keep a state.

        Raises:
            UsageError: it cannot be written; that which was on disk still is.
        """
        if self._path is None or not self._team.leads:
            return
        facts = {
            **self._run.identity.facts(), "restart": self._restart, "stage": stage,
            "known": self._known, "work": state.facts,
        }  # fmt: skip
        write_state(self._path, FORMAT, State(state.tensors, facts))
        self._saved = time.monotonic()

    def _try(self, stage: str, state: State) -> None:
        """Keep a state; a full disk must not end a run that goes on without it."""
        try:
            self.write(stage, state)
        except TvgnnError as error:
            self._saved = time.monotonic()
            if not self._warned:
                kept = "the older state is kept" if self._has_older() else "without a state"
                self._run.observer.warning(f"{error}; training goes on, {kept}")
            self._warned = True
