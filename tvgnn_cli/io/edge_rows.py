"""Rows of a table of edges that are no edges: a missing end, a sum, the header once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.missing import DOUBTFUL_IDS, MISSING_IDS
from tvgnn_cli.io.encoding import Ends
from tvgnn_cli.io.names import TOTALS, fold
from tvgnn_cli.io.source import is_number
from tvgnn_cli.io.spellings import spelling_notes


@dataclass(frozen=True, eq=False)
class Sifted:
    """The edges that are left, and what is said of the others.

    Args:
        ends: of the rows that are edges, and the other ends of those that lack one.
        kept: mask of these rows, `[m]`; None where all are edges.
        told: sentences for the summary.
    """

    ends: Ends
    kept: np.ndarray | None = None
    told: tuple[str, ...] = ()


def sift(ends: Ends, again: np.ndarray, where: Callable[[int], str], label: str) -> Sifted:
    """Leave out what is certainly no edge, and say so; say what is hardly one.

    A row that lacks an end is no edge, but its other end stays a vertex. A header that comes again
    and a sum at the end are left out with their ids.

    Args:
        ends: of all rows.
        again: positions of the rows that are the header once more.
        where: line or row of an edge, by its position.
        label: name of the input in messages.

    Raises:
        InputError: most of the rows lack an end: naming the first.
    """
    if ends.are_numbers:
        return Sifted(ends, told=_negative(ends))
    told: tuple[str, ...] = ()
    if len(again):
        told = (f"header lines among the edges, left out: {len(again):,}",)
    names = np.zeros(len(ends.tail), dtype=bool)
    names[again] = True
    empty = _missing_ids(ends, again)
    lacking = np.zeros(len(ends.tail), dtype=bool)
    if len(empty):
        lacking = np.isin(ends.tail, empty) | np.isin(ends.head, empty)
    last = _last_sum(ends, empty, lacking)
    lacking &= ~names
    total = np.zeros_like(names)
    if last is not None and last[1]:
        total[-1], lacking[-1] = True, False
    if lacking.any():
        first = int(np.flatnonzero(lacking)[0])
        place = where(first)
        _refuse_most(ends, empty, lacking, f"{label}: {place}", first)
        told += (_lacking_note(ends, empty, lacking, place, first),)
    if last is not None:
        told += (last[0],)
    dropped = names | lacking | total
    kept = None
    if dropped.any():
        kept = ~dropped
        stay = np.concatenate([ends.tail[~names & ~total], ends.head[~names & ~total]])
        ends = _without(ends, kept, np.setdiff1d(np.unique(stay), empty))
    return Sifted(ends, kept, (*told, *_doubtful(ends), *spelling_notes(ends.ids)))


def names_of_ends(ends: Ends) -> np.ndarray:
    """Positions of rows that name ends, `Source` and `target`, and whose names are in no other
    row: headers of joined files.
    """
    known = [i for i, name in enumerate(ends.ids.tolist()) if name in _WRITTEN]
    found = [np.zeros(0, dtype=np.int64)]
    for i in known:
        for j in known:
            if (ends.ids[i].lower(), ends.ids[j].lower()) not in _PAIRS:
                continue
            rows = (ends.tail == i) & (ends.head == j)
            others = np.isin(ends.tail, (i, j)) | np.isin(ends.head, (i, j))
            if rows.any() and bool((rows == others).all()):
                found.append(np.flatnonzero(rows))
    return np.concatenate(found)


_PAIRS = {
    ("source", "target"), ("target", "source"), ("src", "dst"), ("fromnodeid", "tonodeid"),
    ("source_id", "target_id"), ("node1", "node2"), ("node_1", "node_2"), ("id_1", "id_2"),
    ("from", "to"), ("protein1", "protein2"),
}  # fmt: skip
_WRITTEN = {
    write(name)
    for pair in _PAIRS
    for name in pair
    for write in (str, str.upper, str.title, str.capitalize)
} | {"FromNodeId", "ToNodeId"}
"""The names as they are mostly written."""


def _missing_ids(ends: Ends, again: np.ndarray) -> np.ndarray:
    """Positions of ids that stand for no vertex: all marks of missing values where the others are
    numbers, else those that no vertex is called.
    """
    names = ends.ids.tolist()
    marks = [i for i, name in enumerate(names) if name in MISSING_IDS or name in DOUBTFUL_IDS]
    if not marks:
        return np.zeros(0, dtype=np.int64)
    apart = {*marks, *ends.tail[again].tolist(), *ends.head[again].tolist()}
    others = [name for i, name in enumerate(names) if i not in apart]
    numbers = bool(others) and all(map(is_number, others))
    return np.array([i for i in marks if numbers or names[i] in MISSING_IDS], dtype=np.int64)


def _last_sum(ends: Ends, empty: np.ndarray, lacking: np.ndarray) -> tuple[str, bool] | None:
    """Find a last row that sums the others: the summary's line on it, and True where it certainly
    is one. Nothing else then has its name, and its other end is empty or the same, or a number that
    no other row has.
    """
    if len(ends.tail) < 2:
        return None
    tail, head = int(ends.tail[-1]), int(ends.head[-1])
    if fold(str(ends.ids[tail])) not in TOTALS:
        tail, head = head, tail
    name, other = str(ends.ids[tail]), str(ends.ids[head])
    if fold(name) not in TOTALS or _count(ends, tail) > 1:
        return None
    others = np.delete(ends.ids, [tail, head, *empty]).tolist()
    numbers = [is_number(text) for text in others[:1000]]
    certain = bool(lacking[-1]) or tail == head or (bool(numbers) and all(numbers)) or (
        is_number(other) and _count(ends, head) == 1 and not any(numbers)
    )  # fmt: skip
    if certain:
        return f"the last line, '{name}', is read as a sum of the others, and left out", True
    return f"the last line, '{name}' and '{other}', is read as an edge; delete a sum", False


def _count(ends: Ends, vertex: int) -> int:
    """Rows that a vertex is an end of."""
    return int(((ends.tail == vertex) | (ends.head == vertex)).sum())


def _refuse_most(
    ends: Ends, empty: np.ndarray, lacking: np.ndarray, where: str, first: int
) -> None:
    """Refuse rows most of which lack an end: their columns are hardly those of the ends.

    Raises:
        InputError: naming the first of them.
    """
    count = int(lacking.sum())
    if 2 * count <= len(lacking) and len(lacking) - count > 1:
        return
    mark = _mark(ends, empty, first)
    what = f"{mark!r} is no vertex id" if mark else "an empty vertex id"
    raise InputError(
        f"{where}: {what}, and so in {count:,} of {len(lacking):,} rows; `source` and `target` "
        "name other columns"
    )


def _mark(ends: Ends, empty: np.ndarray, row: int) -> str:
    place = ends.tail[row] if ends.tail[row] in empty else ends.head[row]
    return str(ends.ids[place])


def _lacking_note(
    ends: Ends, empty: np.ndarray, lacking: np.ndarray, where: str, first: int
) -> str:
    mark = _mark(ends, empty, first)
    shown = f"'{mark}'" if mark else "empty"
    return (
        f"rows that lack an end, left out: {int(lacking.sum()):,} (the first is {where}: {shown}); "
        "their other ends are vertices"
    )


def _without(ends: Ends, kept: np.ndarray, used: np.ndarray) -> Ends:
    """The edges of some rows, and those of the ids that are used."""
    rank = np.zeros(len(ends.ids), dtype=np.int64)
    rank[used] = np.arange(len(used))
    return replace(ends, ids=ends.ids[used], tail=rank[ends.tail[kept]], head=rank[ends.head[kept]])


def _doubtful(ends: Ends) -> tuple[str, ...]:
    """A note on ids that may stand for missing values, and so join what has nothing in common."""
    names = [name for name in ends.ids.tolist() if name in DOUBTFUL_IDS]
    counts = {name: _count(ends, int(np.flatnonzero(ends.ids == name)[0])) for name in names}
    return tuple(
        f"'{name}' is read as the id of a vertex, of {count:,} lines; where it stands for a "
        "missing value, empty those cells"
        for name, count in counts.items()
    )


def _negative(ends: Ends) -> tuple[str, ...]:
    """A note on -1 as the only negative number, which often stands for no vertex."""
    (place,) = np.nonzero(ends.ids == "-1")
    if not len(place) or any(name[0] == "-" and name != "-1" for name in ends.ids.tolist()):
        return ()
    return (
        f"'-1' is read as the id of a vertex, of {_count(ends, int(place[0])):,} lines; where it "
        "stands for a missing value, empty those cells",
    )
