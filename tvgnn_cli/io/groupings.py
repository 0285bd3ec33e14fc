"""Clusters and classes on file, of any tool: a name for each vertex."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.companions import array_of
from tvgnn_cli.io.content import as_table, held
from tvgnn_cli.io.id_match import are_fractions, rows_by_number
from tvgnn_cli.io.names import CLUSTER, fold
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.tables import distinct, in_order
from tvgnn_cli.io.vertex_arrays import label_texts
from tvgnn_cli.io.vertex_table import COLUMN, OPTION, VertexTable, vertex_table_of
from tvgnn_cli.io.written_numbers import with_numbers

SHARE = re.compile(r"p\d{1,10}")
"""Columns of soft assignments, `p_0`, as names are folded."""

SURE = ("confidence", "stability")
"""Columns on how sure a vertex's cluster is."""


@dataclass(frozen=True)
class Grouping:
    """Names of clusters or classes by vertex, in a file's order, and what is said of the choice."""

    ids: list[str]
    names: list[str]
    notes: tuple[str, ...] = ()


def read_grouping(
    source: Source,
    column: str,
    known: Collection[str] = (),
    own: Sequence[str] = (),
    asked: str | None = None,
) -> Grouping:
    """Clusters or classes.

    A table has them in the named column, or else in the first beside the ids; clusters, where that
    is `p_0`, in the number of the largest of the shares `p_0`, `p_1`, ...; a graph file in the
    vertex attribute of that name; an AnnData file in a column of `obs`, see
    `read_observed_clusters`; an array in the order of the vertices.

    Args:
        source: the file.
        column: name of the wanted column or attribute.
        known: vertex ids that a table may hold; a first line with one of them is no header.
        own: those of the graph, for arrays.
        asked: name that a user gives, by `OPTION`.

    Raises:
        InputError: no such column or attribute, repeated ids, values that are no names of groups,
            measured ones in a column that is taken for the clusters.
        UsageError: a name for the clusters of an array.
    """
    source = held(source)
    table = vertex_table_of(source, column, known, asked, groups=True)
    if table is None:
        if asked is not None and column == CLUSTER:
            raise UsageError(
                f"{OPTION[column]}: {source.label} has no names to choose from; leave it out"
            )
        return _of_array(as_table(source), own)
    name = table.named(column, source.label)
    if asked is None and column == CLUSTER and SHARE.fullmatch(fold(name)):
        return Grouping(table.ids, _largest(table.columns, source.label))
    told = _on_guess(table, name, source.label) if asked is None and column == CLUSTER else ()
    return Grouping(table.ids, table.columns[name].texts(), (*table.notes, *told))


def _on_guess(table: VertexTable, name: str, label: str) -> tuple[str, ...]:
    """Say which of several columns of a table is taken for the clusters, where none is named so.

    Raises:
        InputError: its values are numbers with fractions, as what is measured, most of them
            different.
    """
    if fold(name) == CLUSTER or table.what != COLUMN:
        return ()
    said = name if name.startswith("column ") else f"column '{name}'"
    values = [text for text in table.columns[name].texts() if text]
    if are_fractions(values) and 2 * len(set(values)) > len(values):
        raise InputError(
            f"{label}: {said} has numbers such as {values[0]}, which are no clusters; name the "
            "column that has them 'cluster'"
        )
    if len(table.columns) == 1:
        return ()
    return (f"clusters: {said} of {label}; none is named 'cluster'",)


def _largest(columns: Mapping[str, Column], label: str) -> list[str]:
    """The number of the largest of the columns `p_0`, `p_1`, ... in each row, as text; "" where one
    is missing.

    Raises:
        InputError: these are not all there, or no numbers.
    """
    known = {fold(name): with_numbers(column) for name, column in columns.items()}
    shares = {name: column for name, column in known.items() if SHARE.fullmatch(name)}
    wanted = [f"p{i}" for i in range(len(shares))]
    if set(wanted) != set(shares) or not all(column.is_number for column in shares.values()):
        raise InputError(
            f"{label}: no column is named 'cluster', and p_0, p_1, ... are not all there as numbers"
        )
    found = np.stack([shares[name].floats() for name in wanted], axis=1)
    are_there = ~np.isnan(found).any(axis=1)
    most = np.where(are_there[:, None], found, 0).argmax(axis=1)
    pairs = zip(most.tolist(), are_there.tolist(), strict=True)
    return [str(cluster) if there else "" for cluster, there in pairs]


@dataclass(frozen=True)
class Measures:
    """Numbers that a file has beside clusters.

    Args:
        ids: of the vertices; none of an array.
        columns: numbers by name, as `fold` has it, float64, NaN where there is none.
        names: of all columns or vertex attributes that may tell of the clusters, in that form.
    """

    ids: list[str]
    columns: dict[str, np.ndarray]
    names: tuple[str, ...] = ()


def read_measures(
    source: Source,
    wanted: Callable[[str], bool],
    known: Collection[str] = (),
    asked: str | None = None,
) -> Measures:
    """The columns or vertex attributes of numbers that are `wanted` by name. A table or graph file
    has them of the column `cluster`: where another one is asked for, there are none.

    Args:
        source: a file that `read_grouping` reads.
        wanted: tells of a name, folded, whether it is one.
        known: vertex ids that a table may hold.
        asked: the column of the clusters that a user names.

    Raises:
        InputError: as `read_grouping`.
    """
    table = vertex_table_of(held(source), CLUSTER, known, asked)
    if table is None:
        return Measures([], {})
    told = {fold(name): column for name, column in table.told(source.label).items()}
    numbers = {name: with_numbers(column) for name, column in told.items() if wanted(name)}
    columns = {name: column.floats() for name, column in numbers.items() if column.is_number}
    return Measures(table.ids, columns, tuple(told))


def _of_array(source: Source, own: Sequence[str]) -> Grouping:
    """The names of an array, whose rows go as those of `rows_of_array` do: by the numbers of the
    vertices, where these are numbers, else in their order.
    """
    values, ids = array_of(source, "labels")
    texts, _ = label_texts(values, source.label)
    if ids is not None:
        return Grouping(distinct(ids, source), texts)
    count = len(own)
    if len(texts) != count:
        raise InputError(f"{source.label}: {len(texts):,} values for {count:,} vertices")
    rows = rows_by_number(own, count)
    told = () if rows == list(own) else (in_order(source.label, rows or own),)
    return Grouping(rows or list(own), texts, told)
