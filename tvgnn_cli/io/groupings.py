"""Clusters and classes on file, of any tool: a name for each vertex."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import InputError, some_of
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.companions import ARRAYS, array_of
from tvgnn_cli.io.content import as_table, first_bytes, form_of, held
from tvgnn_cli.io.names import fold
from tvgnn_cli.io.readers import READERS
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.tables import distinct, read_rows
from tvgnn_cli.io.vertex_arrays import label_texts
from tvgnn_cli.io.wanted import NONE, Wanted, find_named
from tvgnn_cli.io.written_numbers import with_numbers

GRAPH_FILES = (".graphml", ".gexf", ".gml")
"""Forms of graphs whose vertices carry attributes by name."""

CLUSTER = "cluster"

SHARE = re.compile(r"p\d{1,10}")
"""Columns of soft assignments, `p_0`, as names are folded."""

SURE = ("confidence", "stability")
"""Columns on how sure a vertex's cluster is."""


def read_grouping(
    source: Source,
    column: str,
    known: Collection[str] = (),
    own: Sequence[str] = (),
    asked: str | None = None,
) -> tuple[list[str], list[str]]:
    """Ids and names of clusters or classes, in the file's order.

    A table has them in the named column, or else in the first beside the ids; clusters, where that
    is `p_0`, in the number of the largest of the shares `p_0`, `p_1`, ...; a graph file in the
    vertex attribute of that name; an array in the order of the vertices.

    Args:
        source: the file.
        column: name of the wanted column or attribute.
        known: vertex ids that a table may hold; a first line with one of them is no header.
        own: those of the graph, for arrays.
        asked: name that a user gives (`--label-attr`).

    Raises:
        InputError: no such column or attribute, repeated ids, values that are no names of groups.
    """
    source = held(source)
    table = _table_of(source, known, groups=True)
    if table is None:
        return _of_array(as_table(source), own)
    if not table.is_graph and (table.is_numbered or not table.columns):
        raise InputError(f"{source.label}: one column; need vertex ids and a label or cluster")
    name = table.named(column, asked, source.label)
    if asked is None and column == CLUSTER and SHARE.fullmatch(fold(name)):
        return table.ids, _largest(table.columns, source.label)
    return table.ids, table.columns[name].texts()


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


def read_measures(
    source: Source, wanted: Callable[[str], bool], known: Collection[str] = ()
) -> tuple[list[str], dict[str, np.ndarray]]:
    """Ids, and the numbers of the columns or vertex attributes that are `wanted` by name, float64,
    NaN where there is none; no columns of an array, or where none is of numbers.

    Args:
        source: a file that `read_grouping` reads.
        wanted: tells of a name, folded, whether it is one.
        known: vertex ids that a table may hold.

    Raises:
        InputError: as `read_grouping`.
    """
    table = _table_of(held(source), known)
    if table is None:
        return [], {}
    numbers = {fold(name): with_numbers(column) for name, column in table.columns.items()}
    return table.ids, {
        name: column.floats()
        for name, column in numbers.items()
        if wanted(name) and column.is_number
    }


def read_column_names(source: Source, known: Collection[str] = ()) -> list[str]:
    """Names of the columns beside the ids, or of the vertex attributes; none of an array.

    Args:
        source: a file that `read_grouping` reads.
        known: vertex ids that a table may hold.

    Raises:
        InputError: as `read_grouping`.
    """
    table = _table_of(held(source), known)
    return [] if table is None else list(table.columns)


@dataclass(frozen=True)
class _Table:
    """Values by vertex.

    Args:
        ids: of the vertices.
        columns: the values by name, those of the ids not among them.
        is_graph: whether they are attributes in a graph file, of which none is meant unless it has
            the name that is looked for.
        is_numbered: whether there are no ids, and rows are in the order of vertex numbers.
    """

    ids: list[str]
    columns: Mapping[str, Column]
    is_graph: bool = False
    is_numbered: bool = False

    def named(self, column: str, asked: str | None, label: str) -> str:
        """Name of the column that is asked for, else of the one that is looked for, else of the
        first of a table.

        Raises:
            InputError: there is none.
        """
        names, what = list(self.columns), "vertex attribute" if self.is_graph else "column"
        if asked is not None:
            return names[find_named(asked, names, "`label_attr`", label, what)]
        found = next((name for name in names if fold(name) == column), None)
        if found is None and self.is_graph:
            there = f"; it has {some_of(names)}" if names else ""
            raise InputError(f"{label}: no {what} is named '{column}'{there}")
        return names[0] if found is None else found


def _table_of(source: Source, known: Collection[str], groups: bool = False) -> _Table | None:
    """The columns of a table or the attributes of a graph file; None of an array.

    Args:
        source: the file, its bytes held where they are read once only.
        known: vertex ids that a table may hold.
        groups: as for `read_rows`.

    Raises:
        InputError: as `read_grouping`.
    """
    form = form_of(first_bytes(source))
    if form in GRAPH_FILES:
        wanted = Wanted(feature_attrs=NONE, weight=NONE, label_attr=NONE, keep_attributes=True)
        graph = READERS[form](source, wanted)
        columns = {} if graph.origin is None else dict(graph.origin.vertex_attributes)
        return _Table(graph.ids.tolist(), columns, is_graph=True)
    source = as_table(source)
    if source.suffix in ARRAYS:
        return None
    rows = read_rows(source, known, groups)
    return _Table(rows.ids, rows.columns, is_numbered=rows.numbered)


def _of_array(source: Source, own: Sequence[str]) -> tuple[list[str], list[str]]:
    values, ids = array_of(source, "labels")
    texts, _ = label_texts(values, source.label)
    if ids is None and len(texts) != len(own):
        raise InputError(f"{source.label}: {len(texts):,} values for {len(own):,} vertices")
    return list(own) if ids is None else distinct(ids, source), texts
