"""Identity of runs: what two must share so that one may go on from the other's state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from tvgnn_cli.errors import UsageError
from tvgnn_cli.io.claims import Claim, Holder, claim_apart
from tvgnn_cli.io.schema import Within, conform
from tvgnn_cli.observer import Observer
from tvgnn_cli.train.distributed.team import Team


@dataclass(frozen=True)
class Identity:
    """Input and settings that make two runs the same. Restarts may be added to a run.

    Args:
        input_fingerprint: of the graph.
        settings: of the configuration, by name.
        made_with: threads, device and versions, which change no more than the last digits.
        input_holds: what the fingerprint is over, in words.
    """

    input_fingerprint: str
    settings: Mapping[str, Any]
    made_with: Mapping[str, Any]
    input_holds: str = "edges, weights, ids or features"

    def facts(self) -> dict[str, Any]:
        """In JSON's types."""
        return {
            "input_fingerprint": self.input_fingerprint,
            "settings": {k: v for k, v in self.settings.items() if k != "restarts"},
            "made_with": dict(self.made_with),
        }

    def check(self, path: Path, found: Mapping[str, Any]) -> list[str]:
        """Refuse what another run has left.

        Returns:
            What may change the last digits, a sentence each.

        Raises:
            UsageError: naming what differs.
        """
        ours = self.facts()
        differing = differences(found, ours, self.input_holds)
        if differing:
            more = f" and {len(differing) - MOST_TOLD} more" * (len(differing) > MOST_TOLD)
            raise UsageError(
                f"{path}: is of another run: {'; '.join(differing[:MOST_TOLD])}{more}; name "
                "another folder, or "
                "start anew with `resume` never"
            )
        before = found.get("made_with") or {}
        return [
            f"{path.name} was made with {name} {_shown(before.get(name))}, this is {value}: the "
            "last digits may differ from those of a run that was not interrupted"
            for name, value in ours["made_with"].items()
            if before.get(name) != value
        ]


def differences(
    theirs: Mapping[str, Any],
    ours: Mapping[str, Any],
    input_holds: str = Identity.input_holds,
) -> list[str]:
    """List what tells two runs apart, a sentence each: "the input differs", "--epochs
    is 3, was 2".
    """
    found = []
    if theirs.get("input_fingerprint") != ours["input_fingerprint"]:
        found.append(f"the input differs (its {input_holds})")
    settings = theirs.get("settings")
    settings = settings if isinstance(settings, Mapping) else {}
    for name in sorted({*settings, *ours["settings"]}):
        before, now = settings.get(name), ours["settings"].get(name)
        if before != now:
            found.append(f"{_shown(name)} is {_shown(now)} here and {_shown(before)} there")
    return found


def _shown(value: Any) -> str:
    """A value of a file that anybody may have written, in a few printable characters."""
    return "".join(c if c.isprintable() else "?" for c in str(value)[:24])


MOST_TOLD = 2
"""Differences that are named."""


@contextmanager
def claimed_by_team(
    option: str,
    folder: Path,
    facts: Mapping[str, Any],
    is_in_the_way: Callable[[Holder], bool],
    observer: Observer,
    team: Team,
) -> Iterator[Claim]:
    """While the processes of a run work in a folder, which the first of them claims for all.

    Args:
        option: the setting that names the folder.
        folder: where they work.
        facts: what the claim says of them.
        is_in_the_way: tells of another claim whether it keeps this one out.
        observer: told where the folder cannot be locked.
        team: the processes.

    Raises:
        UsageError: another run is in the way.
    """
    found = claim_apart(folder, facts, is_in_the_way) if team.leads else Claim(folder)
    if team.any(isinstance(found, Holder)):
        said = found if isinstance(found, Holder) else "is in use by another process"
        raise UsageError(f"`{option}` {folder}: {said}")
    assert isinstance(found, Claim)
    if found.note:
        observer.warning(found.note)
    try:
        yield found
    finally:
        found.release()


@contextmanager
def claimed(
    folder: Path, identity: Identity, restarts: Sequence[int], observer: Observer, team: Team
) -> Iterator[set[int]]:
    """While a run works on restarts of a folder, which other parts of the same run may share.

    Yields:
        The restarts that those work on.

    Raises:
        UsageError: another run works there, or the same on one of these restarts.
    """
    first, last = min(restarts, default=0), max(restarts, default=-1)
    facts = {**identity.facts(), "restarts": [first, last + 1]}

    def is_in_the_way(holder: Holder) -> bool:
        theirs = _restarts(holder)
        is_same = theirs.start <= last and first < theirs.stop
        return is_same or bool(differences(holder.facts, facts))

    with claimed_by_team("checkpoint", folder, facts, is_in_the_way, observer, team) as claim:
        yield {restart for holder in claim.others() for restart in _restarts(holder)}


def _restarts(holder: Holder) -> range:
    """Restarts that another run claims; none where it does not say."""
    try:
        return range(*conform(tuple[_Restart, _Restart], holder.facts.get("restarts")))
    except ValueError:
        return range(0)


_Restart = Annotated[int, Within(0, 2**20)]
