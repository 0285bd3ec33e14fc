"""Feature and label files that go with a graph, matched by vertex id or in vertex order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli import stored
from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph import Graph, index_ids
from tvgnn_cli.io.archive import Archive
from tvgnn_cli.io.attribute_choice import CONSTANT, Asked, Chosen, choose_features
from tvgnn_cli.io.classes import Classes, classes_of
from tvgnn_cli.io.npy import NpyFile, can_stay, read_npy, stored_npy
from tvgnn_cli.io.npz import as_features, as_labels, check_shape, find_features
from tvgnn_cli.io.source import Source, is_number
from tvgnn_cli.io.sparse_arrays import read_sparse
from tvgnn_cli.io.tables import Rows, class_column, distinct, read_rows
from tvgnn_cli.io.wanted import AUTO
from tvgnn_cli.property_graph import Column

if TYPE_CHECKING:
    from tvgnn_cli.io.parquet import FeatureTable

ARRAYS = (".npy", ".npz")


def attach_features(graph: Graph, source: Source, asked: Asked = None) -> Graph:
    """The graph with the features of a file in place of its own.

    Vertices that only the file knows are added, without edges. `.npy` and `.npz` hold rows in
    vertex order; tables have vertex ids in one of their columns, see `read_rows`. Large `.npy` and
    `.parquet` files are not held.

    Args:
        graph: whose features they are.
        source: the file.
        asked: which columns of a table are features, see `choose_features`.

    Raises:
        InputError: vertices without a row, repeated rows, ids that match nothing, values that
            are not finite numbers.
    """
    note = f"features: {source.label}"
    if source.suffix in ARRAYS:
        read = _array(source, "features")
        graph = _with_the_last(graph, _rows_of(read, 2), source)
        if isinstance(read, NpyFile):
            check_shape(read.shape, graph.num_vertices, source.label)
            x = stored_npy(read).surveyed(graph.ids)
            return graph.with_features(x, f"{note}, read block by block")
        return graph.with_features(as_features(read, graph.ids, source.label), note)
    if source.suffix == ".parquet" and source.is_plain_file:
        from tvgnn_cli.io.parquet import FeatureTable

        looked = FeatureTable.look(source, stored.STORED_BYTES, asked)
        if looked is not None:
            return _with_stored(graph, *looked, source, asked)
    rows = read_rows(source, graph.ids)
    graph, order = _placed(graph, rows, source)
    return _with_columns(graph, rows, order, source, asked)


def _with_stored(
    graph: Graph, table: FeatureTable, chosen: Chosen, source: Source, asked: Asked
) -> Graph:
    """The graph with features that stay in their file; unasked, without columns that are the same
    in all rows, as those of a table in memory.
    """
    if not table.columns:
        raise _nothing_left(chosen, source)
    graph, order = _match(graph, distinct(table.ids, source), source)
    x = table.stored(order).surveyed(graph.ids)
    differs = x.columns.high > x.columns.low
    vary = np.flatnonzero(differs if asked in (None, AUTO) else differs | True)
    constant = [name for i, name in enumerate(table.columns) if i not in set(vary.tolist())]
    left_out = dict(chosen.left_out)
    if constant:
        left_out[CONSTANT] = constant
        x = x.with_columns(vary)
    chosen = replace(chosen, left_out=left_out)
    if not len(vary):
        raise _nothing_left(chosen, source)
    names = [table.columns[i] for i in vary]
    graph = graph.with_features(x, f"features: {source.label}, read block by block", names)
    said = chosen.notes(f"columns of {source.label}")[1:]
    return replace(graph, notes=(*graph.notes, *said))


def _nothing_left(chosen: Chosen, source: Source) -> InputError:
    left_out = "; ".join(f"{', '.join(n[:6])} ({r})" for r, n in chosen.left_out.items())
    return InputError(
        f"{source.label}: no feature columns are left, of {left_out or 'none'}; --feature-attrs "
        "names those to use"
    )


def _with_columns(
    graph: Graph, rows: Rows, order: np.ndarray, source: Source, asked: Asked
) -> Graph:
    """The graph with those columns of a table that are features."""
    if not rows.columns:
        raise InputError(f"{source.label}: one column: ids and no feature columns")
    placed = {name: column.take(order) for name, column in rows.columns.items()}
    for name, column in placed.items():
        _refuse_stray_text(name, column, graph, source)
    unnamed = asked is None and not rows.named
    asked = "all" if unnamed else asked
    chosen = choose_features(placed, asked, graph.ids, source.label, of_a_table=True)
    if chosen.x is None or (unnamed and chosen.left_out):
        raise _nothing_left(chosen, source)
    x = as_features(chosen.x, graph.ids, source.label)
    names = chosen.names if rows.named else ()
    graph = graph.with_features(x, f"features: {source.label}", names)
    said = chosen.notes(f"columns of {source.label}")[1:]
    return replace(graph, notes=(*graph.notes, *rows.notes, *said))


def _refuse_stray_text(name: str, column: Column, graph: Graph, source: Source) -> None:
    """Refuse a column of numbers in which a few cells are none."""
    if column.is_number or column.kind:
        return
    there = [(i, text) for i, text in enumerate(column.texts()) if text]
    bad = [(i, text) for i, text in there if not is_number(text)]
    if len(bad) < len(there) / 2:
        row, value = bad[0]
        raise InputError(
            f"{source.label}: column '{name}' of vertex '{graph.ids[row]}' is {value!r}, "
            f"not a finite number ({len(bad)} such)"
        )


def attach_labels(graph: Graph, source: Source, asked: str | None = None) -> Graph:
    """The graph with the true labels of a file. Rows for vertices that the graph lacks are left
    out: labels never change what is clustered.

    Args:
        graph: whose labels they are.
        source: the file.
        asked: which column of a table they are in, see `class_column`.

    Raises:
        InputError: as for features; a table whose label column is not clear.
    """
    if source.suffix in ARRAYS:
        values = _array(source, "labels")
        extra = _rows_of(values, 1) - graph.num_vertices
        if graph.open_ended and extra > 0:
            values = values[: graph.num_vertices]
            graph = _told_of_extra(graph, extra, source)
        return _labelled(graph, as_labels(values, graph.num_vertices, source.label), source.label)
    rows = read_rows(source, graph.ids)
    name = class_column(rows, asked, source.label)
    ids = rows.ids
    texts = rows.columns[name].texts()
    if ids is None:
        ids = index_ids(len(texts)).tolist()
    class_of = dict(zip(ids, texts, strict=True))
    lacking = [vertex for vertex in graph.ids.tolist() if vertex not in class_of]
    if lacking:
        raise InputError(
            f"{source.label}: no row for vertex {first_and_rest(lacking)}{_where(rows)}; one of "
            "unknown class has a row too, with an empty cell"
        )
    if len(ids) > graph.num_vertices:
        graph = _told_of_extra(graph, len(ids) - graph.num_vertices, source)
    found = classes_of([class_of[vertex] for vertex in graph.ids.tolist()])
    column = f", column '{name}'" if rows.named and len(rows.columns) > 1 else ""
    graph = _labelled(graph, found, f"{source.label}{column}")
    return replace(graph, notes=(*graph.notes, *rows.notes))


def _labelled(graph: Graph, found: Classes, where: str) -> Graph:
    return graph.with_labels(found.codes, found.names, found.said(where), *found.notes)


def _told_of_extra(graph: Graph, count: int, source: Source) -> Graph:
    note = f"rows of {source.label} for vertices that the graph lacks, left out: {count:,}"
    return replace(graph, notes=(*graph.notes, note))


def _where(rows: Rows) -> str:
    return f" (ids are taken from column '{rows.looked_at}')" if rows.looked_at else ""


def _array(source: Source, what: str) -> Any:
    """The values of a `.npy` or `.npz` file, `[n, f]` or `[n]`: dense, CSR or left in their file.

    Raises:
        InputError: a damaged file, none of that name, or no values.
    """
    if source.suffix == ".npz":
        found = _of_archive(Archive(source), what)
    elif source.is_plain_file and what == "features" and can_stay(file := NpyFile.look(source)):
        found = file if file.num_values * 4 >= stored.STORED_BYTES else read_npy(source)
    else:
        found = read_npy(source)
    if 0 in found.shape:
        raise InputError(f"{source.label}: {what} have shape {found.shape}: there are none")
    return found


def _of_archive(arrays: Archive, what: str) -> Any:
    """The array of that name, what `scipy.sparse.save_npz` wrote, or the only array."""
    found = None
    if what == "labels":
        found = next((arrays[name] for name in ("labels", "y") if name in arrays), None)
    elif "format" in arrays:
        found = read_sparse(arrays, arrays.label)
    else:
        found = find_features(arrays, arrays.label)
    if found is None and len(arrays) != 1:
        raise InputError(f"{arrays.label}: name the array '{what}'; there are {list(arrays)}")
    return arrays[next(iter(arrays))] if found is None else found


def _rows_of(array: Any, dimensions: int) -> int:
    """How many vertices an array is for; 0 for one of another number of dimensions."""
    return int(array.shape[0]) if len(array.shape) == dimensions else 0


def _placed(graph: Graph, rows: Rows, source: Source) -> tuple[Graph, np.ndarray]:
    """The graph with vertices that only the rows have, and the row of each of its vertices."""
    if rows.ids is not None:
        return _match(graph, rows.ids, source, _where(rows))
    count = len(next(iter(rows.columns.values())).values)
    return _match(graph, index_ids(count).tolist(), source)


def _match(
    graph: Graph, ids: list[str], source: Source, where: str = ""
) -> tuple[Graph, np.ndarray]:
    """As `_placed`, for rows of those ids."""
    if graph.open_ended and set(ids) == set(index_ids(len(ids)).tolist()):
        graph = _with_the_last(graph, len(ids), source)
    row_of = {name: i for i, name in enumerate(ids)}
    known = set(graph.ids.tolist())
    lacking = [name for name in graph.ids.tolist() if name not in row_of]
    if lacking:
        raise InputError(f"{source.label}: no row for vertex {first_and_rest(lacking)}{where}")
    extra = [name for name in ids if name not in known]
    if extra and not graph.explicit_ids:
        raise InputError(
            f"{source.label}: vertex {first_and_rest(extra)} is not in the graph, "
            f"whose vertices are 0 to {graph.num_vertices - 1}"
        )
    if extra:
        graph = _with_isolated(graph, extra, source)
    return graph, np.array([row_of[name] for name in graph.ids.tolist()], dtype=np.int64)


def _with_the_last(graph: Graph, count: int, source: Source) -> Graph:
    """With vertices up to so many, if the graph's input does not say how many there are."""
    more = count - graph.num_vertices
    if not graph.open_ended or more <= 0 or graph.x is not None or graph.y is not None:
        return graph
    note = f"{more} vertices without edges added from {source.label}"
    return replace(graph, ids=index_ids(count), open_ended=False).with_note(note)


def _with_isolated(graph: Graph, extra: list[str], source: Source) -> Graph:
    if graph.x is not None or graph.y is not None:
        raise InputError(
            f"{source.label}: vertex {first_and_rest(extra)} is not in the graph, "
            "for whose vertices features or labels were given already"
        )
    ids = np.concatenate([graph.ids, np.array(extra, dtype=object)])
    note = f"{len(extra)} vertices without edges added from {source.label}"
    return replace(graph, ids=ids).with_note(note)
