"""Clustered graphs as graphs of networkx."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.clustered_graph import ClusteredGraph


def to_networkx(clustered: ClusteredGraph) -> Any:
    """The graph with all attributes and the result's; values that are missing are absent.

    Of a graph that was made of a networkx graph, a copy of that. Another becomes a DiGraph if any
    of its edges has a direction, those without one then in both, and a multigraph if it has
    parallel edges. Ids of edges are their attribute `id`.

    Raises:
        UsageError: the networkx graph has other vertices than when it was read.
    """
    if clustered.graph.network is not None:
        return _copied(clustered)
    import networkx as nx

    graph = clustered.together()
    tail, head, edges = graph.tail, graph.head, _rows(_with_ids(graph), graph.num_edges)
    if graph.is_mixed:
        both = np.flatnonzero(~np.asarray(graph.directed))
        tail, head = np.append(tail, graph.head[both]), np.append(head, graph.tail[both])
        edges += [edges[i] for i in both.tolist()]
    kind = {
        (False, False): nx.Graph, (True, False): nx.DiGraph,
        (False, True): nx.MultiGraph, (True, True): nx.MultiDiGraph,
    }[graph.is_directed, _has_parallel(tail, head, graph.is_directed)]  # fmt: skip
    network, ids = kind(), graph.ids.tolist()
    network.graph.update(_rows(graph.graph_attributes, 1)[0])
    rows = _rows(graph.vertex_attributes, graph.num_vertices)
    network.add_nodes_from(zip(ids, rows, strict=True))
    network.add_edges_from(
        (ids[i], ids[j], dict(data))
        for i, j, data in zip(tail.tolist(), head.tolist(), edges, strict=True)
    )
    return network


def _copied(clustered: ClusteredGraph) -> Any:
    """The networkx graph that was given, with the result's attributes in the place of its own."""
    graph = clustered.graph
    network = graph.network.copy()
    vertices = list(network.nodes)
    ids = graph.ids.tolist()
    if [str(vertex) for vertex in vertices] != ids[: len(vertices)]:
        raise UsageError("the networkx graph that was clustered has other vertices now")
    vertices += ids[len(vertices) :]
    network.add_nodes_from(vertices)
    rows = _rows(clustered.new_attributes, len(ids))
    gone = clustered.replaced
    for vertex, row in zip(vertices, rows, strict=True):
        data = network.nodes[vertex]
        for name in gone:
            data.pop(name, None)
        data.update(row)
    return network


def _with_ids(graph: PropertyGraph) -> dict[str, Column]:
    columns = dict(graph.edge_attributes)
    if graph.edge_ids is None or "id" in columns:
        return columns
    return {**columns, "id": Column(graph.edge_ids, graph.edge_ids == "")}


def _rows(columns: Mapping[str, Column], total: int) -> list[dict[str, Any]]:
    """The attributes of each row, without those that it lacks."""
    rows: list[dict[str, Any]] = [{} for _ in range(total)]
    for name, column in columns.items():
        values = zip(rows, column.objects(), column.absent.tolist(), strict=True)
        for row, value, absent in values:
            if not absent:
                row[name] = value
    return rows


def _has_parallel(tail: np.ndarray, head: np.ndarray, directed: bool) -> bool:
    """Tell whether two edges join the same vertices, in the same direction if they have one."""
    low, high = (tail, head) if directed else (np.minimum(tail, head), np.maximum(tail, head))
    pairs = low.astype(np.int64) * (int(high.max(initial=0)) + 1) + high
    return len(np.unique(pairs)) < len(pairs)
