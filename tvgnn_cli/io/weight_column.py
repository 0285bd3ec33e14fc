"""Choice of the column of weights in a table of edges."""

from __future__ import annotations

from collections.abc import Sequence

from tvgnn_cli.io.edge_ends import SURE_WEIGHTS
from tvgnn_cli.io.edge_header import Names
from tvgnn_cli.io.edge_meaning import refuse_distances
from tvgnn_cli.io.names import find_ends, fold, is_never_weight, rank_of_weight
from tvgnn_cli.io.source import is_decimal
from tvgnn_cli.io.times import RUNNING, are_running, looks_like_times
from tvgnn_cli.io.wanted import NONE, find_named
from tvgnn_cli.io.whole_columns import Deep, hardly_weights


def column_of_weight(
    table: Deep,
    names: Names,
    data: Sequence[Sequence[str]],
    rest: list[int],
    asked: str | None,
    konect: str | None,
) -> tuple[int | None, tuple[str, ...]]:
    """The column of the weight, and what is said of it.

    Args:
        table: to look at whole columns of.
        names: of its columns.
        data: its first rows, as cells.
        rest: columns that are no ends.
        asked: the name or number from 1 that a user gives; "none" for no weight.
        konect: the kind of a graph of KONECT's.

    Raises:
        InputError: no column is named so; the only one that could be the weight is a distance.
    """
    listed = names.listed(table.width)
    if asked is not None and not (asked.lower() == NONE and asked not in listed):
        return find_named(asked, listed, "`weight`", table.label, "column"), ()
    if asked is not None or not rest:
        return None, ()
    if names.cells:
        return _named_weight(table, names, data, rest)
    if rest[0] == 0:
        return None, ("column 1 is not read: edges count alike (`weight` 1 takes it)",)
    if len(rest) > 1 and not konect:
        return None, ()
    return _third(table, data, rest[0])


def _named_weight(
    table: Deep, names: Names, data: Sequence[Sequence[str]], rest: Sequence[int]
) -> tuple[int | None, tuple[str, ...]]:
    """The likeliest by name; else the third of three, unless it is named as something else is."""
    weight = next((c for c in rest if fold(names.cells[c]) == "weight"), None)
    if weight is not None:
        return weight, ()  # cells that are no numbers are refused
    ranked = [
        (rank, column)
        for column in rest
        if (rank := rank_of_weight(names.cells[column])) is not None
        and _has_numbers(data, column)
        and not _are_times(table, data, column)
    ]
    counting = [column for _, column in ranked if _numbers_rows(table, names, data, column)]
    ranked = [pair for pair in ranked if pair[1] not in counting]
    if ranked:
        return min(ranked)[1], ()
    if counting:
        return None, (_not_read(counting[0], "running numbers"),)
    numbers = [names.cells[column] for column in rest if _has_numbers(data, column)]
    refuse_distances(numbers, table.label)
    if len(rest) != 1 or rest[0] == 0:
        return None, ()
    name = names.cells[rest[0]]
    ends_are_named = find_ends(names.cells) is not None
    if is_never_weight(name) or (ends_are_named and not _has_no_meaning(name)):
        return None, ()
    return _third(table, data, rest[0])


def _has_no_meaning(name: str) -> bool:
    """Tell whether a name is one that a program gives to a column that has none: V3, X3, 2."""
    return fold(name).lstrip("vx").isdecimal() or not fold(name)


def _has_numbers(data: Sequence[Sequence[str]], column: int) -> bool:
    """Tell whether a column has numbers, but for a few cells, which are then named as faults."""
    cells = [row[column] for row in data]
    found = sum(map(is_decimal, cells))
    return found > 0 and 2 * found >= len(cells)


def _are_times(table: Deep, data: Sequence[Sequence[str]], column: int) -> bool:
    """Tell whether the numbers of a column are times, from its first row to its last."""
    if looks_like_times([row[column] for row in data]) is None:
        return False
    return "times in" in (what := hardly_weights(table.whole(column)) or "") or what in _DATES


_DATES = ("years", "dates")


def _numbers_rows(table: Deep, names: Names, data: Sequence[Sequence[str]], column: int) -> bool:
    """Tell whether a column counts the rows under a name that is not surely one of weights: `n`,
    `N°`, `num`.
    """
    if fold(names.cells[column]) in SURE_WEIGHTS:
        return False
    running = are_running([row[column] for row in data]) == RUNNING
    return running and hardly_weights(table.whole(column)) == RUNNING


def _third(
    table: Deep, data: Sequence[Sequence[str]], column: int
) -> tuple[int | None, tuple[str, ...]]:
    """A third column without a name that tells: the weight, unless its values look like text, times
    or running numbers.
    """
    cells = [row[column] for row in data]
    if not _has_numbers(data, column):
        return None, ()
    what = looks_like_times(cells) or are_running(cells)
    what = None if what is None else hardly_weights(table.whole(column))
    if what is None:
        return column, ()
    return None, (_not_read(column, what),)


def _not_read(column: int, what: str) -> str:
    told = f"column {column + 1} looks like {what}, and is not read: edges count alike"
    return f"{told} (`weight` {column + 1} takes it)"
