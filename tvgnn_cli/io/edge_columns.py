"""Which columns of a table of edges are ends, weight, row numbers, or nothing that is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.edge_header import Names, find_names
from tvgnn_cli.io.meaning import left_unread
from tvgnn_cli.io.names import (
    DISTANCES,
    INDEX_NAMES,
    NEVER_WEIGHTS,
    find_ends,
    fold,
    rank_of_weight,
)
from tvgnn_cli.io.source import is_decimal
from tvgnn_cli.io.wanted import NONE, Wanted, find_named

_KONECT = re.compile(r"%\s*(sym|asym|bip)\b")


@dataclass(frozen=True)
class Layout:
    """How the columns of one table of edges are to be read.

    Args:
        tail, head: columns of the ends.
        weight: column of the weight; None for 1.
        names: of all columns; empty where nothing names them.
        unread: columns that are not read.
        header: whether the first row names the columns; None where its ids will tell.
        told: sentences on what was guessed.
        bipartite: whether the ends are of two sides, whose ids are not the same.
        asked: what a user said of the weight.
    """

    tail: int
    head: int
    weight: int | None = None
    names: tuple[str, ...] = ()
    unread: tuple[int, ...] = ()
    header: bool | None = False
    told: tuple[str, ...] = ()
    bipartite: bool = False
    asked: str | None = None

    def name_of(self, column: int) -> str:
        return self.names[column] if column < len(self.names) else f"column {column + 1}"

    def notes(self) -> tuple[str, ...]:
        """What was guessed of the columns, for the summary."""
        weight = () if self.weight is None else (f"weights: {self._shown(self.weight)}",)
        unread = [self.name_of(column) for column in self.unread]
        chosen = None if self.weight is None else self.name_of(self.weight)
        return (*self.told, *weight, *left_unread(unread, "edge columns", chosen, self.asked))

    def _shown(self, column: int) -> str:
        name = f", '{self.names[column]}'" if column < len(self.names) else ""
        return f"column {column + 1}{name}"


def find_layout(table: Delimited, wanted: Wanted) -> Layout:
    """Read the columns off the first rows.

    Raises:
        InputError: fewer than two columns; more of them than an edge has and no names that tell
            which is which; a name that a user gives is not there.
    """
    sample = table.sample()
    rows = [row.cells for row in sample if len(row.cells) == table.width]
    _refuse_one_column(table)
    names = find_names(table, rows, wanted)
    if names.header and not sample:
        raise InputError(f"{table.label}: holds a header and no edges")
    data = rows if names.header else [table.first.cells, *rows]
    data = [cells for cells in data if len(cells) == table.width]
    konect = next((m[1] for line in table.comments if (m := _KONECT.match(line))), None)
    free, dropped = _without_spare(table, names, data, konect)
    tail, head = _ends(table, names, free, wanted, konect)
    rest = [column for column in free if column not in (tail, head)]
    weight, told = _weight(table, names, data, rest, wanted, konect)
    unread = tuple(column for column in rest if column != weight and not (told and weight is None))
    if konect == "bip":
        told = (*told, "KONECT's 'bip': ids are 'left:ID' and 'right:ID', the two sides kept apart")
    return Layout(
        tail,
        head,
        weight,
        names.cells,
        unread,
        names.header,
        (*names.told, *dropped, *_one_set(names, tail, head, konect), *told),
        bipartite=konect == "bip",
        asked=wanted.weight,
    )


def _refuse_one_column(table: Delimited) -> None:
    if table.width < 2:
        first = table.first
        shown = " ".join(first.cells)[:40]
        raise InputError(
            f"{table.label}: line {first.line}: one column ({shown!r}); an edge list needs two "
            "vertex ids per line, separated by comma, tab or white space"
        )


def _without_spare(
    table: Delimited, names: Names, data: Sequence[Sequence[str]], konect: str | None
) -> tuple[list[int], tuple[str, ...]]:
    """The columns that may be read, without row numbers and empty ones; what is said of these."""
    columns = list(range(table.width))
    told = []
    last = columns[-1]
    nameless = last >= len(names.cells) or not names.cells[last]
    if len(columns) > 2 and nameless and data and all(not row[last] for row in data):
        columns.pop()
        told.append(f"column {last + 1} is empty, and not read")
    if konect is None and len(columns) > 2 and _is_index(names, data):
        columns.pop(0)
        told.append("column 1 holds row numbers, and is not read")
    return columns, tuple(told)


def _is_index(names: Names, data: Sequence[Sequence[str]]) -> bool:
    """Whether the first column numbers the rows."""
    first = [row[0] for row in data]
    counting = _counts(first)
    if names.cells and not names.cells[0]:
        return True
    if names.cells and fold(names.cells[0]) in INDEX_NAMES:
        return counting
    if not counting or len(first) < 3:
        return False
    if names.cells:
        ends = find_ends(names.cells)
        return ends is None or 0 not in ends
    second, third = ({row[i] for row in data} for i in (1, 2))
    return (
        len(third) > 2 and all(map(str.isdecimal, third)) and 2 * len(second & third) > len(third)
    )


def _counts(cells: Sequence[str]) -> bool:
    """Whether cells are 0, 1, 2, ... or 1, 2, 3, ..."""
    return any(cells == [str(i + start) for i in range(len(cells))] for start in (0, 1))


def _ends(
    table: Delimited, names: Names, free: list[int], wanted: Wanted, konect: str | None
) -> tuple[int, int]:
    listed = list(names.cells) or [f"column {i + 1}" for i in range(table.width)]
    given = [
        None if asked is None else find_named(asked, listed, option, table.label, "column")
        for asked, option in ((wanted.source, "--source"), (wanted.target, "--target"))
    ]
    named = find_ends([names.cells[i] for i in free]) if names.cells else None
    guessed = (free[named[0]], free[named[1]]) if named else (free[0], free[1])
    for place, other in ((0, 1), (1, 0)):
        if given[place] is None and given[other] is not None:
            spare = [column for column in (*guessed, *free) if column != given[other]]
            given[place] = spare[0]
    if given[0] is not None and given[1] is not None:
        if given[0] == given[1]:
            raise InputError(f"{table.label}: --source and --target name the same column")
        return given[0], given[1]
    enough = len(free) <= (4 if konect else 3) or named is not None
    if not enough:
        shown = f" ({', '.join(names.cells)})"[:100] if names.cells else ""
        raise InputError(
            f"{table.label}: line {table.first.line}: {table.width} columns{shown}; an edge list "
            "has two, or three with weights: say which with --source, --target and --weight (names "
            "or numbers from 1), or name them 'source', 'target' and 'weight' in a header"
        )
    return guessed


def _one_set(names: Names, tail: int, head: int, konect: str | None) -> tuple[str, ...]:
    """A note where two columns that are named as different things share their ids."""
    if not names.cells or konect or find_ends(names.cells) is not None or not names.header:
        return ()
    first, second = names.cells[tail], names.cells[head]
    if not first or not second or fold(first) == fold(second):
        return ()
    return (f"ends: columns '{first}' and '{second}'; an id that is in both is one vertex",)


def _weight(
    table: Delimited,
    names: Names,
    data: Sequence[Sequence[str]],
    rest: list[int],
    wanted: Wanted,
    konect: str | None,
) -> tuple[int | None, tuple[str, ...]]:
    """The column of the weight, and what is said of it."""
    listed = list(names.cells) or [f"column {i + 1}" for i in range(table.width)]
    asked = wanted.weight
    if asked is not None and not (asked.lower() == NONE and asked not in listed):
        return find_named(asked, listed, "--weight", table.label, "column"), ()
    if asked is not None or not rest:
        return None, ()
    if names.cells:
        return _named_weight(table, names, data, rest)
    if len(rest) > 1 and not konect:
        return None, ()
    return _third(data, rest[0])


def _named_weight(
    table: Delimited, names: Names, data: Sequence[Sequence[str]], rest: Sequence[int]
) -> tuple[int | None, tuple[str, ...]]:
    """The likeliest by name; else the third of three, unless it is named as something else is."""
    weight = next((c for c in rest if fold(names.cells[c]) == "weight"), None)
    if weight is not None:
        return weight, ()  # cells that are no numbers are refused
    ranked = [
        (rank, column)
        for column in rest
        if (rank := rank_of_weight(names.cells[column])) is not None and _has_numbers(data, column)
    ]
    if ranked:
        return min(ranked)[1], ()
    refuse_distances([names.cells[column] for column in rest], table.label)
    ends_are_named = find_ends(names.cells) is not None
    if ends_are_named or len(rest) != 1 or fold(names.cells[rest[0]]) in NEVER_WEIGHTS:
        return None, ()
    return _third(data, rest[0])


def refuse_distances(names: Sequence[str], label: str) -> None:
    """Refuse a column that is named as distances are, where no other is the weight.

    Raises:
        InputError: naming it and what to do.
    """
    distances = [name for name in names if fold(name) in DISTANCES]
    if distances:
        raise InputError(
            f"{label}: column '{distances[0]}' is named as distances are, and weights are "
            "similarities, larger is closer: take 1 / (1 + distance), say, and name it 'weight'; "
            "--weight none counts edges alike"
        )


def _has_numbers(data: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column is one of numbers, but for a few cells, which are then named as faults."""
    cells = [row[column] for row in data]
    found = sum(map(is_decimal, cells))
    return found > 0 and 2 * found >= len(cells)


def _third(data: Sequence[Sequence[str]], column: int) -> tuple[int | None, tuple[str, ...]]:
    """A third column without a name that tells: the weight, unless its values look like text, times
    or running numbers.
    """
    cells = [row[column] for row in data]
    if not _has_numbers(data, column):
        return None, ()
    if all(cell.isdecimal() for cell in cells):
        values = [int(cell) for cell in cells]
        what = _not_a_weight(values)
        if what:
            return None, (f"column {column + 1} looks like {what}, and is not read: edges count "
                          f"alike (--weight {column + 1} takes it)",)  # fmt: skip
    return column, ()


def _not_a_weight(values: Sequence[int]) -> str | None:
    """What whole numbers are that are hardly weights."""
    low, high = min(values), max(values)
    if low > 3e8 and high < 4.2e9 and high < 4 * low:
        return "times in seconds"
    if low > 3e11 and high < 4.2e12 and high < 4 * low:
        return "times in milliseconds"
    if len(values) > 2 and low >= 1800 and high <= 2100:
        return "years"
    if len(values) > 9 and any(list(values) == list(range(s, s + len(values))) for s in (0, 1)):
        return "running numbers"
    return None
