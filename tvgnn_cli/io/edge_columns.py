"""Layout of a table of edges: columns of ends, weight and row numbers, and those left unread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.edge_ends import (
    are_unclear,
    choose_ends,
    may_be_triples,
    may_begin_with_times,
    row_numbers,
)
from tvgnn_cli.io.edge_header import Names, find_names
from tvgnn_cli.io.edge_meaning import left_unread
from tvgnn_cli.io.edge_refusals import (
    refuse_fractions,
    refuse_many,
    refuse_named_rows,
    refuse_one_column,
    refuse_vertices,
)
from tvgnn_cli.io.names import are_defaults, end_pairs, find_ends, fold, is_never_end
from tvgnn_cli.io.wanted import Wanted, find_named
from tvgnn_cli.io.weight_column import column_of_weight
from tvgnn_cli.io.whole_columns import Deep, are_empty

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
    refuse_one_column(table)
    names = find_names(table, rows, wanted)
    if names.header and not sample:
        raise InputError(
            f"{table.label}: holds a header and no edges; `header=False` reads it as an edge"
        )
    if names.cells and len(names.cells) != table.width:
        raise table.ragged(table.first)
    data = rows if names.header else [table.first.cells, *rows]
    data = [cells for cells in data if len(cells) == table.width]
    konect = next((m[1] for line in table.comments if (m := _KONECT.match(line))), None)
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
    weight, told = column_of_weight(table, names, data, rest, wanted.weight, konect)
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
        f"column {i + 1} holds row numbers, and is not read (`source` takes it)" for i in numbers
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
    listed = names.listed(table.width)
    given = [
        None if asked is None else find_named(asked, listed, option, table.label, "column")
        for asked, option in ((wanted.source, "`source`"), (wanted.target, "`target`"))
    ]
    guessed, told = (
        ((free[0], free[1]), ()) if konect else choose_ends(names.cells, data, free, table)
    )
    for place, other in ((0, 1), (1, 0)):
        if given[place] is None and given[other] is not None:
            given[place] = next(i for i in (*guessed, *free) if i != given[other])
    if given[0] is not None and given[1] is not None:
        if given[0] == given[1]:
            raise InputError(f"{table.label}: `source` and `target` name the same column")
        return given[0], given[1], ()
    by_name = bool(end_pairs([names.cells[i] for i in free] if names.cells else []))
    if names.cells and not konect and (not by_name or are_defaults(names.cells)):
        refuse_named_rows(table, names, data, free)
    if not by_name:
        refuse_vertices(table, names, guessed)
        refuse_many(table, names, free, konect)
        if are_unclear(data, free, table) and not konect:
            raise InputError(
                f"{table.label}: {table.where}column 1 counts, and may number the rows "
                "or be an end: say which with `source` 2 `target` 3, or `source` 1 `target` 2, or "
                "name the ends 'source' and 'target' in a header"
            )
        if may_begin_with_times(data, free, table) and not konect:
            raise InputError(
                f"{table.label}: {table.where}column 1 rises and is unlike column 2, which has the "
                "numbers of column 3: it may be a time or an end: say which with `source` 2 "
                "`target` 3, or `source` 1 `target` 2, or name the ends in a header"
            )
        is_weight = bool(names.cells) and is_never_end(names.cells[free[-1]])
        if may_be_triples(data, free, table) and not (konect or is_weight):
            raise InputError(
                f"{table.label}: {table.where}columns 1 and 3 have the same numbers, and column 2 "
                "few: it may be a kind of edge or an end: say which with `source` 1 `target` 3, or "
                "`source` 1 `target` 2, or name the ends in a header"
            )
    refuse_fractions(table, names, data, guessed, konect)
    return (*guessed, told)


def _one_set(names: Names, tail: int, head: int, konect: str | None) -> tuple[str, ...]:
    """A note where two columns that are named as different things share their ids."""
    if not names.cells or konect or find_ends(names.cells) is not None or not names.header:
        return ()
    first, second = names.cells[tail], names.cells[head]
    if not first or not second or fold(first) == fold(second):
        return ()
    return (f"ends: columns '{first}' and '{second}'; an id that is in both is one vertex",)
