"""Adjacency matrices in tables: a row and a column for each vertex, with or without their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.graph.missing import MISSING, is_missing
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.edge_header import find_names
from tvgnn_cli.io.edge_list_weights import numbers_of
from tvgnn_cli.io.matrix_layout import FEWEST, NAMED, Layout, layouts_of
from tvgnn_cli.io.numbered import NOTE
from tvgnn_cli.io.source import is_decimal
from tvgnn_cli.io.wanted import Wanted

MATRIX = "an adjacency matrix: "
"""Beginning of the note that a table is one."""

FULL = 0.9
"""Share of pairs with a value above which values may be distances."""


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
    few = table.width < FEWEST or not rows
    if (few and not wanted.matrices) or wanted.source or wanted.target:
        return None
    columns = find_names(table, rows, wanted).cells or table.first.cells
    found = list(layouts_of(columns, rows, wanted.matrices))
    if not found:
        return None
    cells = table.columns(range(table.width))

    def numbers(column: int, lead: list[str]) -> np.ndarray:
        gaps = pc.is_in(cells[column], value_set=pa.array(list(MISSING), pa.string()))
        filled = pc.if_else(gaps, "nan", cells[column])
        values, _ = numbers_of(filled, ["nan" if is_missing(cell) else cell for cell in lead])
        if values is None:
            raise _fault(table, column)
        return values

    return graph_of_matrix(Table(table.label, columns, cells, numbers), found, name, wanted)


def _fault(table: Delimited, column: int) -> InputError:
    """The first cell of a column that is no number, as an error that names its line."""
    for row in table.rows():
        if not is_missing(row.cells[column]) and not is_decimal(row.cells[column]):
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
    return _graph(values, ids, table.label, name, (f"{MATRIX}{layout.why}", *told))


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
    symmetric = np.allclose(values, values.T, rtol=1e-5, atol=0)
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
