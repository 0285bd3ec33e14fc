"""Graphs of rows of features: from an adjacency in any of its forms, or from the rows alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.io.given_arrays import as_array
from tvgnn_cli.io.names import ENDS
from tvgnn_cli.io.read import is_networkx, read_graph

FORMS = "a scipy sparse matrix, an array [n, n], an integer edge_index [2, e] or a networkx graph"


def graph_of_adjacency(
    adjacency: Any, num_rows: int | None = None, names: Sequence[Any] | None = None
) -> Graph:
    """The graph that an adjacency stands for, without true labels.

    Args:
        adjacency: a scipy sparse matrix, a dense array `[n, n]`, an integer edge_index `[2, e]`, or
            a networkx graph, whose vertices are in the order of its nodes; or anything else that
            `read_graph` takes. Edges and weights are merged as everywhere: undirected, without
            self-loops.
        num_rows: n, where features say it. The attributes of a networkx graph are then not read.
        names: of the rows, by which nodes and rows of a DataFrame of the same names are placed.

    Raises:
        InputError: none of these, one that has another number of vertices, an array that may be
            two of them, or vertices 0 to n - 1 in another order beside rows without names.
    """
    ends = _ends_of(adjacency)
    if ends and num_rows is not None:
        raise InputError(
            f"adjacency: is a table of edges ('{ends[0]}', '{ends[1]}'), whose ids are in no order "
            "of rows; beside X give networkx.from_pandas_edgelist of it"
        )
    if not ends and hasattr(adjacency, "columns") and hasattr(adjacency, "index"):
        adjacency = _aligned(adjacency, names)
    if ends:
        graph = read_graph(adjacency)
    elif isinstance(adjacency, list | tuple) or hasattr(adjacency, "__array__"):
        graph = _of_array(_as_array(adjacency), num_rows)
    elif num_rows is not None and is_networkx(adjacency):
        import networkx as nx

        graph = read_graph(
            nx.to_scipy_sparse_array(adjacency, _order(adjacency.nodes, names), dtype=np.float64)
        )
    else:
        graph = read_graph(adjacency)
    if num_rows is not None and graph.num_vertices != num_rows:
        raise InputError(f"adjacency: has {graph.num_vertices} vertices, but X has {num_rows} rows")
    # Labels that come with a graph must not reach an estimator, not even as their number.
    return replace(graph, y=None, class_names=())


def require_features(rows: Any) -> None:
    """Refuse a graph in the place of features.

    Raises:
        UsageError: naming the parameter that takes it.
    """
    kind = type(rows).__name__
    if hasattr(rows, "edge_index") and hasattr(rows, "num_node_features"):
        raise UsageError(f"X is a {kind}, not features; give data.x, and adjacency=data.edge_index")
    is_graph = isinstance(rows, Graph) or (hasattr(rows, "nodes") and hasattr(rows, "edges"))
    if is_graph or isinstance(rows, str | PathLike):
        article = "an" if kind[0] in "AEIOU" else "a"
        raise UsageError(f"X is {article} {kind}, not features; give None for X, and adjacency=X")


def warn_of_graph(given: Any, rows: Any) -> None:
    """Warn of features that look like a graph: the matrix of one, or a table of edges.

    Args:
        given: by the user.
        rows: the same, dense or CSR, `[n, f]`.
    """
    (n, f), ends, like = rows.shape, _ends_of(given), ""
    if ends:
        like = f"has columns '{ends[0]}' and '{ends[1]}', as a table of edges has"
    elif n == f > 2:
        other = rows != rows.T
        differs = other.nnz if hasattr(other, "nnz") else other.any()
        like = "" if differs else f"is a symmetric matrix [{n}, {n}]"
    if like:
        warnings.warn(
            f"X {like}, and its rows are read as features; if it is a graph, give None for X, and "
            "adjacency=X",
            stacklevel=4,
        )


def _ends_of(given: Any) -> tuple[str, str] | None:
    """The columns of a DataFrame that are surely the ends of edges; None where there are none."""
    columns = set(getattr(given, "columns", ()))
    return next((pair for pair in ENDS[:3] if columns.issuperset(pair)), None)


def _aligned(frame: Any, names: Sequence[Any] | None) -> Any:
    """A DataFrame `[n, n]`, its rows and columns in the order of the rows of X."""
    own, columns = list(frame.index), list(frame.columns)
    if set(own) == set(columns):
        order = _order(own, names)
        return frame.loc[order, order]
    if len(own) == len(columns) and columns != list(range(len(columns))):
        raise InputError("adjacency: is a DataFrame whose rows and columns have different names")
    return frame


def _order(own: Iterable[Any], names: Sequence[Any] | None) -> list[Any]:
    """Vertices in the order of the rows of X, where these have the same names; else in their own.

    Raises:
        InputError: they are 0 to n - 1 in another order, and the rows have no names.
    """
    own = list(own)
    if names is not None:
        same = len(names) == len(own) and set(names) == set(own)
        return list(names) if same else own
    if own != list(range(len(own))) and set(own) == set(range(len(own))):
        raise InputError(
            f"adjacency: its vertices are 0 to {len(own) - 1} in another order, which may be that "
            "of the rows of X or not; give X as a DataFrame whose index has them, or "
            "networkx.to_scipy_sparse_array(graph, nodelist) in the order of X"
        )
    return own


def _as_array(adjacency: Any) -> np.ndarray:
    try:
        return as_array(adjacency, "adjacency")
    except InputError:  # such as the nodes of a networkx graph, of which GridSearchCV takes some
        raise InputError(f"adjacency: is no array; need {FORMS}") from None


def _of_array(array: np.ndarray, num_rows: int | None) -> Graph:
    shape, told = array.shape, f"has shape {array.shape} and type {array.dtype}"
    if len(shape) != 2 or array.dtype.kind not in "iufb":
        raise InputError(f"adjacency: {told}; need {FORMS}")
    is_square = shape[0] == shape[1] and num_rows in (None, shape[0])
    is_pairs = shape[0] == 2 and array.dtype.kind in "iu"
    if is_square and is_pairs:
        raise InputError(
            f"adjacency: {told}, and may be a matrix or an edge_index; give a scipy sparse matrix"
        )
    if is_square:
        import scipy.sparse as sp

        return read_graph(sp.csr_array(array.astype(np.float64)))
    if not is_pairs:
        rows = "" if num_rows is None else f", where X has {num_rows} rows"
        raise InputError(f"adjacency: {told}{rows}; need {FORMS}")
    tail, head = array.astype(np.int64)
    low, high = int(array.min(initial=0)), int(array.max(initial=-1))
    count = high + 1 if num_rows is None else num_rows
    if low < 0 or high >= count:
        vertex = low if low < 0 else high
        raise InputError(f"adjacency: an edge names vertex {vertex}; vertices are 0 to {count - 1}")
    return Graph.from_edges(index_ids(count), tail, head)


def neighbour_graph(x: Any, n_neighbors: int) -> Graph:
    """The graph whose vertices are rows, each joined to its nearest ones by Euclidean distance.

    An edge is there if either end is among the nearest of the other; edges have no weights.

    Args:
        x: rows, dense or CSR, `[n, f]`.
        n_neighbors: nearest rows of each; all others, where there are fewer.

    Raises:
        UsageError: no whole number of neighbours, from 1 on.
    """
    import scipy.sparse as sp
    from sklearn.neighbors import kneighbors_graph

    if not isinstance(n_neighbors, int | np.integer) or n_neighbors < 1:
        raise UsageError(
            f"n_neighbors is {n_neighbors!r}; needs to be a whole number of at least 1"
        )
    count = min(int(n_neighbors), x.shape[0] - 1)
    rows = x.shape[0]
    if not count:
        return Graph(index_ids(rows), np.empty((2, 0), dtype=np.int64))
    nearest = sp.csr_array(kneighbors_graph(x, count, include_self=False))
    pairs = sp.triu(nearest + nearest.T).tocoo()
    graph = Graph.from_edges(index_ids(rows), *pairs.coords, undirected=True)
    return graph.with_note(f"graph: each row of X and its {count} nearest")
