"""Ids of a table beside those of the graph: numbers of rows, and how two sets of ids differ."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

from tvgnn_cli.io.source import is_natural, is_number


def rows_by_number(known: Collection[str], num_rows: int) -> list[str] | None:
    """The ids of the rows of a table or array without ids, which are in the order of vertex
    numbers: from 0 where the graph's ids are numbers below the number of rows, from 1 where they
    are exactly 1, 2, 3, ...; None where they do not tell. Numbers may be written as 3.0, or 03.
    """
    spelled = {_number(name): name for name in known}
    if not spelled or None in spelled or len(spelled) < len(known):
        return None
    numbers = [number for number in spelled if number is not None]
    first, last = min(numbers), max(numbers)
    if first >= 0 and last < num_rows:
        start = 0
    elif first == 1 and last == len(numbers) == num_rows:
        start = 1
    else:
        return None
    return [spelled.get(i, str(i)) for i in range(start, start + num_rows)]


def _number(name: str) -> int | None:
    """The whole number that an id is, however written; None for none, or one that a float does not
    hold.
    """
    value = float(name) if is_number(name) else math.nan
    return int(value) if value.is_integer() and abs(value) < EXACT else None


EXACT = 2**53
"""The first whole number beyond which a float does not tell all apart."""


def are_ids(values: Sequence[str], known: Collection[str]) -> bool:
    """Tell whether values look like ids, though they lack one of the graph's: no two the same, and
    they are numbers one after the other, or half of the graph's ids are among them, however
    written.
    """
    if len(set(values)) < len(values):
        return False
    there = {_plain(value) for value in values}
    return _run(values) is not None or 2 * sum(_plain(name) in there for name in known) > len(known)


def are_fractions(values: Sequence[str]) -> bool:
    """Tell whether most values are numbers that are not whole."""
    found = (is_number(value) and math.isfinite(n := float(value)) and n % 1 for value in values)
    return 2 * sum(map(bool, found)) > len(values)


def difference(
    known: Sequence[str], found: Sequence[str], label: str, other: str = "the graph"
) -> str:
    """The end of a message that vertices lack a row: how the ids of a file differ from those that
    are known; "" where most are the same.

    Args:
        known: ids of the graph, or of another file.
        found: ids of the rows.
        label: the file.
        other: what has the known ones.
    """
    ours, theirs = _run(known), _run(found)
    if ours and theirs and {theirs[0] - ours[0], theirs[1] - ours[1]} in ({1}, {-1}):
        return (
            f"; ids of {label} are {theirs[0]} to {theirs[1]} where {other} has {ours[0]} to "
            f"{ours[1]}: number both alike"
        )
    there = set(found)
    plain = {_plain(name): name for name in found}
    alike = next((name for name in known if name not in there and _plain(name) in plain), None)
    if alike is not None:
        return f"; ids are compared as text: '{plain[_plain(alike)]}' is there"
    if known and found and there.isdisjoint(known):
        return f"; no id is in both: {other} has '{known[0]}', {label} has '{found[0]}'"
    return ""


def count_from_other_ends(
    known: Collection[str], found: Collection[str], label: str
) -> tuple[str, ...]:
    """A note where ids of a file count from 0 and those of the graph from 1, so that each row may
    be meant for the vertex after the one that it is taken for.
    """
    if "0" not in found or "0" in known or "1" not in known:
        return ()
    run = _run(found)
    if run is None or run[0] != 0 or not _numbers(known):
        return ()
    return (
        f"ids of {label} count from 0 and those of the graph from 1: taken as they are; if they "
        "mean the same vertices, number both alike",
    )


def as_known(keys: Iterable[object], known: Collection[str]) -> list[str]:
    """Ids of keys in memory: their text as it is; without the blanks around it where only so it is
    one of the known ids.
    """
    there = set(known)
    texts = list(map(str, keys))
    return [
        bare if text not in there and (bare := text.strip()) in there else text for text in texts
    ]


def _numbers(names: Iterable[str]) -> set[int]:
    """Ids as numbers; none where one of them is no whole number, or is not written plainly."""
    found = set()
    for name in names:
        if not (name.isascii() and is_natural(name)) or (name[0] == "0" and name != "0"):
            return set()
        found.add(int(name))
    return found


def _run(names: Collection[str]) -> tuple[int, int] | None:
    """The first and last of ids that are all numbers from one to another; None for others."""
    numbers = _numbers(names)
    if not numbers or max(numbers) - min(numbers) != len(names) - 1:
        return None
    return min(numbers), max(numbers)


def _plain(name: str) -> str:
    """An id without what two programs may write differently: case, blanks, quotes, zeros."""
    bare = name.strip().strip("\"'").strip().casefold()
    number = _number(bare)
    if number is not None:
        return str(number)
    return repr(float(bare)) if is_number(bare) and len(bare) < 16 else bare
