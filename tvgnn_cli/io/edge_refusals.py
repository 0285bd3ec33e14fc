"""Tables that are no lists of edges, or whose columns cannot be told: each with what to do."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.compute as pc

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.edge_header import Names
from tvgnn_cli.io.id_match import are_fractions
from tvgnn_cli.io.names import (
    CLASSES,
    DISPLAY,
    ENDS,
    KEY_NAMES,
    PARTITIONS,
    end_pairs,
    fold,
    numbered,
)
from tvgnn_cli.io.source import is_decimal, is_number
from tvgnn_cli.io.whole_columns import Deep, share


def refuse_one_column(table: Delimited) -> None:
    """Refuse a table of one column.

    Raises:
        InputError: naming its first line.
    """
    if table.width < 2:
        first = table.first
        shown = " ".join(first.cells)[:40]
        if "::" in shown:
            raise InputError(
                f"{table.label}: line {first.line}: cells are parted by '::' ({shown!r}); write "
                "one comma for each: sed 's/::/,/g' FILE"
            )
        raise InputError(
            f"{table.label}: line {first.line}: one column ({shown!r}); an edge list needs two "
            "vertex ids per line, separated by comma, tab or white space"
        )


def refuse_many(table: Deep, names: Names, free: Sequence[int], konect: str | None) -> None:
    """Refuse more columns than two ends and a weight, or columns that are numbered as features are,
    where no names tell them.

    Raises:
        InputError: saying how to name them.
    """
    several = numbered(names.cells)
    if len(free) > (4 if konect else 3) or (several and several.issuperset(free[:2])):
        shown = f" ({', '.join(names.cells)})"[:100] if names.cells else ""
        numbers = "" if any(map(str.isdecimal, names.cells)) else " or numbers from 1"
        raise InputError(
            f"{table.label}: {table.where}{table.width} columns{shown}; an edge list "
            "has two, or three with weights: say which with `source`, `target` and `weight` "
            f"(names{numbers}), or name them 'source', 'target' and 'weight' in a header"
        )


def refuse_named_rows(
    table: Deep, names: Names, data: Sequence[Sequence[str]], free: Sequence[int]
) -> None:
    """Refuse numbers beside names of rows: a matrix of vertices and what they belong to.

    Args:
        table: whose columns they are.
        names: of these.
        data: the first rows, as cells.
        free: columns that may be something.

    Raises:
        InputError: the first column has no name and holds text, all others hold numbers.
    """
    rows = [row[0] for row in data]
    if 0 in free or len(rows) < 3 or names.cells[0] or any(map(is_decimal, rows)):
        return
    if all(is_decimal(row[column]) for row in data for column in free):
        raise InputError(
            f"{table.label}: {table.where}column 1 names the rows ({rows[0]!r}) and the others "
            "hold numbers, as in a matrix of vertices and their groups or features; write a line "
            f"for each edge, or say `source` {free[0] + 1} `target` {free[1] + 1} if these are ends"
        )


def refuse_vertices(table: Deep, names: Names, ends: tuple[int, int]) -> None:
    """Refuse a table of vertices: a column of ids, no two alike, and what is known of each.

    Args:
        table: whose columns they are.
        names: of these.
        ends: the columns that would be its ends.

    Raises:
        InputError: none of the ends has ids of the other, unless these are numbers beside a column
            that is named as names, classes or clusters are.
    """
    folded = [fold(name) for name in names.cells]
    key = next((i for i, name in enumerate(folded[:2]) if name in _IDS), None)
    if key is None or not names.header:
        return
    tells = not _ABOUT.isdisjoint(folded)
    if not tells and key not in ends:
        return  # it may number the edges
    ids = table.whole(key)
    if len(ids) < 2 or pc.count_distinct(ids).as_py() < len(ids):
        return
    # What numbers share may be no ids: ages, years.
    if not (tells and ids[0].as_py().isdecimal()) and share(table, *ends):
        return
    raise InputError(
        f"{table.label}: {table.where}looks like a table of vertices, with a row for each "
        f"'{names.cells[key]}' and no edges: give it beside a list of edges, as `features`, "
        f"`labels` or clusters, or say `source` {ends[0] + 1} `target` {ends[1] + 1} if these are "
        "ends"
    )


_IDS = frozenset(KEY_NAMES) - {"key"}
_ABOUT = frozenset((*DISPLAY, *CLASSES, *PARTITIONS)) - {"target", "y"}
"""Names of columns that say something of a vertex."""


def refuse_fractions(
    table: Deep,
    names: Names,
    data: Sequence[Sequence[str]],
    ends: tuple[int, int],
    konect: str | None,
) -> None:
    """Refuse numbers with fractions, which are no ids: `ann-bob,0.75`, places in a plane.

    Raises:
        InputError: one of two ends without a name has fractions, or both have, unless they are
            named as nothing but ends is: `source`, `target`.
    """
    cells = [[row[i] for row in data if len(row) > i] for i in ends]
    odd = [place for place, each in enumerate(cells) if len(each) > 2 and are_fractions(each)]
    named = tuple(fold(names.cells[i]) for i in ends) if names.cells else ()
    if konect or not odd or named in ENDS or (len(odd) == 1 and ends in end_pairs(names.cells)):
        return
    columns = " and ".join(str(ends[place] + 1) for place in odd)
    values = " and ".join(next(cell for cell in cells[place] if is_number(cell)) for place in odd)
    hold = "columns {} hold" if len(odd) == 2 else "column {} holds"
    raise InputError(
        f"{table.label}: {table.where}{hold.format(columns)} numbers with fractions, {values}, "
        "which are hardly ids, and an edge needs two: name its ends 'source' and "
        f"'target', or say `source` {ends[0] + 1} `target` {ends[1] + 1} if they are"
    )
