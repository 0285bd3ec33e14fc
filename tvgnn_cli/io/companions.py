"""Feature and label files that go with a graph, matched by vertex id or in vertex order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli import stored
from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph import Graph, encode_labels, index_ids
from tvgnn_cli.io.archive import Archive
from tvgnn_cli.io.npy import NpyFile, can_stay, read_npy, stored_npy
from tvgnn_cli.io.npz import as_features, as_labels, check_shape, find_features
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.sparse_arrays import read_sparse
from tvgnn_cli.io.tables import distinct, numeric, read_rows, texts

ARRAYS = (".npy", ".npz")


def attach_features(graph: Graph, source: Source) -> Graph:
    """The graph with the features of a file in place of its own.

    Vertices that only the file knows are added, without edges. `.npy` and `.npz` hold rows in
    vertex order; `.csv`, `.tsv` and `.parquet` have vertex ids in a column named `id`, `vertex` or
    `node`, or else in the first. Large `.npy` and `.parquet` files are not held.

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

        table = FeatureTable.look(source, stored.STORED_BYTES)
        if table is not None:
            graph, order = _match(graph, distinct(table.ids, source), source)
            in_file = table.stored(order).surveyed(graph.ids)
            return graph.with_features(in_file, f"{note}, read block by block", table.columns)
    rows = read_rows(source, graph.ids)
    graph, order = _match(graph, rows.ids, source)
    x = as_features(numeric(rows, source)[order], graph.ids, source.label)
    return graph.with_features(x, note, rows.names)


def attach_labels(graph: Graph, source: Source) -> Graph:
    """The graph with the true labels of a file; the same rules as for features.

    Raises:
        InputError: as for features; more than one label column.
    """
    if source.suffix in ARRAYS:
        values = _array(source, "labels")
        graph = _with_the_last(graph, _rows_of(values, 1), source)
        y, names = as_labels(values, graph.num_vertices, source.label)
        return graph.with_labels(y, names, f"true labels: {source.label}")
    rows = read_rows(source, graph.ids)
    if rows.values.shape[1] != 1:
        columns = ", ".join(map(str, rows.values.columns))
        raise InputError(f"{source.label}: need one label column beside the ids, not {columns}")
    graph, order = _match(graph, rows.ids, source)
    values = texts(rows.values.iloc[:, 0])
    y, names = encode_labels([values[i] for i in order])
    return graph.with_labels(y, names, f"true labels: {source.label}")


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


def _match(graph: Graph, ids: list[str], source: Source) -> tuple[Graph, np.ndarray]:
    """The graph with vertices that only the rows have, and the row of each of its vertices."""
    if graph.open_ended and set(ids) == set(index_ids(len(ids)).tolist()):
        graph = _with_the_last(graph, len(ids), source)
    row_of = {name: i for i, name in enumerate(ids)}
    known = set(graph.ids.tolist())
    lacking = [name for name in graph.ids.tolist() if name not in row_of]
    if lacking:
        raise InputError(f"{source.label}: no row for vertex {first_and_rest(lacking)}")
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
