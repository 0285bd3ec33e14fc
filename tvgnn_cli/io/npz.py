"""Graphs in `.npz` files, in any of the three forms that are in common use."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.edges import check_weights
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph, check_features, compact, encode_labels, index_ids
from tvgnn_cli.io.source import Source

DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError)
"""What reading an array from a damaged archive may raise."""


class Archive(Mapping[str, np.ndarray]):
    """The arrays of an `.npz` file, each read when it is asked for, and never unpickled.

    Raises:
        InputError: it is not such a file, is damaged, or an array holds pickled objects.
    """

    def __init__(self, source: Source) -> None:
        self.label, self.file = source.label, source.open()
        start = self.file.read(2)
        if start != b"PK":
            raise InputError(f"{self.label}: is not an .npz file (numpy.savez writes one)")
        self.file.seek(0)
        try:
            self._archive = np.load(self.file, allow_pickle=False)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
            raise self._damaged(error) from None

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._archive.files:
            raise KeyError(name)
        try:
            return np.asarray(self._archive[name])
        except ValueError as error:
            what = "holds pickled objects" if "pickle" in str(error).lower() else str(error)
            raise InputError(
                f"{self.label}: array '{name}' {what}; pickles are refused, save plain arrays"
            ) from None
        except DAMAGED as error:
            raise self._damaged(error) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._archive.files)

    def __len__(self) -> int:
        return len(self._archive.files)

    def _damaged(self, error: Exception) -> InputError:
        return InputError(f"{self.label}: the .npz file is damaged ({error})")


def read_npz(source: Source) -> Graph:
    """Read `edge_index` arrays, a gnn-benchmark archive (`adj_data ...`) or a scipy matrix.

    Raises:
        InputError: no known set of keys, wrong shapes, vertices out of range, unusable values.
    """
    arrays = Archive(source)
    for key, read in FORMS.items():
        if key in arrays:
            try:
                return read(arrays, source)
            except KeyError as missing:
                raise InputError(f"{source.label}: array {missing} is missing") from None
    raise InputError(
        f"{source.label}: none of the arrays {', '.join(FORMS)} is there, "
        f"only {', '.join(arrays) or 'nothing'}"
    )


def _read_plain(arrays: Archive, source: Source) -> Graph:
    """`edge_index [2, m]`, and optionally `edge_weight [m]`, `x [n, f]`, `y [n]`, `num_nodes`."""
    edge_index = _integers(arrays["edge_index"], "edge_index", source)
    if edge_index.ndim != 2 or edge_index.shape[0] != 2:
        raise InputError(f"{source.label}: edge_index has shape {edge_index.shape}, not (2, edges)")
    x, y = arrays.get("x"), arrays.get("y")
    if "num_nodes" in arrays:
        number = _integers(arrays["num_nodes"], "num_nodes", source)
        if number.size != 1 or number.min() < 1:
            raise InputError(
                f"{source.label}: num_nodes is {number.tolist()}, not a positive number"
            )
        n = int(number.item())
    elif x is not None and x.ndim:
        n = len(x)
    else:
        n = len(y) if y is not None and y.ndim else int(edge_index.max(initial=-1)) + 1
    if "num_nodes" not in arrays and x is None:
        check_numbering(n, edge_index.shape[1], source.label, ", or give num_nodes")
    weight = arrays.get("edge_weight")
    if weight is not None and weight.shape != (edge_index.shape[1],):
        raise InputError(
            f"{source.label}: edge_weight has shape {weight.shape}, "
            f"not ({edge_index.shape[1]},) as edge_index asks for"
        )
    graph = _graph(source, n, edge_index[0], edge_index[1], weight, x, y)
    return replace(graph, open_ended="num_nodes" not in arrays and x is None and y is None)


def check_numbering(n: int, num_edges: int, label: str, remedy: str = "") -> None:
    """Refuse vertex numbers that are far too high for numbers from 0.

    Raises:
        InputError: naming the highest.
    """
    if n > 1_000_000 + 100 * num_edges:
        raise InputError(
            f"{label}: an edge names vertex {n - 1}, of {num_edges} edges in all; "
            f"number vertices from 0{remedy}"
        )


def _read_gnn_benchmark(arrays: Archive, source: Source) -> Graph:
    """`adj_*` and `attr_*` in CSR parts (or `attr_matrix`), and `labels`."""
    adjacency = _csr(arrays, "adj", source)
    x: Any = arrays.get("attr_matrix")
    if "attr_data" in arrays:
        x = _csr(arrays, "attr", source)
    rows, columns = adjacency.tocoo().coords
    weight = adjacency.tocoo().data
    return _graph(
        source, _square(adjacency, source), rows, columns, weight, x, arrays.get("labels")
    )


def _read_scipy(arrays: Archive, source: Source) -> Graph:
    """What `scipy.sparse.save_npz` writes."""
    try:
        arrays.file.seek(0)
        matrix = sp.load_npz(arrays.file).tocsr()
        matrix.check_format(full_check=True)
    except KeyError:
        raise  # an array that is missing
    except DAMAGED as error:
        raise InputError(f"{source.label}: the .npz file is damaged ({error})") from None
    except (ValueError, NotImplementedError, TypeError, IndexError) as error:
        raise InputError(f"{source.label}: not a valid sparse matrix: {error}") from None
    coo = matrix.tocoo()
    return _graph(source, _square(matrix, source), coo.row, coo.col, coo.data, None, None)


FORMS = {"edge_index": _read_plain, "adj_data": _read_gnn_benchmark, "format": _read_scipy}
"""The array that tells each form, and its reader."""


def _csr(arrays: Archive, prefix: str, source: Source) -> sp.csr_array:
    data, indices, indptr, shape = (
        arrays[f"{prefix}_{part}"] for part in ("data", "indices", "indptr", "shape")
    )
    try:
        # Small index types, as some archives use, do not pass scipy's own check.
        parts = (_numbers(data, f"{prefix}_data", source), *map(np.int64, (indices, indptr)))
        matrix = sp.csr_array(parts, shape=tuple(int(s) for s in shape))
        matrix.check_format(full_check=True)
    except (ValueError, TypeError) as error:
        raise InputError(f"{source.label}: {prefix}_*: not a valid CSR matrix: {error}") from None
    return matrix


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
    y, class_names = (None, ()) if y is None else as_labels(y, n, source.label)
    return Graph.from_edges(
        ids, tail, head, weight, x=x, y=y, class_names=class_names, name=source.stem
    )


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


def as_labels(y: np.ndarray, n: int, label: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """True classes as codes `[n]` and their names.

    Raises:
        InputError: wrong shape or type.
    """
    if not are_classes(y) or y.shape != (n,):
        raise InputError(
            f"{label}: labels have dtype {y.dtype} and shape {y.shape}; "
            f"need integers or strings of shape ({n},)"
        )
    return encode_labels(_class_names(y))


def are_classes(y: np.ndarray) -> bool:
    """Whether values may name classes: integers, strings, whole numbers with NaN among them."""
    if y.dtype.kind == "f":
        return bool((np.isnan(y) | (np.isfinite(y) & (y == np.floor(y)))).all())
    return y.dtype.kind in "iubUS"


def _class_names(y: np.ndarray) -> list[str]:
    """Labels as text; "" for NaN, and for -1 among more than two numbers: unknown."""
    if y.dtype.kind in "if":
        known = y[y == y]
        spare = known.min(initial=0) == -1 and len(np.unique(known)) > 2
        return ["" if v != v or (spare and v == -1) else str(int(v)) for v in y.tolist()]
    return [
        v.decode(errors="backslashreplace") if isinstance(v, bytes) else str(v) for v in y.tolist()
    ]
