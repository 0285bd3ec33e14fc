"""Errors that users see, each with the exit code that the command line ends with; and the rules by
which text of a user's files stands in a message.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any

LONGEST = 290
"""Characters of a message. With `tvgnn: ` before it, the line has fewer than 300."""

_LOOKED_AT = 10_000
"""Characters of a message that are looked at: a cell of a table may have a billion."""

_WHOLE = 60
"""Characters of a word, or of what stands in quotes, that are never cut for a shorter message."""

_CUTS = (re.compile(r"\S+"), re.compile(r"'[^']*'|\"[^\"]*\""))
"""Parts that are cut in a message that is too long, in this order: words, then quoted text."""


def one_line(text: str, most: int = LONGEST) -> str:
    """The same message on one line of so many characters at most, without control characters.

    Of a message that is too long its longest words are cut, in their middle. So its beginning,
    which names the file, and its end, which says what helps, stay.
    """
    text = printable(_without_middle(text, _LOOKED_AT))
    for kind in _CUTS:
        while len(text) > most:
            longest = max(kind.finditer(text), key=lambda found: len(found[0]), default=None)
            if longest is None or len(longest[0]) <= _WHOLE:
                break
            left = max(_WHOLE, len(longest[0]) - (len(text) - most))
            text = (
                f"{text[: longest.start()]}{_without_middle(longest[0], left)}"
                + (text[longest.end() :])
            )
    return _without_middle(text, most)


def printable(text: str) -> str:
    """The same text with an escape, `\\x1b`, for each character that a terminal does not show."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def shown(value: object, most: int = 40) -> str:
    """A value of the input in quotes, on one line, and no longer than that."""
    text = str(value)
    text = text if len(text) <= most else f"{text[: most - 3]}..."
    return f"'{text}'" if text.isprintable() else repr(text)


def counted(count: int, noun: str) -> str:
    """A number and what it counts: `1 vertex`, `2 vertices`, `1,000 edges`."""
    several = {"vertex": "vertices", "class": "classes", "batch": "batches"}.get(noun, f"{noun}s")
    return f"{count:,} {noun if count == 1 else several}"


def reason_of(error: BaseException, most: int = 120) -> str:
    """The first line of what a library's error says, or its kind where it says nothing."""
    said = str(error).strip().partition("\n")[0]
    return one_line(said, most) or type(error).__name__


def _without_middle(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = (most - 3) // 2
    return f"{text[: most - 3 - half]}...{text[len(text) - half :]}"


class TvgnnError(Exception):
    """A failure with one clear line for the user; `exit_code` is what the shell sees.

    Args:
        message: the line; it is made one by `one_line`, since it may hold text of a user's file.
    """

    exit_code = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(str(message)))


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


MOST_NAMED = 15
"""Names that a message lists: more are cut in the middle of one."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'Cora'?`, or the known names where none is close."""
    names = list(known)
    folded = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    if close:
        return f" Did you mean '{folded[close[0]]}'?"
    return f" Known: {some_of(names, MOST_NAMED)}."


def some_of(names: Sequence[str], shown: int = 6) -> str:
    """List the first of some names, and count the others: `a, b and 3 more`."""
    rest = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest


def first_and_rest(names: Sequence[str]) -> str:
    """`'a' (and 3 more)`: the first of several culprits, and how many others."""
    rest = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return f"'{names[0]}'{rest}"
