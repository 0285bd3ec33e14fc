"""Layout of a table of edges: columns of ends, weight and row numbers, and those left unread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.delimiter import LOOKED_AT
from tvgnn_cli.io.edge_ends import (
    SURE_WEIGHTS,
    are_unclear,
    choose_ends,
    may_begin_with_times,
    row_numbers,
)
from tvgnn_cli.io.edge_header import Names, find_names
from tvgnn_cli.io.edge_meaning import left_unread, refuse_distances
from tvgnn_cli.io.id_match import are_fractions
from tvgnn_cli.io.names import (
    end_pairs,
    find_ends,
    fold,
    is_never_weight,
    rank_of_weight,
)
from tvgnn_cli.io.source import is_decimal, is_number
from tvgnn_cli.io.times import RUNNING, are_running, looks_like_times
from tvgnn_cli.io.wanted import NONE, Wanted, find_named
from tvgnn_cli.io.whole_columns import Deep, are_empty, hardly_weights

_KONECT = re.compile(r"%\s*(sym|asym|bip)\b")


@dataclass(frozen=True)
class Layout:
    """Roles of the columns in one table of edges.

    Args:
        tail, head: columns of the ends.
        weight: column of the weight; None for 1.
        names: of all columns; empty where nothing names them.
        unread: columns that are not read.
        header: whether the first row names the columns; None where its ids will tell.
        told: sentences on what was guessed.
        bipartite: whether the ends are of two sides, whose ids are not the same.
        asked: what a user said of the weight.
        always_named: whether columns need no numbers beside their names.
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
    always_named: bool = False

    def name_of(self, column: int) -> str:
        return self.names[column] if column < len(self.names) else f"column {column + 1}"

    def notes(self) -> tuple[str, ...]:
        """Lines of the summary on the guesses about the columns."""
        weight = () if self.weight is None else (f"weights: {self._shown(self.weight)}",)
        unread = [self.name_of(column) for column in self.unread]
        chosen = None if self.weight is None else self.name_of(self.weight)
        return (*self.told, *weight, *left_unread(unread, "edge columns", chosen, self.asked))

    def _shown(self, column: int) -> str:
        if self.always_named:
            return f"column '{self.names[column]}'"
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
    if names.header and len(names.cells) != table.width:
        raise table.ragged(table.first)
    data = rows if names.header else [table.first.cells, *rows]
    data = [cells for cells in data if len(cells) == table.width]
    konect = next((m[1] for line in table.comments if (m := _KONECT.match(line))), None)
    columns = names.cells or table.first.cells
    refuse_matrix(table.label, columns, [row for row in data if row != table.first.cells])
    return choose_columns(table, names, data, wanted, konect)


def choose_columns(
    table: Deep,
    names: Names,
    data: Sequence[Sequence[str]],
    wanted: Wanted,
    konect: str | None = None,
) -> Layout:
    """Say which columns of a table of edges are what.

    Args:
        table: to look at whole columns of.
        names: of its columns.
        data: its first rows, as cells.
        wanted: what a user says of them.
        konect: the kind of a graph of KONECT's.

    Raises:
        InputError: as `find_layout`.
    """
    free, dropped = _without_spare(table, names, data)
    tail, head, chosen = _ends(table, names, data, free, wanted, konect)
    dropped = dropped if wanted.source is None and wanted.target is None else ()
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
        (*names.told, *dropped, *chosen, *_one_set(names, tail, head, konect), *told),
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
    table: Deep, names: Names, data: Sequence[Sequence[str]]
) -> tuple[list[int], tuple[str, ...]]:
    """The columns that may be read, without row numbers and empty ones; what is said of these."""
    columns = list(range(table.width))
    told = []
    last = columns[-1]
    nameless = last >= len(names.cells) or not names.cells[last]
    if (
        len(columns) > 2
        and nameless
        and data
        and all(not row[last] for row in data)
        and (are_empty(table.whole(last)))
    ):
        columns.pop()
        told.append(f"column {last + 1} is empty, and not read")
    numbers = row_numbers(names.cells, data, columns, table)
    told += [
        f"column {i + 1} holds row numbers, and is not read (--source takes it)" for i in numbers
    ]
    return [column for column in columns if column not in numbers], tuple(told)


def _ends(
    table: Deep,
    names: Names,
    data: Sequence[Sequence[str]],
    free: list[int],
    wanted: Wanted,
    konect: str | None,
) -> tuple[int, int, tuple[str, ...]]:
    """The columns of the ends, as a user names them or by their names and ids; and what is said."""
    listed = _listed(table, names)
    given = [
        None if asked is None else find_named(asked, listed, option, table.label, "column")
        for asked, option in ((wanted.source, "--source"), (wanted.target, "--target"))
    ]
    guessed, told = (
        ((free[0], free[1]), ()) if konect else choose_ends(names.cells, data, free, table)
    )
    for place, other in ((0, 1), (1, 0)):
        if given[place] is None and given[other] is not None:
            given[place] = next(i for i in (*guessed, *free) if i != given[other])
    if given[0] is not None and given[1] is not None:
        if given[0] == given[1]:
            raise InputError(f"{table.label}: --source and --target name the same column")
        return given[0], given[1], ()
    if not end_pairs([names.cells[i] for i in free] if names.cells else []):
        _refuse_many(table, names, free, konect)
        if are_unclear(data, free, table) and not konect:
            raise InputError(
                f"{table.label}: {table.where}column 1 counts, and may number the rows "
                "or be an end: say which with --source 2 --target 3, or --source 1 --target 2"
            )
        if may_begin_with_times(data, free, table) and not konect:
            raise InputError(
                f"{table.label}: {table.where}column 1 rises and is unlike column 2, which has the "
                "numbers of column 3: it may be a time or an end: say which with --source 2 "
                "--target 3, or --source 1 --target 2"
            )
        _refuse_fractions(table, data, guessed, konect)
    return (*guessed, told)


