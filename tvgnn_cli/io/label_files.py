"""True classes in a file of their own."""

from __future__ import annotations

from dataclasses import replace

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.classes import Classes, classes_of
from tvgnn_cli.io.companions import (
    ARRAYS,
    array_of,
    num_rows,
    rows_of_array,
    rows_of_table,
    where_ids_are,
)
from tvgnn_cli.io.content import as_table
from tvgnn_cli.io.id_match import count_from_other_ends, difference
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.tables import Rows, class_column, extra_rows, lacking_rows
from tvgnn_cli.io.vertex_arrays import as_labels, label_texts


def attach_labels(graph: Graph, source: Source, asked: str | None = None) -> Graph:
    """The graph with the true labels of a file. Rows for vertices that the graph lacks are left
    out: labels never change what is clustered. Vertices without a row are of unknown class.

    Args:
        graph: whose labels they are.
        source: the file.
        asked: which column of a table they are in, see `class_column`.

    Raises:
        InputError: ids none of which are the graph's, or that are written in another way; repeated
            rows that differ; a table whose label column is not clear.
    """
    source = as_table(source)
    if source.suffix in ARRAYS:
        return _labelled_by_array(graph, source)
    rows = rows_of_table(graph, source, groups=True)
    name = class_column(rows, asked, source.label)
    texts = rows.columns[name].texts()
    column = f", column '{name}'" if len(rows.columns) > 1 else ""
    return _labelled_by_rows(graph, rows, texts, source, column)


def _labelled_by_array(graph: Graph, source: Source) -> Graph:
    values, ids = array_of(source, "labels")
    values = values[:, 0] if num_rows(values, 2) and values.shape[1] == 1 else values
    count = num_rows(values, 1)
    rows = rows_of_array(graph, count, ids, source)
    if rows is not None:
        texts, told = label_texts(values, source.label)
        return _labelled_by_rows(graph, replace(rows, notes=(*rows.notes, *told)), texts, source)
    if graph.open_ended and count > graph.num_vertices:
        graph = _told_of_extra(graph, count - graph.num_vertices, source)
        values = values[: graph.num_vertices]
    return _labelled(graph, as_labels(values, graph.num_vertices, source.label), source.label)


def _labelled_by_rows(
    graph: Graph, rows: Rows, texts: list[str], source: Source, column: str = ""
) -> Graph:
    class_of = dict(zip(rows.ids, texts, strict=True))
    ids = graph.ids.tolist()
    lacking = [vertex for vertex in ids if vertex not in class_of]
    told = count_from_other_ends(ids, rows.ids, source.label)
    if lacking:
        differ = difference(ids, rows.ids, source.label)
        if differ:
            raise InputError(
                f"{source.label}: no row for vertex {first_and_rest(lacking)}"
                f"{where_ids_are(rows)}{differ}"
            )
        told += (lacking_rows(lacking, len(ids), source.label),)
    if extra := len(rows.ids) - (len(ids) - len(lacking)):
        graph = _told_of_extra(graph, extra, source)
    found = classes_of([class_of.get(vertex, "") for vertex in ids])
    graph = _labelled(graph, found, f"{source.label}{column}")
    return replace(graph, notes=(*graph.notes, *rows.notes, *told))


def _labelled(graph: Graph, found: Classes, where: str) -> Graph:
    return graph.with_labels(found.codes, found.names, found.said(where), *found.notes)


def _told_of_extra(graph: Graph, count: int, source: Source) -> Graph:
    return replace(graph, notes=(*graph.notes, extra_rows(count, source.label)))
