"""Vertices and links in JSON, as d3 and networkx read them, written part by part."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tvgnn_cli.errors import some_of
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.xml_parts import parts

NODE_KEYS, LINK_KEYS = ("id",), ("source", "target", "directed", "key")
"""Keys that a vertex and a link have; attributes of these names get a mark behind them."""

MARK = " (attribute)"


def json_parts(graph: PropertyGraph) -> Iterator[str]:
    """A graph as an object with `nodes` and `links`: every vertex, edge and attribute in the
    graph's order; what is missing is absent, and so are numbers that JSON has no text for.
    """
    directed = np.broadcast_to(np.asarray(graph.directed), graph.num_edges)
    head = {
        "directed": graph.is_directed,
        "multigraph": _has_parallel(graph),
        "graph": _records(_renamed(graph.graph_attributes, ()), slice(0, 1), [{}])[0],
    }
    yield _text(head)[:-1] + ',\n"nodes": ['
    columns = _renamed(graph.vertex_attributes, NODE_KEYS)
    for rows in parts(graph.num_vertices):
        starts = [{"id": name} for name in graph.ids[rows].tolist()]
        yield _lines(_records(columns, rows, starts), rows)
    yield '\n],\n"links": ['
    columns = _renamed(graph.edge_attributes, LINK_KEYS)
    mixed = graph.is_directed and not bool(directed.all())
    keys = None if graph.edge_ids is None else graph.edge_ids.tolist()
    for rows in parts(graph.num_edges):
        tails, heads = graph.ids[graph.tail[rows]].tolist(), graph.ids[graph.head[rows]].tolist()
        starts = [{"source": one, "target": other} for one, other in zip(tails, heads, strict=True)]
        if keys is not None:
            starts = [s | {"key": k} if k else s for s, k in zip(starts, keys[rows], strict=True)]
        if mixed:
            ways = directed[rows].tolist()
            starts = [start | {"directed": way} for start, way in zip(starts, ways, strict=True)]
        yield _lines(_records(columns, rows, starts), rows)
    yield "\n]}\n"


def notes_on_json(graph: PropertyGraph, target: str) -> tuple[str, ...]:
    """Note attributes that JSON has another use for, and numbers that it cannot hold."""
    taken = [name for name in graph.vertex_attributes if name in NODE_KEYS]
    taken += [name for name in graph.edge_attributes if name in LINK_KEYS]
    columns = (*graph.vertex_attributes.values(), *graph.edge_attributes.values())
    floats = [c.present for c in columns if c.values.dtype.kind == "f"]
    infinite = sum(int(np.isinf(values).sum()) for values in floats)
    told = []
    if taken:
        told.append(
            f"{target}: attributes whose names JSON has a use for, as NAME{MARK}: {some_of(taken)}"
        )
    if infinite:
        told.append(f"{target}: infinite numbers, which JSON cannot hold, left out: {infinite:,}")
    return tuple(told)


def _renamed(columns: Mapping[str, Column], taken: Sequence[str]) -> dict[str, Column]:
    return {name + MARK * (name in taken): column for name, column in columns.items()}


def _has_parallel(graph: PropertyGraph) -> bool:
    """Tell whether two edges join the same vertices; of directed ones, the same way."""
    tail, head = graph.tail, graph.head
    if not graph.is_directed:
        tail, head = np.minimum(tail, head), np.maximum(tail, head)
    return len(np.unique(tail * graph.num_vertices + head)) < graph.num_edges


def _records(
    columns: Mapping[str, Column], rows: slice, starts: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Values of some rows by name, after those that each begins with."""
    found = [dict(start) for start in starts]
    for name, column in columns.items():
        part = column.take(rows)
        gaps = part.absent.tolist()
        for record, value, gap in zip(found, part.objects(), gaps, strict=True):
            if not gap and not (isinstance(value, float) and not math.isfinite(value)):
                record[name] = value if isinstance(value, bool | int | float | str) else str(value)
    return found


def _lines(records: Sequence[Mapping[str, Any]], rows: slice) -> str:
    start = "\n" if rows.start == 0 else ",\n"
    return start + ",\n".join(map(_text, records))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
