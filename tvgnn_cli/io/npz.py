"""Graphs in `.npz` files, in any of the three forms that are in common use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.edges import check_weights
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph, check_features, compact, index_ids
from tvgnn_cli.io.archive import Archive
from tvgnn_cli.io.classes import Classes, classes_of
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.sparse_arrays import most_vertices, read_sparse

DENSE, SPARSE = ("x", "features", "attr_matrix"), ("x_", "features_", "attr_")
"""Names of features as an array, and how the names of their CSR parts begin."""


def read_npz(source: Source) -> Graph:
    """Read `edge_index` arrays, a gnn-benchmark archive (`adj_data ...`) or a scipy matrix.

    Raises:
        InputError: no known set of keys, wrong shapes, vertices out of range, unusable values.
    """
    arrays = Archive(source)
    for key, read in FORMS.items():
        if key in arrays:
            return read(arrays, source)
    raise InputError(
        f"{source.label}: none of the arrays {', '.join(FORMS)} is there, "
        f"only {', '.join(arrays) or 'nothing'}"
    )


def _read_plain(arrays: Archive, source: Source) -> Graph:
    """`edge_index [2, m]`, and optionally `edge_weight [m]`, features, `y [n]`, `num_nodes`."""
    edge_index = _integers(arrays["edge_index"], "edge_index", source)
    if edge_index.ndim != 2 or edge_index.shape[0] != 2:
        raise InputError(f"{source.label}: edge_index has shape {edge_index.shape}, not (2, edges)")
    x, y = find_features(arrays, source.label), arrays.get("y")
    n, known = _num_vertices(arrays, edge_index, x, y, source)
    weight = arrays.get("edge_weight")
    if weight is not None and weight.shape != (edge_index.shape[1],):
        raise InputError(
            f"{source.label}: edge_weight has shape {weight.shape}, "
            f"not ({edge_index.shape[1]},) as edge_index asks for"
        )
    graph = _graph(source, n, edge_index[0], edge_index[1], weight, x, y)
    return replace(graph, open_ended=not known)


def _num_vertices(
    arrays: Archive, edge_index: np.ndarray, x: Any, y: np.ndarray | None, source: Source
) -> tuple[int, bool]:
    """How many vertices there are, and whether an array says so or it is one more than the last."""
    edges, told = edge_index.shape[1], None
    if "num_nodes" in arrays:
        number = _integers(arrays["num_nodes"], "num_nodes", source)
        if number.size != 1 or number.min() < 1:
            raise InputError(
                f"{source.label}: num_nodes is {number[:9].tolist()}, not a positive number"
            )
        told = int(number.item())
    if x is not None:
        check_shape(x.shape, told or (x.shape[0] if x.ndim else 0), source.label)
        return int(x.shape[0]), True
    if y is not None and y.ndim == 1 and told in (None, len(y)):
        return len(y), True
    if told is not None and told > most_vertices(edges):
        raise InputError(
            f"{source.label}: num_nodes is {told}, of {edges} edges in all; without features, "
            f"at most {most_vertices(edges)} are read"
        )
    n = told or int(edge_index.max(initial=-1)) + 1
    check_numbering(n, edges, source.label, ", or give num_nodes")
    return n, told is not None


def find_features(arrays: Mapping[str, np.ndarray], label: str) -> Any:
    """Features `[n, f]` of an archive: an array, a CSR array where they are in parts, or None.

    Raises:
        InputError: parts that make no matrix.
    """
    for name, prefix in zip(DENSE, SPARSE, strict=True):
        if name in arrays:
            return arrays[name]
        if f"{prefix}data" in arrays:
            return read_sparse(arrays, label, prefix, "csr")
    return None


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


def _read_gnn_benchmark(arrays: Archive, source: Source) -> Graph:
    """`adj_*` in CSR parts, features, and `labels`."""
    adjacency = read_sparse(arrays, source.label, "adj_", "csr")
    x = find_features(arrays, source.label)
    return _of_matrix(adjacency, source, x, arrays.get("labels"))


def _read_scipy(arrays: Archive, source: Source) -> Graph:
    """What `scipy.sparse.save_npz` writes."""
    return _of_matrix(read_sparse(arrays, source.label), source)


FORMS = {"edge_index": _read_plain, "adj_data": _read_gnn_benchmark, "format": _read_scipy}
"""The array that tells each form, and its reader."""


def _of_matrix(
    adjacency: sp.csr_array, source: Source, x: Any = None, y: np.ndarray | None = None
) -> Graph:
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
        notes=found.notes,
    )  # fmt: skip


def _integers(values: np.ndarray, name: str, source: Source) -> np.ndarray:
    if values.dtype.kind not in "iu":
        raise InputError(f"{source.label}: {name} has dtype {values.dtype}, not integers")
    return values.astype(np.int64, copy=False)


def _numbers(values: np.ndarray, name: str, source: Source) -> np.ndarray:
    if values.dtype.kind not in "iufb":
        raise InputError(f"{source.label}: {name} has dtype {values.dtype}, not numbers")
    return values.astype(np.float64)


def as_features(x: Any, ids: np.ndarray, label: str) -> Any:
    """Features as float32 `[n, f]`, dense or CSR as they came.

    Raises:
        InputError: wrong shape or type, values that are not finite.
    """
    if x.dtype.kind not in "iufb":
        raise InputError(f"{label}: features have dtype {x.dtype}, not numbers")
    check_shape(x.shape, len(ids), label)
    check_features(x, ids, label)
    return sp.csr_array(x, dtype=np.float32) if sp.issparse(x) else compact(x)


def check_shape(shape: tuple[int, ...], n: int, label: str) -> None:
    """Refuse features that are not one row for each of n vertices.

    Raises:
        InputError: naming the shape.
    """
    if len(shape) != 2 or shape[0] != n or not shape[1]:
        raise InputError(f"{label}: features have shape {shape}, not ({n}, f): one row per vertex")


def as_labels(y: np.ndarray, n: int, label: str) -> Classes:
    """True classes of an array `[n]` or `[n, 1]`.

    Raises:
        InputError: wrong shape or type.
    """
    y = y.reshape(-1) if y.shape == (n, 1) else y
    if not are_classes(y) or y.shape != (n,):
        raise InputError(
            f"{label}: labels have dtype {y.dtype} and shape {y.shape}; "
            f"need integers or strings of shape ({n},)"
        )
    return classes_of(_class_names(y))


def are_classes(y: np.ndarray) -> bool:
    """Whether values may name classes: integers, strings, whole numbers with NaN among them."""
    if y.dtype.kind == "f":
        return bool((np.isnan(y) | (np.isfinite(y) & (y == np.floor(y)))).all())
    return y.dtype.kind in "iubUS"


def _class_names(y: np.ndarray) -> list[str]:
    """Labels as text; "" for NaN."""
    if y.dtype.kind in "if":
        return ["" if v != v else str(int(v)) for v in y.tolist()]
    return [
        v.decode(errors="backslashreplace") if isinstance(v, bytes) else str(v) for v in y.tolist()
    ]
