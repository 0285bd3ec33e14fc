"""Adjacency matrices in tables: a row and a column for each vertex, with or without their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.delimiter import LOOKED_AT
from tvgnn_cli.io.edge_header import find_names
from tvgnn_cli.io.edge_list_weights import numbers_of
from tvgnn_cli.io.names import end_pairs
from tvgnn_cli.io.numbered import NOTE
from tvgnn_cli.io.source import is_decimal
from tvgnn_cli.io.wanted import Wanted

FEWEST = 4
"""Vertices below which rows of numbers may as well be edges, where no names tell."""


FULL = 0.9
"""Share of pairs with a value above which values may be distances."""


@dataclass(frozen=True)
class Layout:
    """Layout of a matrix in a table.

    Args:
        headed: whether the first row has the names of the columns.
        names: the column that has those of the rows, from 0; None for none.
        why: tells that it is a matrix.
    """

    headed: bool
    names: int | None
    why: str


SQUARE, NAMED = "it is square and symmetric", "its rows and columns have the same names"


def layouts_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Layout]:
    """Find the layouts of a matrix that a table may have, by its first rows.

    Args:
        columns: its first row, or the names of its columns.
        rows: the rows after that, as cells, as many as are looked at.
    """
    if len(rows) < FEWEST - 1 or any(len(row) < len(columns) for row in rows):
        return  # a longer first line is refused with its number
    distinct = len(set(columns)) == len(columns)
    are_names = not columns[0] and distinct and _are_names(columns[1:])  # numbers may be, too
    if not are_names and _is_symmetric([columns, *rows]):
        yield Layout(False, None, SQUARE)
    if _is_symmetric(rows) and not end_pairs(columns):
        yield Layout(True, None, SQUARE)
    for place in (0, len(columns) - 1):
        cells = [[*row[:place], *row[place + 1 :]] for row in rows]
        others = [*columns[:place], *columns[place + 1 :]]
        same = [row[place] for row in rows] == others[: len(rows)] and _are_names(others)
        if same and _are_numbers(cells):
            yield Layout(True, place, NAMED)
        elif _is_blank(columns[place]) and _is_symmetric(cells) and not end_pairs(others):
            yield Layout(True, place, SQUARE)


def _is_blank(name: str) -> bool:
    """Tell whether a column has no name, or the one that pandas gives to an index in Parquet."""
    return not name or name.startswith("__index_level_")


def _are_names(cells: Sequence[str]) -> bool:
    """Tell whether cells may be names: numbers with fractions are none."""
    return not any(is_decimal(cell) and not cell.isdecimal() for cell in cells)


def _is_symmetric(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows, as many as are looked at, are those of a symmetric matrix of numbers."""
    width = len(rows[0])
    size = min(width, len(rows))
    block = [tuple(row[:size]) for row in rows[:size]]
    square = size >= FEWEST and min(width, LOOKED_AT) == min(len(rows), LOOKED_AT)
    if not square or block != list(zip(*block, strict=True)) or not _are_numbers(rows):
        return False
    # Kinds of vertices as 0 and 1 have nothing but a diagonal.
    apart = (cell for i, row in enumerate(block) for j, cell in enumerate(row) if i != j)
    return any(cell and float(cell.replace(",", ".")) for cell in apart)


def _are_numbers(rows: Iterable[Sequence[str]]) -> bool:
    return all(is_decimal(cell) or not cell for row in rows for cell in row)


@dataclass(frozen=True)
class Table:
    """A table that may be a matrix.

    Args:
        label: name of the input in messages.
        columns: its first row, or the names of its columns.
        cells: those of each column in the rows after that.
        numbers: gives the cells of a column as numbers, NaN where empty, after some of text; raises
            `InputError` where one is none.
    """

    label: str
    columns: Sequence[str]
    cells: Sequence[pa.ChunkedArray]
    numbers: Callable[[int, list[str]], np.ndarray]

    @property
    def num_rows(self) -> int:
        return len(self.cells[0])


def matrix_in(table: Delimited, wanted: Wanted, name: str) -> PropertyGraph | None:
    """The graph of a matrix in text; None of other tables, and where a user names columns of ends.

    Raises:
        InputError: more rows than columns, or fewer; a cell that is no number.
    """
    rows = [row.cells for row in table.sample() if len(row.cells) == table.width]
    if table.width < FEWEST or not rows or wanted.source or wanted.target:
        return None
    columns = find_names(table, rows, wanted).cells or table.first.cells
    found = list(layouts_of(columns, rows))
    if not found:
        return None
    cells = table.columns(range(table.width))

    def numbers(column: int, lead: list[str]) -> np.ndarray:
        filled = pc.if_else(pc.equal(cells[column], ""), "nan", cells[column])
        values, _ = numbers_of(filled, [cell or "nan" for cell in lead])
        if values is None:
            raise _fault(table, column)
        return values

    return graph_of_matrix(Table(table.label, columns, cells, numbers), found, name, wanted)


