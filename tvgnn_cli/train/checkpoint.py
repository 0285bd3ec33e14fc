"""The state of each restart on disk, so that a run that is ended or killed can go on from there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.errors import InterruptionError, TvgnnError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.atomic import remove_leftovers
from tvgnn_cli.io.state_file import State, prefixed, read_facts, read_state, write_state
from tvgnn_cli.io.writers import make_folder
from tvgnn_cli.nn import Adam
from tvgnn_cli.observer import Observer
from tvgnn_cli.train.identity import Identity
from tvgnn_cli.train.team import ALONE, Team, checksum

FORMAT = "tvgnn-checkpoint-1"
WHAT = "a checkpoint of tvgnn"
RESUME = ("auto", "never", "must")
DONE, FAILED = "done", "failed"
EVERY = 300.0


@dataclass(frozen=True, eq=False)
class Checkpointing:
    """Where, how often and whether states are kept, and who may ask the run to end.

    Args:
        folder: where the files are; None to keep nothing.
        every: seconds between two states; 0 for one at each step.
        resume: "auto" goes on from states of the same run, where there are any; "must" fails
            without one; "never" removes them and starts anew.
        interruption: asked after each step.
        team: the processes of the run. The first one writes; all read, from the same folder.
    """

    folder: Path | None = None
    every: float = EVERY
    resume: str = "auto"
    interruption: Interruption = field(default_factory=Interruption)
    team: Team = ALONE

    def __post_init__(self) -> None:
        if self.resume not in RESUME:
            raise UsageError(f"--resume is '{self.resume}'; known: {', '.join(RESUME)}")
        if not self.every >= 0:
            raise UsageError(f"--every is {self.every}; needs to be at least 0 seconds")

    @property
    def how(self) -> str:
        """What goes on from a state that is kept."""
        return "the same command" + " without --resume never" * (self.resume == "never")

    def open(self, identity: Identity, observer: Observer) -> Checkpoints:
        """The states of one run.

        Raises:
            UsageError: the folder holds another run's; or nothing, where something must be.
        """
        if self.folder is None:
            return Checkpoints(self, identity, observer)
        make_folder("--checkpoint", self.folder)
        states = sorted(self.folder.glob("restart-*.tvgnn"))
        if self.resume == "never":
            # What is left of another run would not let this one go on later.
            for path in states if self.team.leads else ():
                path.unlink(missing_ok=True)
        else:
            for path in states:
                identity.check(path, read_facts(path, FORMAT, WHAT), observer)
        if self.resume == "must" and not states:
            raise UsageError(f"--checkpoint {self.folder}: there is nothing to resume from")
        return Checkpoints(self, identity, observer)


@dataclass(frozen=True, eq=False)
class Checkpoints:
    """The states of one run's restarts, one file each."""

    settings: Checkpointing
    identity: Identity | None
    observer: Observer

    def of(self, restart: int) -> Checkpoint:
        """That of one restart."""
        folder = self.settings.folder
        path = None if folder is None else folder / f"restart-{restart:05d}.tvgnn"
        found = Checkpoint(self, path)
        team = self.settings.team
        if not team.is_alone:
            # Nobody writes before all have read; and a folder that is not one for all, or that some
            # see late, would let each go on from another step.
            team.check_same(
                "the states that they found in --checkpoint", found.digest, "give a folder of all"
            )
        return found


def no_checkpoints() -> Checkpoints:
    """For runs that keep nothing."""
    return Checkpoints(Checkpointing(), None, Observer())


class Checkpoint:
    """The state of one restart: a stage's name, and what that stage goes on from."""

    def __init__(self, run: Checkpoints, path: Path | None) -> None:
        self._run, self._path = run, path
        self._team = run.settings.team
        self._saved = time.monotonic()
        self._warned = self._offered = False
        self._found: State | None = None
        self._known: dict[str, Any] = {}
        if path is not None and self._team.leads:
            remove_leftovers(path)
        if path is not None and run.settings.resume != "never" and path.exists():
            self._found = read_state(path, FORMAT, WHAT)
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
        """What that stage goes on from; None where it has to start."""
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
        interruption = self._run.settings.interruption
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
            if self._path is None or not self._path.exists():
                raise
            self._run.observer.warning(f"{error}; the older state is kept")

    def finish(self, stage: str, state: State) -> None:
        """Keep what a restart came to."""
        if self._path is not None:
            self._try(stage, state)

    def write(self, stage: str, state: State) -> None:
        """Keep a state.

        Raises:
            UsageError: it cannot be written; that which was on disk still is.
        """
        if self._path is None or self._run.identity is None or not self._team.leads:
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


def training_state(model: torch.nn.Module, optimizer: Adam) -> dict[str, Tensor]:
    """Weights, the optimiser's moments and the random state, by name."""
    tensors = prefixed("model.", dict(model.state_dict()))
    for index, moments in optimizer.state().items():
        tensors.update(prefixed(f"optimizer.{index}.", moments))
    tensors["random"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["random_cuda"] = torch.cuda.get_rng_state()
    return tensors


def restore_training(state: State, model: torch.nn.Module, optimizer: Adam) -> None:
    """Put back what `training_state` took."""
    model.load_state_dict(state.under("model."))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in state.under("optimizer.").items():
        index, _, key = name.partition(".")
        moments.setdefault(int(index), {})[key] = value
    optimizer.restore(moments)
    torch.set_rng_state(state.tensors["random"])
    if "random_cuda" in state.tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(state.tensors["random_cuda"])
