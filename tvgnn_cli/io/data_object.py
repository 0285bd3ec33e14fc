"""A graph of tensors, as PyTorch Geometric has it, each of which is checked before it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.edges import check_weights
from tvgnn_cli.graph.graph import Graph, check_features, index_ids
from tvgnn_cli.io.classes import Classes
from tvgnn_cli.io.given_arrays import tensor_values
from tvgnn_cli.io.sparse_arrays import most_vertices, read_sparse
from tvgnn_cli.io.vertex_arrays import are_classes, as_labels

SPARSE = 0.25
"""Share of values that are not 0 below which features are kept in CSR form."""


def graph_from_data(data: Any, label: str, name: str = "graph") -> Graph:
    """A PyTorch Geometric `Data` object in our form.

    Args:
        data: what has `edge_index [2, e]`, `num_nodes` and maybe `edge_weight [e]` or `[e, 1]`,
            `x [n, f]` and `y [n]`, tensors or numpy arrays.
        label: what messages call it.
        name: of the graph.

    Raises:
        InputError: it is not a single homogeneous graph; an array of another shape or type, an
            edge whose end is no vertex.
    """
    edges, n = _edges(data, label), getattr(data, "num_nodes", None)
    if edges is None or n is None:
        raise InputError(f"{label}: is not a single graph with an edge_index")
    x = _features(data, label)
    n = _num_vertices(n, edges.shape[1], 0 if x is None else x.shape[0], label)
    if edges.size and not 0 <= int(edges.min()) <= int(edges.max()) < n:
        bad = int(edges.min()) if int(edges.min()) < 0 else int(edges.max())
        raise InputError(f"{label}: an edge names vertex {bad}, but the vertices are 0 to {n - 1}")
    weight = _weight(data, edges.shape[1], label)
    ids = index_ids(n)
    if x is not None:
        if x.shape[0] != n:
            raise InputError(f"{label}: x has {x.shape[0]} rows for {n} vertices")
        check_features(x, ids, label)
    found = _classes(data, n, label)
    return Graph.from_edges(
        ids, edges[0], edges[1], weight, x=x, y=found.codes, class_names=found.names, name=name,
        notes=(*_on_edge_attr(data), *found.notes),
    )  # fmt: skip


def array_of(
    data: Any, name: str, label: str, form: Sequence[str] = (), kinds: str = "iufb"
) -> np.ndarray | None:
    """An array of a graph; None where it has none of that name.

    Args:
        data: the graph.
        name: of the array.
        label: what messages call the graph.
        form: names of its dimensions; any, of none.
        kinds: kinds of its type, as numpy's letters say them.

    Raises:
        InputError: something else, an array of other dimensions or of another type.
    """
    given = getattr(data, name, None)
    if given is None:
        return None
    if not hasattr(given, "detach") and not isinstance(given, np.ndarray):
        raise InputError(f"{label}: {name} is of type {type(given).__name__}, not a tensor")
    shape = tuple(given.shape)
    if form and len(shape) != len(form):
        raise InputError(f"{label}: {name} has shape {shape}, not ({', '.join(form)})")
    found = given if isinstance(given, np.ndarray) else tensor_values(given, f"{label}: {name}")
    if found.dtype.kind not in kinds:
        what = "whole numbers" if kinds == "iu" else "numbers"
        raise InputError(f"{label}: {name} has dtype {given.dtype}, not {what}")
    return found


def _edges(data: Any, label: str) -> np.ndarray | None:
    edges = array_of(data, "edge_index", label, ("2", "edges"), "iu")
    if edges is not None and len(edges) != 2:
        raise InputError(f"{label}: edge_index has shape {edges.shape}, not (2, edges)")
    return edges


def _num_vertices(given: Any, num_edges: int, rows: int, label: str) -> int:
    """`num_nodes`, which may be no more than edges and features are for."""
    try:
        n = given if isinstance(given, float | str | bool) else int(given)
    except (TypeError, ValueError):
        n = given
    if type(n) is not int or n < 0:
        raise InputError(f"{label}: num_nodes is {given!r}, not a whole number from 0")
    if n > max(rows, most_vertices(num_edges)):
        raise InputError(
            f"{label}: num_nodes is {n}, of {num_edges} edges in all; without features, at most "
            f"{most_vertices(num_edges)} are read"
        )
    return n


def _weight(data: Any, num_edges: int, label: str) -> np.ndarray | None:
    weight = array_of(data, "edge_weight", label)
    if weight is None:
        return None
    if weight.ndim != 1 and weight.shape[1:] != (1,):
        raise InputError(f"{label}: edge_weight has shape {weight.shape}, not (edges,)")
    weight = weight.reshape(-1).astype(np.float64)
    if len(weight) != num_edges:
        raise InputError(f"{label}: edge_weight has {len(weight)} values, not {num_edges}")
    check_weights(weight, label)
    return weight


def _on_edge_attr(data: Any) -> tuple[str, ...]:
    """A note on values of edges that may be meant for weights."""
    is_left = getattr(data, "edge_attr", None) is not None
    if not is_left or getattr(data, "edge_weight", None) is not None:
        return ()
    return ("edge_attr is not read; as edge_weight its values are weights",)


def _features(data: Any, label: str) -> Any:
    """float32 features, in CSR form where most of them are 0; None of none, and of no columns."""
    given = getattr(data, "x", None)
    if str(getattr(given, "layout", "")) in LAYOUTS:
        x = _sparse_features(given, label)
        return x if x.nnz < SPARSE * x.shape[0] * x.shape[1] else x.toarray()
    x = array_of(data, "x", label, ("n", "f"))
    if x is None or not x.shape[1]:
        return None
    x = x.astype(np.float32, copy=False)
    return sp.csr_array(x) if np.count_nonzero(x) < SPARSE * x.size else x


LAYOUTS = {
    "torch.sparse_coo": ("coo", {"coords": "_indices", "data": "_values"}),
    "torch.sparse_csr": (
        "csr", {"indptr": "crow_indices", "indices": "col_indices", "data": "values"},
    ),
}  # fmt: skip
"""Sparse tensors that are read: the form, and what has its parts."""


def _sparse_features(given: Any, label: str) -> sp.csr_array:
    form, parts = LAYOUTS[str(given.layout)]
    arrays = {
        name: tensor_values(getattr(given, of)(), f"{label}: x.{of}") for name, of in parts.items()
    }
    arrays["shape"] = np.array(given.shape)
    found = read_sparse(arrays, f"{label}: x", form=form).astype(np.float32)
    found.eliminate_zeros()
    return found


def _classes(data: Any, n: int, label: str) -> Classes:
    """True classes, one for each vertex; none, and a word on it, of values of another shape."""
    y = getattr(data, "y", None)
    if y is None:
        return Classes(None, ())
    found = array_of(data, "y", label) if hasattr(y, "shape") else np.asarray(y)
    if found is not None and found.shape in ((n,), (n, 1)) and are_classes(found):
        return as_labels(found, n, label)
    if found is None or found.size < 2:  # of the whole graph
        return Classes(None, ())
    told = f"y is not read: shape {found.shape} and dtype {found.dtype}, not a class a vertex"
    return Classes(None, (), (told,))
