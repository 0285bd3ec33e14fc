"""Tells names and counts from an edge in the first row, by the ids in all other rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tvgnn_cli.io.encoding import Ends
from tvgnn_cli.io.source import is_natural

MOST = 10_000
"""Ids that are looked at for how they are called."""

_HAS_DIGIT = re.compile(r"\d")


def is_header(pair: tuple[str, str], ends: Ends, named: bool) -> tuple[bool, tuple[str, ...]]:
    """Tell whether a first row of text names the columns: its names are in no other line, which
    would be unusual for an edge; the summary's lines on it come second.

    Args:
        pair: what the row has as ends.
        ends: of the other rows.
        named: whether it names ends as programs do.
    """
    shown = f"'{pair[0]}' and '{pair[1]}'"
    known, others = _without_repeats(pair, ends)
    if pair[0] in known or pair[1] in known:
        return False, ()
    if pair[0] == pair[1] or not len(ends.tail):
        return False, (
            f"the first line, {shown}, is read as an edge (`header=True` reads it as names)",
        )
    called_alike = _have_stem_of(pair, [name for name in ends.ids[:MOST].tolist() if name in known])
    degree = np.bincount(np.concatenate([ends.tail, ends.head]), minlength=len(ends.ids))
    alone = int(((degree[ends.tail] == 1) & (degree[ends.head] == 1) & others).sum())
    unlike = named or (alone == 0 and len(ends.tail) > 2)
    if (unlike and not called_alike) or _have_numbers_alone(pair, ends.ids):
        return True, (
            f"the first line is read as a header: {shown} are in no other line (`header=False` "
            "reads it as an edge)",
        )
    return False, (
        f"the first line, {shown}, is read as an edge (`header=True` reads it as names)",
    )


def _without_repeats(pair: tuple[str, str], ends: Ends) -> tuple[set[str], np.ndarray]:
    """The ids of the rows that are not the first row once more, and a mask of these rows: of all,
    where one of the two names is in another row too.
    """
    known, others = set(ends.ids.tolist()), np.ones(len(ends.tail), dtype=bool)
    if not known.issuperset(pair) or pair[0] == pair[1]:
        return known, others
    first, second = (int(np.flatnonzero(ends.ids == name)[0]) for name in pair)
    again = (ends.tail == first) & (ends.head == second)
    rows = np.isin(ends.tail, (first, second)) | np.isin(ends.head, (first, second))
    return (known - set(pair), ~again) if bool((rows == again).all()) else (known, others)


def _have_numbers_alone(pair: tuple[str, str], ids: np.ndarray) -> bool:
    """Tell whether all ids have a digit, and two names have none: Employee over E1, E2."""
    others = [name for name in ids.tolist() if name not in pair]
    numbered = len(others) > 3 and all(map(_HAS_DIGIT.search, others))
    return numbered and not any(map(_HAS_DIGIT.search, pair))


def is_count(cells: Sequence[str], ends: Ends) -> tuple[bool, str] | None:
    """Tell whether the first line gives the numbers of vertices and of the edges that follow, with
    the summary's line on it: False where it may be an edge, since the number of edges is an id;
    None where it gives no such numbers.
    """
    if len(cells) not in (2, 3) or not all(map(is_natural, cells)):
        return None
    m, shown = len(ends.tail), " ".join(cells)
    if not (int(cells[0]) >= len(ends.ids) and m > 2 and str(m) in cells[1:]):
        return None
    if str(m) not in set(ends.ids.tolist()):
        return True, f"the first line counts vertices and edges: {shown}"
    return False, (
        f"the first line, {shown}, is read as an edge; delete it where it counts vertices and edges"
    )


def _have_stem_of(pair: tuple[str, str], ids: Sequence[str]) -> bool:
    """Tell whether ids are called as two names are, but for the number: `gene12` as `gene1`,
    `gene2`.
    """
    stems = {name.rstrip("0123456789").lower() for name in pair}
    return any(name.rstrip("0123456789").lower() in stems for name in ids)
