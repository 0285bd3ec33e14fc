"""Clusters and classes on file, of any tool: a name for each vertex."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

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
    form = form_of(first_bytes(source))
    if form in GRAPH_FILES:
        return _of_graph_file(source, form, column, asked)
    source = as_table(source)
    if source.suffix in ARRAYS:
        return _of_array(source, own)
    rows = read_rows(source, known, groups=True)
    if rows.numbered or not rows.columns:
        raise InputError(f"{source.label}: one column; need vertex ids and a label or cluster")
    names = list(rows.columns)
    if asked is not None:
        name = names[find_named(asked, names, "`label_attr`", source.label, "column")]
    else:
        folded = list(map(fold, names))
        name = names[folded.index(column)] if column in folded else names[0]
        if column == CLUSTER and SHARE.fullmatch(fold(name)):
            return rows.ids, _largest(rows.columns, source.label)
    return rows.ids, rows.columns[name].texts()


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
    source = held(source)
    form = form_of(first_bytes(source))
    if form in GRAPH_FILES:
        ids, columns = _attributes(source, form)
    else:
        source = as_table(source)
        if source.suffix in ARRAYS:
            return [], {}
        rows = read_rows(source, known)
        ids, columns = rows.ids, dict(rows.columns)
    numbers = {fold(name): with_numbers(column) for name, column in columns.items()}
    return ids, {
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
    source = held(source)
    form = form_of(first_bytes(source))
    if form in GRAPH_FILES:
        return list(_attributes(source, form)[1])
    source = as_table(source)
    return [] if source.suffix in ARRAYS else list(read_rows(source, known).columns)


def _attributes(source: Source, form: str) -> tuple[list[str], dict[str, Column]]:
    """Ids and vertex attributes of a graph file."""
    wanted = Wanted(feature_attrs=NONE, weight=NONE, label_attr=NONE, keep_attributes=True)
    graph = READERS[form](source, wanted)
    columns = {} if graph.origin is None else dict(graph.origin.vertex_attributes)
    return graph.ids.tolist(), columns


def _of_graph_file(
    source: Source, form: str, column: str, asked: str | None
) -> tuple[list[str], list[str]]:
    ids, columns = _attributes(source, form)
    names = list(columns)
    if asked is not None:
        i = find_named(asked, names, "`label_attr`", source.label, "vertex attribute")
        return ids, columns[names[i]].texts()
    found = next((name for name in names if fold(name) == column), None)
    if found is None:
        there = f"; it has {some_of(names)}" if names else ""
        raise InputError(f"{source.label}: no vertex attribute is named '{column}'{there}")
    return ids, columns[found].texts()


def _of_array(source: Source, own: Sequence[str]) -> tuple[list[str], list[str]]:
    values, ids = array_of(source, "labels")
    texts, _ = label_texts(values, source.label)
    if ids is None and len(texts) != len(own):
        raise InputError(f"{source.label}: {len(texts):,} values for {len(own):,} vertices")
    return list(own) if ids is None else distinct(ids, source), texts