def _fault(table: Delimited, column: int) -> InputError:
    """The first cell of a column that is no number, as an error that names its line."""
    for row in table.rows():
        if row.cells[column] and not is_decimal(row.cells[column]):
            cell = shown(row.cells[column])
            return InputError(f"{table.label}: line {row.line}: {cell} is no number in a matrix")
    return InputError(f"{table.label}: column {column + 1} has cells that are no numbers")


def graph_of_matrix(
    table: Table, layouts: Sequence[Layout], name: str, wanted: Wanted
) -> PropertyGraph:
    """An edge for each entry that is not 0, with its value as `weight` unless all are 1; of a
    symmetric matrix one for both of its halves.

    Args:
        table: that holds it.
        layouts: that it may have, the likeliest first.
        name: stem that output files are named after.
        wanted: whether values count.

    Raises:
        InputError: more rows than columns, or fewer; rows that have other names than the columns;
            a name twice; a cell that is no number; correlations below 0, where values count.
    """
    width = len(table.columns)
    fits = (
        each for each in layouts
        if table.num_rows + (not each.headed) == width - (each.names is not None)
    )  # fmt: skip
    layout = next(fits, None)
    if layout is None:
        raise InputError(
            f"{table.label}: is an adjacency matrix: {layouts[0].why}; but it has {width:,} "
            f"columns and {table.num_rows + 1:,} rows"
        )
    places = [place for place in range(width) if place != layout.names]
    ids, told = _ids(table, layout, places)
    lead = [] if layout.headed else list(table.columns)
    values = np.empty((len(places), len(places)))
    for at, place in enumerate(places):
        values[:, at] = table.numbers(place, lead[place : place + 1])
    gaps = int(np.isnan(values).sum() - np.isnan(np.diagonal(values)).sum())
    if gaps:
        told = (*told, f"cells of the matrix without a value, read as 0: {gaps:,}")
    values = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)
    below = int((np.tril(values) < 0).sum())
    if below and _are_correlations(values) and not wanted.leaves_out("weight"):
        raise InputError(
            f"{table.label}: is a matrix of correlations, of which {below:,} are below 0; weights "
            "are similarities, at least 0: write 0 in their place, or absolute values"
        )
    return _graph(values, ids, table.label, name, (f"an adjacency matrix: {layout.why}", *told))


def _are_correlations(values: np.ndarray) -> bool:
    """Tell whether values are from -1 to 1, and 1 of each vertex with itself."""
    ones = np.abs(np.diagonal(values) - 1) < 1e-6
    return bool(ones.all()) and bool((np.abs(values) < 1 + 1e-6).all())


def _ids(table: Table, layout: Layout, places: Sequence[int]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The ids of the vertices, and what is said of them."""
    columns = [table.columns[place] for place in places]
    rows = columns if layout.names is None else table.cells[layout.names].to_pylist()
    if layout.why == NAMED and rows != columns:
        at = next(i for i, pair in enumerate(zip(rows, columns, strict=True)) if pair[0] != pair[1])
        raise InputError(
            f"{table.label}: is an adjacency matrix, whose row {at + 1:,} has the name "
            f"{shown(rows[at])} and whose column {at + 1:,} has {shown(columns[at])}"
        )
    if not layout.headed:
        ids = np.array([str(number) for number in range(1, len(places) + 1)], dtype=object)
        return ids, (NOTE,)
    if len(set(rows)) < len(rows) or "" in rows:
        raise InputError(
            f"{table.label}: is an adjacency matrix, in which names are not all others"
        )
    said = "" if rows == columns else "; the ids are the names of the rows"
    return np.array(rows, dtype=object), (said[2:],) if said else ()


def _graph(
    values: np.ndarray, ids: np.ndarray, label: str, name: str, told: tuple[str, ...]
) -> PropertyGraph:
    symmetric = bool((values == values.T).all())
    tail, head = np.nonzero(np.tril(values) if symmetric else values)
    weight = values[tail, head]
    notes = [*told]
    pairs = np.maximum(values, values.T)[np.tril_indices(len(values), -1)]
    if (pairs > 0).mean() > FULL and not np.diagonal(values).any():
        notes.append(
            "warning: nearly every two vertices have a value, and none has one of itself, as in a "
            "table of distances; weights are similarities: larger is closer"
        )
    return PropertyGraph(
        ids=ids,
        tail=tail,
        head=head,
        directed=not symmetric,
        edge_attributes={} if bool((weight == 1).all()) else {"weight": Column(weight)},
        label=label,
        name=name,
        notes=tuple(notes),
    )
