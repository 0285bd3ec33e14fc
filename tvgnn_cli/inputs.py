"""Anything that a user may call a graph, in our form."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph, check_weights, index_ids, merge_edges
from tvgnn_cli.io import read_graph


def as_graph(graph: Any, **options: Any) -> Graph:
    """A path or data set name, a networkx graph, a scipy matrix or a PyG `Data`, as a `Graph`.

    Raises:
        InputError: none of these, or one that cannot be read.
    """
    if isinstance(graph, Graph):
        return graph
    if isinstance(graph, str | os.PathLike):
        return read_graph(os.fspath(graph), **options)
    module = type(graph).__module__
    if hasattr(graph, "edge_index"):
        from tvgnn_cli.io.datasets import graph_from_data

        return graph_from_data(graph, f"graph ({type(graph).__name__})")
    if hasattr(graph, "nodes") and hasattr(graph, "edges"):
        from tvgnn_cli.io.graphml import graph_from_networkx

        label_attr = options.get("label_attr")
        return graph_from_networkx(graph, "graph (networkx)", label_attr=label_attr)
    if module.startswith("scipy.sparse"):
        return _from_matrix(graph)
    raise InputError(
        f"graph is a {module}.{type(graph).__name__}; need a path or data set name, a networkx "
        "graph, a scipy sparse matrix or a torch_geometric Data"
    )


def _from_matrix(matrix: Any) -> Graph:
    rows, columns = matrix.shape
    if rows != columns:
        raise InputError(f"graph (scipy matrix): has shape ({rows}, {columns}), is not square")
    coo = matrix.tocoo()
    weight = np.asarray(coo.data, dtype=np.float64)
    check_weights(weight, "graph (scipy matrix)")
    edges = merge_edges(np.asarray(coo.row), np.asarray(coo.col), weight)
    return Graph(
        ids=index_ids(rows),
        edge_index=edges.edge_index,
        edge_weight=edges.edge_weight,
        counts=edges.counts,
    )
