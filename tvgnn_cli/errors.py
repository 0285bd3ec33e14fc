"""Errors that users see, each with the exit code that the command line ends with."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any


class TvgnnError(Exception):
    """A failure with one clear line for the user; `exit_code` is what the shell sees."""

    exit_code = 1


class UsageError(TvgnnError):
    """An option, or a combination of options, that cannot work."""

    exit_code = 2


class InputError(TvgnnError):
    """An input that cannot be read as a graph, features or labels."""

    exit_code = 3


class TrainingError(TvgnnError):
    """Training failed: the loss is no longer a number, or clusters collapsed where asked."""

    exit_code = 4


class RestartsFailedError(TrainingError):
    """Every restart of a run failed; `count` of them, and `metrics` of what is known of the run."""

    def __init__(self, message: str, count: int) -> None:
        super().__init__(message)
        self.count = count
        self.metrics: dict[str, Any] = {}


class InterruptionError(TvgnnError):
    """A run was asked to end before it was done; the same command goes on from there."""

    exit_code = 75


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'Cora'?`, or the known names where none is close."""
    names = list(known)
    folded = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    if close:
        return f" Did you mean '{folded[close[0]]}'?"
    return f" Known: {', '.join(names)}."


def some_of(names: Sequence[str], shown: int = 6) -> str:
    """List the first of some names, and count the others: `a, b and 3 more`."""
    rest = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest


def first_and_rest(names: Sequence[str]) -> str:
    """`'a' (and 3 more)`: the first of several culprits, and how many others."""
    rest = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return f"'{names[0]}'{rest}"
