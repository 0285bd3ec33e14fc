"""Numbers of clusters in words: one, several, or any."""

from __future__ import annotations

import re
from typing import Any

from tvgnn_cli.errors import UsageError

ANY = "auto"
"""The text that asks for whatever number the graph speaks for."""

MOST = 1000
"""Numbers that a range may have."""

WHOLE = re.compile(r"(\d{1,10})(?:\.0*)?", re.ASCII)
"""A whole number, also as tables have one in a column with empty cells: `7.0`."""

SPAN = re.compile(r"(\d{1,10})\.\.(\d{1,10})(?:\.\.(\d{1,10}))?", re.ASCII)


def split_number(given: Any) -> tuple[Any, str | None]:
    """Tell one number of clusters from several to choose from; what is no text is the former.

    Returns:
        The number as it is, and None; or None, and the text of several.

    Raises:
        UsageError: a text that is neither.
    """
    if not isinstance(given, str):
        return given, None
    text = given.strip()
    one = WHOLE.fullmatch(text)
    if one:
        return int(one[1]), None
    numbers_of(text)
    return None, text


def numbers_of(text: str) -> tuple[int, ...] | None:
    """The numbers that `2..20`, `2..20..3` or `3,5,8` names, the smallest first; None for `auto`.

    Raises:
        UsageError: it names none, one below 2, or more than `MOST`.
    """
    if text == ANY:
        return None
    found = _numbers(text)
    if not found:
        raise UsageError(
            f"`num_clusters` is '{text}'; write a number, auto, 2..20, 2..20..3 or 3,5,8"
        )
    if len(found) > MOST:
        raise UsageError(f"`num_clusters` names {len(found):,} numbers; at most {MOST:,} are tried")
    if min(found) < 2:
        raise UsageError(f"`num_clusters` is {min(found)}; a clustering needs at least 2 clusters")
    return tuple(sorted(found))


def _numbers(text: str) -> set[int] | range:
    span = SPAN.fullmatch(text)
    if span:
        step = int(span[3]) if span[3] else 1
        return range(int(span[1]), int(span[2]) + 1, step) if step else range(0)
    words = [WHOLE.fullmatch(word.strip()) for word in text.split(",")]
    return {int(word[1]) for word in words if word} if all(words) else set()
