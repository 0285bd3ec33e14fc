"""Place of a run's states, and the check that they are this run's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tvgnn_cli.errors import InputError, InterruptionError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.places import is_there, path_of
from tvgnn_cli.io.state_file import refusal
from tvgnn_cli.io.writers import make_folder
from tvgnn_cli.observer import Observer
from tvgnn_cli.train.checkpoint import DONE, FAILED, Checkpoint, StateFacts, read_state_facts
from tvgnn_cli.train.distributed.team import ALONE, Team
from tvgnn_cli.train.identity import Identity, claimed

RESUME = ("auto", "never", "must")
EVERY = 300.0


@dataclass(frozen=True, eq=False)
class Checkpointing:
    """Rules of keeping states: where, how often, and what becomes of those that are there.

    Args:
        folder: where the files are; None to keep nothing.
        every: seconds between two states; 0 for one at each step.
        resume: "auto" goes on from states of the same run, where there are any; "must" fails
            without one; "never" removes them and starts anew.
        is_claimed: whether the caller has claimed the folder.
    """

    folder: Path | None = None
    every: float = EVERY
    resume: str = "auto"
    is_claimed: bool = False

    def __post_init__(self) -> None:
        if self.folder is not None:
            object.__setattr__(self, "folder", path_of(self.folder, "folder"))
        if self.resume not in RESUME:
            raise UsageError(f"`resume` is '{self.resume}'; known: {', '.join(RESUME)}")
        if not isinstance(self.every, int | float) or not self.every >= 0:
            raise UsageError(f"`every` is {self.every}; needs to be at least 0 seconds")

    @property
    def how(self) -> str:
        """Say what goes on from a state that is kept."""
        return "the same command" + " without `resume` never" * (self.resume == "never")

    def end_between(self, interruption: Interruption, may_end: bool) -> None:
        """End between two pieces of work that are kept, where that is asked for.

        Args:
            interruption: what asks.
            may_end: whether the clock alone may end it: a run that takes all its time to start
                would never get further, unless it begins a piece.

        Raises:
            InterruptionError: the work is to end.
        """
        reason = interruption.reason
        is_to_end = reason is not None and (may_end or not interruption.is_over_time)
        if is_to_end and self.folder is not None:
            raise InterruptionError(f"{reason}; {self.how} goes on from there")

    @contextmanager
    def open(
        self,
        identity: Identity,
        observer: Observer,
        restarts: Sequence[int] = (),
        interruption: Interruption | None = None,
        team: Team = ALONE,
    ) -> Iterator[Checkpoints]:
        """The states of one run, which has the folder's part of these restarts until it ends.

        Args:
            identity: whose states they are.
            observer: told of what the run outlives.
            restarts: those that this run trains.
            interruption: asked after each step; None where nobody asks the run to end.
            team: the processes of the run. The first one writes; all read, from the same folder.

        Raises:
            UsageError: the folder holds another run's states; or nothing, where something must be;
                or another process works on them.
        """
        asked = interruption or Interruption()
        opened = Checkpoints(self, identity, observer, asked, team)
        if self.folder is None:
            yield opened
            return
        make_folder("`checkpoint`", self.folder)
        claims = (
            nullcontext(set[int]())
            if self.is_claimed
            else claimed(self.folder, identity, restarts, observer, team)
        )
        with claims as busy:
            states = sorted(self.folder.glob("restart-*.tvgnn"))
            if self.resume == "never":
                # What is left of another run would not let this one go on later.
                spared = {_path(self.folder, restart) for restart in busy}
                for path in {*states} - spared if team.leads else ():
                    path.unlink(missing_ok=True)
            else:
                for path in states:
                    opened.check(path, _facts(path))
            if self.resume == "must" and not states:
                raise UsageError(f"`checkpoint` {self.folder}: there is nothing to resume from")
            yield opened


def _facts(path: Path) -> StateFacts:
    """The facts of a state.

    Raises:
        InputError: it is none, or of another version.
    """
    try:
        return read_state_facts(path)
    except InputError as error:
        raise InputError(f"{error}; `resume` never starts anew") from None


def _path(folder: Path, restart: int) -> Path:
    return folder / f"restart-{restart:05d}.tvgnn"


@dataclass(frozen=True, eq=False)
class Checkpoints:
    """The states of one run's restarts, one file each.

    Args:
        settings: where they are, and how often they are kept.
        identity: whose they are.
        observer: told of what the run outlives.
        interruption: asked after each step.
        team: the processes of the run.
        are_own: whether this run has made those that are there, and so goes on from them even where
            `resume` is "never".
        told: warnings as to the states that the observer has had.
    """

    settings: Checkpointing
    identity: Identity
    observer: Observer
    interruption: Interruption
    team: Team
    are_own: bool = False
    told: set[str] = field(default_factory=set)

    def of(self, restart: int) -> Checkpoint:
        """Checkpoint of one restart."""
        folder = self.settings.folder
        found = Checkpoint(self, None if folder is None else _path(folder, restart), restart)
        team = self.team
        if not team.is_alone:
            # Nobody writes before all have read; and a folder that is not one for all, or that some
            # see late, would let each go on from another step.
            team.check_same(
                "the states that they found in `checkpoint`", found.digest, "give a folder of all"
            )
        return found

    @property
    def are_read(self) -> bool:
        """Tell whether restarts go on from states that are there."""
        return self.are_own or self.settings.resume != "never"

    def has_ended(self, restart: int) -> bool:
        """Tell whether a restart is written down as done, or as failed."""
        folder = self.settings.folder
        if folder is None or not self.are_read or not is_there(_path(folder, restart)):
            return False
        return _facts(_path(folder, restart)).stage in (DONE, FAILED)

    def check(self, path: Path, facts: StateFacts, tell: bool = True) -> None:
        """Refuse what another run or restart has left, and tell once of what may change the last
        digits.

        Raises:
            InputError: it is of another restart than its name says.
            UsageError: naming what differs.
        """
        warnings = self.identity.check(path, vars(facts))
        if path.name != _path(path.parent, facts.restart).name:
            raise refusal(path, f"it is of restart {facts.restart}, and not of that in its name")
        for warning in warnings if tell else ():
            if warning not in self.told:
                self.told.add(warning)
                self.observer.warning(warning)


def no_checkpoints() -> Checkpoints:
    """For runs that keep nothing."""
    nobody = Identity("", {}, {})
    return Checkpoints(Checkpointing(), nobody, Observer(), Interruption(), ALONE)
