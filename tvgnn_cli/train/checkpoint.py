"""The state of each restart on disk, so that a run that is ended or killed can go on from there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import InterruptionError, TvgnnError
from tvgnn_cli.io.atomic import remove_leftovers
from tvgnn_cli.io.state_file import State, read_facts, read_state, write_state
from tvgnn_cli.train.distributed.team import checksum

if TYPE_CHECKING:
    from tvgnn_cli.train.checkpoint_folder import Checkpoints

FORMAT = "tvgnn-checkpoint-3"
WHAT = "a checkpoint of tvgnn"
DONE, FAILED = "done", "failed"


class Checkpoint:
    """The state of one restart: a stage's name, and what that stage goes on from."""

    def __init__(self, run: Checkpoints, path: Path | None) -> None:
        self._run, self._path = run, path
        self._team = run.team
        self._saved = time.monotonic()
        self._warned = self._offered = False
        self._found: State | None = None
        self._known: dict[str, Any] = {}
        if path is not None and self._team.leads:
            remove_leftovers(path)
        if path is not None and run.settings.resume != "never" and path.exists():
            self._found = read_state(path, FORMAT, WHAT)
            run.check(path, self._found.facts)
            self._known = self._found.facts["known"]

    def remember(self, name: str, value: Any) -> None:
        """A fact that every state from here on carries."""
        self._known[name] = value

    def recall(self, name: str) -> Any:
        """A fact that the state on disk carries; None where it does not."""
        return self._known.get(name)

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
        return None if self._found is None else str(self._found.facts["stage"])

    def resume(self, stage: str) -> State | None:
        """Read what that stage goes on from; None where it has to start."""
        return self._found if self.stage == stage else None

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
            self._run.identity.check(self._path, read_facts(self._path, FORMAT, WHAT))
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
        facts = {**self._run.identity.facts(), **state.facts, "stage": stage, "known": self._known}
        write_state(self._path, FORMAT, State(state.tensors, facts))
        self._saved = time.monotonic()

    def _try(self, stage: str, state: State) -> None:
        """Keep a state; a full disk must not end a run that goes on without it."""
        try:
            self.write(stage, state)
        except TvgnnError as error:
            self._saved = time.monotonic()
            if not self._warned:
                self._run.observer.warning(f"{error}; training goes on, the older state is kept")
            self._warned = True
