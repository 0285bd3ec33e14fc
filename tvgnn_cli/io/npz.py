"""Graphs in `.npz` files, in any of the forms that are in common use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.errors import InputError, some_of
from tvgnn_cli.graph.edges import check_weights
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.io.archive import Archive
from tvgnn_cli.io.classes import Classes
from tvgnn_cli.io.edge_arrays import EdgeArray, check_type, edges_of_array
from tvgnn_cli.io.names import (
    ARRAYS_OF_ADJACENCY,
    ARRAYS_OF_EDGES,
    ARRAYS_OF_WEIGHTS,
    find_array,
    find_ends,
)
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.sparse_arrays import most_vertices, read_sparse
from tvgnn_cli.io.vertex_arrays import (
    LATER_CLASSES,
    as_features,
    as_labels,
    check_shape,
    find_classes,
    find_features,
    label_texts,
)

ACCEPTED = (
    "edges as edge_index (2, edges) or edges (edges, 2), a square adjacency matrix adj, or what "
    "scipy.sparse.save_npz writes; beside them x (vertices, features), y, edge_weight, num_nodes"
)


def read_npz(source: Source) -> Graph:
    """Read arrays of edges, an adjacency matrix, a gnn-benchmark archive (`adj_data ...`) or a
    scipy matrix. Arrays that are not read are named in a note.

    Raises:
        InputError: no known set of keys, wrong shapes, vertices out of range, unusable values.
    """
    arrays = Archive(source)
    graph = graph_of_arrays(arrays, source)
    unread = [name for name in arrays if name not in arrays.taken and name != OF_SCIPY]
    if not unread:
        return graph
    note = f"arrays of {source.label} that are not read: {some_of(unread)}"
    return replace(graph, notes=(*graph.notes, note))


OF_SCIPY = "_is_array"
"""Array of `scipy.sparse.save_npz` that tells its two classes of matrices apart."""

SHOWN = 8
"""Names of arrays that a note lists."""


def graph_of_arrays(arrays: Mapping[str, np.ndarray], source: Source) -> Graph:
    """The graph that arrays hold, by their names.

    Raises:
        InputError: no known set of names, or as `read_npz`.
    """
    if "adj_data" in arrays:
        return _of_matrix(read_sparse(arrays, source.label, "adj_", "csr"), arrays, source)
    if "format" in arrays:
        return _of_matrix(read_sparse(arrays, source.label), arrays, source)
    edges = find_array(arrays, ARRAYS_OF_EDGES)
    if edges is not None:
        found = edges_of_array(arrays[edges], source.label, edges)
        return _of_edges(found, arrays, source)
    matrix, ends = find_array(arrays, ARRAYS_OF_ADJACENCY), find_ends(list(arrays))
    if ends is not None and matrix is not None and arrays[matrix].ndim == 1:
        matrix = None  # weights of the edges
    if matrix is None and len(arrays) == 1:
        only = next(iter(arrays))
        if not _is_square(arrays[only]):
            return _of_edges(edges_of_array(arrays[only], source.label, only), arrays, source)
        matrix = only
    if matrix is not None:
        return _of_dense(matrix, arrays, source)
    graph = None if ends is None else _of_ends(ends, arrays, source)
    if graph is not None:
        return graph
    raise InputError(
        f"{source.label}: no graph in the arrays {', '.join(arrays) or '(none)'}; known are "
        f"{ACCEPTED}"
    )


def _of_ends(
    ends: tuple[int, int], arrays: Mapping[str, np.ndarray], source: Source
) -> Graph | None:
    """The graph of two arrays of ends, none of which is something else, too; None for others."""
    names = list(arrays)
    pair = [arrays[names[i]] for i in ends]
    for i, end in zip(ends, pair, strict=True):
        check_type(end, source.label, names[i])
    if not all(end.ndim == 1 and len(end) == len(pair[0]) for end in pair):
        return None
    found = edges_of_array(np.stack(pair), source.label, " and ".join(names[i] for i in ends))
    others = {name: arrays[name] for i, name in enumerate(names) if i not in ends}
    return _of_edges(replace(found, notes=()), others, source)


def _of_edges(found: EdgeArray, arrays: Mapping[str, np.ndarray], source: Source) -> Graph:
    """Edges, and optionally their weights, features, classes and `num_nodes`."""
    x, y = find_features(arrays, source.label), find_classes(arrays)
    m = len(found.tail)
    n, known = _num_vertices(arrays, found, x, y, source)
    name = find_array(arrays, ARRAYS_OF_WEIGHTS)
    weight, notes = found.weight, found.notes
    if name is not None and weight is None:
        weight = arrays[name]
        weight = weight[:, 0] if weight.ndim == 2 and weight.shape[1] == 1 else weight
        notes += () if name == "edge_weight" else (f"weights: the array {name}",)
        if weight.ndim == 2 and len(weight) == m:
            weight, notes = None, (*found.notes, f"{name} has several values for an edge: not read")
    if weight is not None and weight.shape != (m,):
        raise InputError(
            f"{source.label}: {name} has shape {weight.shape}, not ({m},): one for each edge"
        )
    if known or y is None or y.ndim not in (1, 2) or len(y) <= n:
        graph = _graph(source, n, found.tail, found.head, weight, x, y, notes)
        return replace(graph, open_ended=not known)
    texts, _ = label_texts(y, source.label)
    notes += (
        f"{LATER_CLASSES}: {len(y) - n:,}; num_nodes in the file, or `features`, adds these "
        "vertices",
    )
    graph = _graph(source, n, found.tail, found.head, weight, x, y[:n], notes)
    return replace(graph, open_ended=True, later_classes=tuple(texts[n:]))


def _of_dense(name: str, arrays: Mapping[str, np.ndarray], source: Source) -> Graph:
    """A square matrix, and optionally features and classes."""
    matrix = arrays[name]
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError(
            f"{source.label}: the adjacency matrix {name} has shape {matrix.shape}, is not square"
        )
    tail, head = np.nonzero(_numbers(matrix, name, source))
    x = None if len(arrays) == 1 else find_features(arrays, source.label)
    y = None if len(arrays) == 1 else find_classes(arrays)
    notes = (f"edges: an adjacency matrix of {len(matrix):,} vertices",)
    return _graph(source, len(matrix), tail, head, matrix[tail, head], x, y, notes)


def _is_square(values: np.ndarray) -> bool:
    return values.ndim == 2 and values.shape[0] == values.shape[1] > 2


def _num_vertices(
    arrays: Mapping[str, np.ndarray], found: EdgeArray, x: Any, y: np.ndarray | None, source: Source
) -> tuple[int, bool]:
    """Number of vertices, and False where it is no more than one above the last end. Classes alone
    say nothing of it: they change nothing that is clustered.
    """
    edges, told = len(found.tail), None
    if "num_nodes" in arrays:
        number = _integers(arrays["num_nodes"], "num_nodes", source)
        if number.size != 1 or number.min() < 1:
            raise InputError(
                f"{source.label}: num_nodes is {number.ravel()[:9].tolist()}, not a positive number"
            )
        told = int(number.item())
    if x is not None:
        check_shape(x.shape, told or (x.shape[0] if x.ndim else 0), source.label)
        return int(x.shape[0]), True
    if told is not None and y is not None and y.ndim == 1 and len(y) == told:
        return told, True
    if told is not None and told > most_vertices(edges):
        raise InputError(
            f"{source.label}: num_nodes is {told}, of {edges} edges in all; without features, "
            f"at most {most_vertices(edges)} are read"
        )
    n = told or found.num_vertices
    check_numbering(n, edges, source.label, ", or give num_nodes")
    return n, told is not None


def check_numbering(n: int, num_edges: int, label: str, remedy: str = "") -> None:
    """Refuse vertex numbers that are far too high for numbers from 0.

    Raises:
        InputError: naming the highest.
    """
    if n > most_vertices(num_edges):
        raise InputError(
            f"{label}: an edge names vertex {n - 1}, of {num_edges} edges in all; "
            f"number vertices from 0{remedy}"
        )


def _of_matrix(adjacency: sp.csr_array, arrays: Mapping[str, np.ndarray], source: Source) -> Graph:
    """A sparse matrix, and optionally features and classes."""
    x, y = find_features(arrays, source.label), find_classes(arrays)
    entries = adjacency.tocoo()
    ends = entries.coords
    return _graph(source, _square(adjacency, source), ends[0], ends[1], entries.data, x, y)


def _square(matrix: Any, source: Source) -> int:
    rows, columns = matrix.shape
    if rows != columns:
        raise InputError(
            f"{source.label}: the adjacency matrix has shape ({rows}, {columns}), is not square"
        )
    return int(rows)


def _graph(
    source: Source,
    n: int,
    tail: np.ndarray,
    head: np.ndarray,
    weight: np.ndarray | None,
    x: Any,
    y: np.ndarray | None,
    notes: tuple[str, ...] = (),
) -> Graph:
    low = int(min(tail.min(initial=0), head.min(initial=0)))
    high = int(max(tail.max(initial=-1), head.max(initial=-1)))
    if low < 0 or high >= n:
        raise InputError(
            f"{source.label}: an edge names vertex {low if low < 0 else high}, "
            f"but the vertices are 0 to {n - 1}"
        )
    if weight is not None:
        weight = _numbers(weight, "the edge weights", source)
        check_weights(weight, source.label)
    ids = index_ids(n)
    x = None if x is None else as_features(x, ids, source.label)
    found = Classes(None, ()) if y is None else as_labels(y, n, source.label)
    return Graph.from_edges(
        ids, tail, head, weight, x=x, y=found.codes, class_names=found.names, name=source.stem,
        notes=(*notes, *found.notes),
    )  # fmt: skip


def _integers(values: np.ndarray, name: str, source: Source) -> np.ndarray:
    if values.dtype.kind not in "iu":
        raise InputError(f"{source.label}: {name} has dtype {values.dtype}, not integers")
    return values.astype(np.int64, copy=False)


def _numbers(values: np.ndarray, name: str, source: Source) -> np.ndarray:
    if values.dtype.kind not in "iufb":
        raise InputError(f"{source.label}: {name} has dtype {values.dtype}, not numbers")
    return values.astype(np.float64)
