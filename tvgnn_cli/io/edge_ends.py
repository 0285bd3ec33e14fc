"""Search for the columns of a table of edges that are its ends, or number its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tvgnn_cli.io.names import (
    INDEX_NAMES,
    KEY_NAMES,
    NEVER_WEIGHTS,
    end_pairs,
    fold,
    is_never_end,
    rank_of_weight,
)
from tvgnn_cli.io.source import is_natural, is_number
from tvgnn_cli.io.times import looks_like_times
from tvgnn_cli.io.whole_columns import Deep, counts_throughout, numbers_of, share

SURE_WEIGHTS = ("weight", "weights", "edgeweight", "similarity", "strength", "score", "count")
"""Names of columns that are weights even where their values count."""

Rows = Sequence[Sequence[str]]
"""The first rows of a table, as cells."""


def row_numbers(names: Sequence[str], data: Rows, free: Sequence[int], table: Deep) -> list[int]:
    """Columns that number the rows: the first ones, and never so many that no edge is left.

    Args:
        names: of all columns; empty where nothing names them.
        data: the first rows.
        free: columns that may be something.
        table: to look at whole columns of.
    """
    found: list[int] = []
    pairs = end_pairs([names[i] for i in free]) if names else []
    ends = {free[i] for pair in pairs for i in pair}
    for column in free:
        if len(free) - len(found) < 3 or column in ends or not names:
            break
        cells, name = [row[column] for row in data], names[column]
        counting = (
            counts(cells)
            and len(cells) > 2
            and fold(name) not in SURE_WEIGHTS
            and not _occur_elsewhere(cells, data, found)
        )
        if not fold(name) or (is_index(name) and _are_numbers(cells)) or (
            counting and counts_throughout(table.whole(column))
        ):  # fmt: skip
            found.append(column)
        else:
            break
    return found


def choose_ends(
    names: Sequence[str], data: Rows, free: Sequence[int], table: Deep
) -> tuple[tuple[int, int], tuple[str, ...]]:
    """The two columns that hold the ends, and what is said of the choice.

    Columns that are named as ends are; of several such pairs, the one whose columns share ids and
    have most of them. Of three columns without such names, the ends are those two that are not
    named as weights, times or kinds; else the two that share ids, if one pair alone does; else the
    first two.
    """
    pairs = [(free[i], free[j]) for i, j in end_pairs([names[i] for i in free])] if names else []
    if pairs:
        best = min(pairs, key=lambda pair: (*_unlikely(pair, data), pairs.index(pair)))
        told = () if len(pairs) == 1 else (f"ends: columns {_shown(best, names)}",)
        return best, told
    first = (free[0], free[1])
    if names and len(free) == 3:
        likely = [i for i in free if not is_never_end(names[i])]
        if len(likely) == 2 and tuple(likely) != first:
            return (likely[0], likely[1]), ()
    if len(free) != 3 or len(data) < 3 or _share(first, data):
        return first, ()
    others = [(free[1], free[2]), (free[0], free[2])]
    sharing = [pair for pair in others if _share(pair, data)]
    if len(sharing) != 1 or any(_is_weight(i, names, data) for i in sharing[0]):
        return first, ()
    if share(table, *first):
        return first, ()
    return sharing[0], (f"ends: columns {_shown(sharing[0], names)}, which share their ids",)


def are_unclear(data: Rows, free: Sequence[int], table: Deep) -> bool:
    """Tell whether the first of three columns of whole numbers may number the rows as well as be an
    end: it counts, and the other two share numbers.
    """
    columns = [[row[i] for row in data] for i in free]
    if len(free) != 3 or len(data) < 3 or not counts(columns[0]):
        return False
    whole = all(cell.isdecimal() for column in columns for cell in column)
    alike = whole and len(set(columns[2])) > 2 and bool(set(columns[1]) & set(columns[2]))
    return alike and counts_throughout(table.whole(free[0]))


def may_begin_with_times(data: Rows, free: Sequence[int], table: Deep) -> bool:
    """Tell whether the first of three columns of whole numbers rises from row to row and has few of
    the numbers of the second, which shares many with the third: times of contacts, `t i j`.
    """
    return _hold(data, free, table, _begin_with_times)


def _begin_with_times(columns: Sequence[np.ndarray]) -> bool:
    return _rises(columns[0]) and _are_times(*(set(column.tolist()) for column in columns))


def may_be_triples(data: Rows, free: Sequence[int], table: Deep) -> bool:
    """Tell whether the first and the third of three columns of whole numbers share many, and the
    second has few others: kinds of edges between their ends, as in a knowledge graph.
    """
    return _hold(data, free, table, _have_kinds_between)


def _hold(
    data: Rows, free: Sequence[int], table: Deep, judge: Callable[[Sequence[np.ndarray]], bool]
) -> bool:
    """Tell whether something holds of three columns of whole numbers: of their first rows and some
    from all over the table, and then of all.
    """
    rows = [*data, *table.spread()]
    cells = [[row[i] for row in rows] for i in free]
    if len(free) != 3 or len(data) < 10:
        return False
    if not all(is_natural(cell) for column in cells for cell in column):
        return False
    if not judge([np.array(list(map(int, column)), dtype=np.int64) for column in cells]):
        return False
    whole = [values for i in free if (values := numbers_of(table.whole(i))) is not None]
    return len(whole) == 3 and judge(whole)


def _have_kinds_between(columns: Sequence[np.ndarray]) -> bool:
    """Tell whether values of the first and the third are alike, and those of the second few."""
    first, second, third = (set(column.tolist()) for column in columns)
    few = 4 * len(second) <= min(len(first), len(third))
    return few and _likeness(first, third) > 0.2


def _rises(values: np.ndarray) -> bool:
    return bool((np.diff(values) >= 0).all())


def _are_times(first: set[Any], second: set[Any], third: set[Any]) -> bool:
    """Tell whether the second and the third are much more alike than the first and the second."""
    ends, times = _likeness(second, third), _likeness(first, second)
    return ends > 0.2 and ends > 2 * times


def _likeness(one: set[Any], other: set[Any]) -> float:
    """Jaccard index: what two sets share, of what is in either, 0 to 1."""
    return len(one & other) / len(one | other)


def is_index(name: str) -> bool:
    """Tell whether a name is that of a column of row numbers."""
    folded = fold(name)
    return folded in INDEX_NAMES or folded.startswith("unnamed")


def counts(cells: Sequence[str]) -> bool:
    """Tell whether cells are 0, 1, 2, ... or 1, 2, 3, ..."""
    return any(list(cells) == [str(i + start) for i in range(len(cells))] for start in (0, 1))


def _are_numbers(cells: Sequence[str]) -> bool:
    """Tell whether cells are whole numbers, none of them twice."""
    return len(set(cells)) == len(cells) and all(cell.isdecimal() for cell in cells)


def _occur_elsewhere(cells: Sequence[str], data: Rows, before: Sequence[int]) -> bool:
    """Tell whether values of the column after those before it are in a later column too."""
    later = {cell for row in data for cell in row[len(before) + 1 :]}
    return bool(later & set(cells))


def _unlikely(pair: tuple[int, int], data: Rows) -> tuple[bool, bool, int]:
    """Unlikelihood of two columns as ends, for sorting: times and fractions last, then columns
    without an id in common, then few different ids.
    """
    cells = [[row[i] for row in data] for i in pair]
    both = [*cells[0], *cells[1]]
    fractions = any("." in cell and is_number(cell) and float(cell) % 1 for cell in both)
    times = fractions or looks_like_times(both) is not None
    return times, not _share(pair, data), -len(set(both))


def _share(pair: tuple[int, int], data: Rows) -> bool:
    """Tell whether two columns have ids in common."""
    first, second = ({row[i] for row in data} for i in pair)
    return bool(first & second)


def _is_weight(column: int, names: Sequence[str], data: Rows) -> bool:
    """Tell whether a column is named as a weight or a time is, or holds fractions."""
    name = fold(names[column]) if names else ""
    if name in KEY_NAMES:
        return False
    if names and (rank_of_weight(names[column]) is not None or name in NEVER_WEIGHTS):
        return True
    return any("." in row[column] and is_number(row[column]) for row in data)


def _shown(pair: tuple[int, int], names: Sequence[str]) -> str:
    told = [f"'{names[i]}'" if i < len(names) else str(i + 1) for i in pair]
    return " and ".join(told)
