"""networkx graphs of any kind in our form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.property_graph import Column, PropertyGraph, column_of, column_of_texts, is_gap


def from_networkx(
    network: Any, label: str, name: str = "graph", *, texts: bool = False
) -> PropertyGraph:
    """A networkx graph as it is, vertices and edges in its order.

    Args:
        network: a Graph, DiGraph, MultiGraph or MultiDiGraph.
        label: its name in messages.
        name: stem that output files are named after.
        texts: whether its values came as text, so that text of numbers is numbers.

    Raises:
        InputError: two vertices that have the same id when written as text.
    """
    vertices = list(network.nodes)
    ids = np.array([str(vertex) for vertex in vertices], dtype=object)
    if len(set(ids.tolist())) < len(ids):
        raise InputError(f"{label}: two vertices have the same id when written as text")
    index = {vertex: i for i, vertex in enumerate(vertices)}
    edges = list(network.edges(data=True))
    keys = network.edges(keys=True) if network.is_multigraph() else None
    vertex_defaults = network.graph.get("node_default", {})
    edge_defaults = network.graph.get("edge_default", {})
    return PropertyGraph(
        ids=ids,
        tail=np.array([index[u] for u, _, _ in edges], dtype=np.int64),
        head=np.array([index[v] for _, v, _ in edges], dtype=np.int64),
        directed=bool(network.is_directed()),
        vertex_attributes=columns_of(
            (d for _, d in network.nodes(data=True)), vertex_defaults, texts
        ),
        edge_attributes=columns_of((data for _, _, data in edges), edge_defaults, texts),
        edge_ids=None if keys is None else np.array([str(key) for *_, key in keys], dtype=object),
        graph_attributes=columns_of([_without_defaults(network.graph)], {}, texts),
        label=label,
        name=name,
    )


def _without_defaults(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: v for name, v in attributes.items() if name not in ("node_default", "edge_default")
    }


def columns_of(
    rows: Iterable[Mapping[str, Any]], defaults: Mapping[str, Any], texts: bool
) -> dict[str, Column]:
    """Attributes by name, in the order in which they are first met.

    Args:
        rows: attributes of each vertex, or of each edge.
        defaults: values of those that a row lacks.
        texts: whether text in which all values are numbers is numbers.
    """
    listed = [{**defaults, **row} for row in rows] if defaults else list(rows)
    names = list(dict.fromkeys(str(name) for row in listed for name in row))
    columns = {}
    for name in names:
        values = [row.get(name) for row in listed]
        kind = _kind(values)
        if kind:
            values = [None if is_gap(value) else str(value) for value in values]
        column = column_of(values, kind)
        columns[name] = (
            column_of_texts(column.texts()) if texts and not column.is_number else column
        )
    return columns


def _kind(values: Iterable[Any]) -> str:
    """The name of a type whose values are neither numbers nor text: lists, say."""
    for value in values:
        plain = isinstance(value, int | float | str | np.number | np.bool_)
        if not plain and not is_gap(value):
            return type(value).__name__
    return ""