def _listed(table: Deep, names: Names) -> list[str]:
    """Names of the columns, by which a user may ask for them."""
    return list(names.cells) or [f"column {i + 1}" for i in range(table.width)]


def _refuse_many(table: Deep, names: Names, free: Sequence[int], konect: str | None) -> None:
    """Refuse more columns than two ends and a weight, where no names tell them.

    Raises:
        InputError: saying how to name them.
    """
    if len(free) > (4 if konect else 3):
        shown = f" ({', '.join(names.cells)})"[:100] if names.cells else ""
        raise InputError(
            f"{table.label}: {table.where}{table.width} columns{shown}; an edge list "
            "has two, or three with weights: say which with --source, --target and --weight (names "
            "or numbers from 1), or name them 'source', 'target' and 'weight' in a header"
        )


def _refuse_fractions(
    table: Deep, data: Sequence[Sequence[str]], ends: tuple[int, int], konect: str | None
) -> None:
    """Refuse values beside ids, or beside names of edges, which are no ends: `ann-bob,0.75`.

    Raises:
        InputError: one of two ends without a name has fractions, and the other has none.
    """
    cells = [[row[i] for row in data if len(row) > i] for i in ends]
    odd = [place for place, each in enumerate(cells) if len(each) > 2 and are_fractions(each)]
    if konect or len(odd) != 1:
        return
    value = next(cell for cell in cells[odd[0]] if is_number(cell))
    raise InputError(
        f"{table.label}: {table.where}column {ends[odd[0]] + 1} holds numbers with fractions, "
        f"{value}, which are hardly ids, and an edge needs two: name its ends 'source' and "
        f"'target', or say --source {ends[0] + 1} --target {ends[1] + 1} if they are"
    )


_MATRIX_REMEDY = "networkx.from_pandas_adjacency reads it: write it with networkx.write_graphml"


def refuse_matrix(label: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Refuse an adjacency matrix: its rows have the names of its columns, or it is symmetric.

    Args:
        label: name of the input in messages.
        columns: their names.
        rows: the first rows, as cells.

    Raises:
        InputError: saying what to do.
    """
    if len(rows) < 3:
        return
    refuse = f"{label}: is an adjacency matrix: {{}}; {_MATRIX_REMEDY}".format
    if _is_symmetric(rows):
        raise InputError(refuse("it is square and symmetric"))
    for place in (0, len(columns) - 1):
        cells = [[*row[:place], *row[place + 1 :]] for row in rows]
        others = [*columns[:place], *columns[place + 1 :]]
        if [row[place] for row in rows] == others[: len(rows)] and _are_numbers(cells):
            raise InputError(refuse("its rows and columns have the same names"))
        if _is_symmetric(cells):
            raise InputError(refuse("it is square and symmetric"))


def _is_symmetric(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows, as many as are looked at, are those of a symmetric matrix of numbers."""
    width = len(rows[0])
    size = min(width, len(rows))
    block = [tuple(row[:size]) for row in rows[:size]]
    square = size > 3 and min(width, LOOKED_AT) == min(len(rows), LOOKED_AT)
    return square and block == list(zip(*block, strict=True)) and _are_numbers(rows)


def _are_numbers(rows: Iterable[Sequence[str]]) -> bool:
    return all(is_number(cell) or not cell for row in rows for cell in row)


def _one_set(names: Names, tail: int, head: int, konect: str | None) -> tuple[str, ...]:
    """A note where two columns that are named as different things share their ids."""
    if not names.cells or konect or find_ends(names.cells) is not None or not names.header:
        return ()
    first, second = names.cells[tail], names.cells[head]
    if not first or not second or fold(first) == fold(second):
        return ()
    return (f"ends: columns '{first}' and '{second}'; an id that is in both is one vertex",)


def _weight(
    table: Deep,
    names: Names,
    data: Sequence[Sequence[str]],
    rest: list[int],
    wanted: Wanted,
    konect: str | None,
) -> tuple[int | None, tuple[str, ...]]:
    """The column of the weight, and what is said of it."""
    listed = _listed(table, names)
    asked = wanted.weight
    if asked is not None and not (asked.lower() == NONE and asked not in listed):
        return find_named(asked, listed, "--weight", table.label, "column"), ()
    if asked is not None or not rest:
        return None, ()
    if names.cells:
        return _named_weight(table, names, data, rest)
    if rest[0] == 0:
        return None, ("column 1 is not read: edges count alike (--weight 1 takes it)",)
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
    return f"{told} (--weight {column + 1} takes it)"
