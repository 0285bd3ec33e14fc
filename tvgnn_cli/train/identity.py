"""What makes two runs the same, so that one may go on from the other's state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import UsageError
from tvgnn_cli.observer import Observer


@dataclass(frozen=True)
class Identity:
    """What makes two runs the same: input and settings. Restarts may be added to a run.

    Args:
        input_fingerprint: of the graph.
        settings: of the configuration, by name.
        made_with: threads, device and versions, which change no more than the last digits.
    """

    input_fingerprint: str
    settings: Mapping[str, Any]
    made_with: Mapping[str, Any]

    def facts(self) -> dict[str, Any]:
        """In JSON's types."""
        return {
            "input_fingerprint": self.input_fingerprint,
            "settings": {k: v for k, v in self.settings.items() if k != "restarts"},
            "made_with": dict(self.made_with),
        }

    def check(self, path: Path, found: Mapping[str, Any], observer: Observer) -> None:
        """Refuse what another run has left, and tell of what may change the last digits.

        Raises:
            UsageError: naming what differs.
        """
        ours, theirs = self.facts(), dict(found)
        differing = differences(theirs, ours)
        if differing:
            raise UsageError(
                f"{path}: is of another run: {'; '.join(differing)}; name another folder, or "
                "start anew with --resume never"
            )
        for name, value in ours["made_with"].items():
            before = theirs["made_with"].get(name)
            if before != value:
                observer.warning(
                    f"{path.name} was made with {name} {before}, this is {value}: the last digits "
                    "may differ from those of a run that was not interrupted"
                )


def differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    """What tells two runs apart, a sentence each: "the input differs", "--epochs is 3, was 2"."""
    found = []
    if theirs["input_fingerprint"] != ours["input_fingerprint"]:
        found.append("the input differs (its edges, weights, ids or features)")
    for name in sorted({*theirs["settings"], *ours["settings"]}):
        before, now = (side["settings"].get(name) for side in (theirs, ours))
        if before != now:
            found.append(f"{name} is {now} here and {before} there")
    return found
