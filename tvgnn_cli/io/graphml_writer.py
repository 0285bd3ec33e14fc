"""GraphML, written part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.graph.property_graph import PropertyGraph
from tvgnn_cli.io.graphml_keys import CATEGORY
from tvgnn_cli.io.xml_parts import Attribute, distinct_edge_ids, narrow_type, numbered, parts
from tvgnn_cli.io.xml_text import XmlText

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns \
http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""


@dataclass(frozen=True)
class _Edges:
    """Parts of the tags of edges."""

    graph: PropertyGraph
    ids: Sequence[str]
    edge_ids: Sequence[str] | None
    mixed: bool
    text: XmlText

    def starts(self, rows: slice) -> list[str]:
        """The opening tags of some rows."""
        tails, heads = self.graph.tail[rows].tolist(), self.graph.head[rows].tolist()
        names = ways = [""] * len(tails)
        if self.edge_ids is not None:
            names = [f' id="{self.text.quoted(n)}"' if n else "" for n in self.edge_ids[rows]]
        if self.mixed:
            given = np.asarray(self.graph.directed)[rows].tolist()
            ways = [f' directed="{"true" if way else "false"}"' for way in given]
        return [
            f'    <edge{name} source="{self.ids[tail]}" target="{self.ids[head]}"{way}>'
            for name, tail, head, way in zip(names, tails, heads, ways, strict=True)
        ]


def graphml_parts(graph: PropertyGraph, text: XmlText, where: str) -> Iterator[str]:
    """A graph as GraphML: every vertex, edge and attribute with its type, in the graph's order.

    Args:
        graph: what is written.
        text: escapes, and counts what XML cannot hold.
        where: name of the target in messages.

    Raises:
        UsageError: vertex ids that XML cannot tell apart.
    """
    ids = text.ids(graph.ids, where)
    of_graph = numbered(graph.graph_attributes, 0, "d")
    of_vertices = numbered(graph.vertex_attributes, len(of_graph), "d")
    of_edges = numbered(graph.edge_attributes, len(of_graph) + len(of_vertices), "d")
    yield _HEAD
    for domain, keys in (("graph", of_graph), ("node", of_vertices), ("edge", of_edges)):
        yield from (_declared(key, domain, text) for key in keys)
    mostly = "directed" if graph.is_directed else "undirected"
    yield f'  <graph edgedefault="{mostly}">\n'
    yield "".join(f"    {data}\n" for key in of_graph for data in _data(key, slice(0, 1), text))
    edges = _Edges(graph, ids, distinct_edge_ids(graph, everywhere=False), graph.is_mixed, text)
    for rows in parts(graph.num_vertices):
        starts = [f'    <node id="{name}">' for name in ids[rows]]
        yield _lines(starts, of_vertices, rows, "</node>\n", text)
    for rows in parts(graph.num_edges):
        yield _lines(edges.starts(rows), of_edges, rows, "</edge>\n", text)
    yield "  </graph>\n</graphml>\n"


def _data(key: Attribute, rows: slice, text: XmlText) -> list[str]:
    return key.elements(rows, text, f'<data key="{key.id}">', "</data>", quote=False)


def _declared(key: Attribute, domain: str, text: XmlText) -> str:
    name, kind = text.quoted(key.name), narrow_type(key.column, "int")
    tag = f'  <key id="{key.id}" for="{domain}" attr.name="{name}" attr.type="{kind}"'
    return f"{tag}><desc>{CATEGORY}</desc></key>\n" if key.is_category else f"{tag}/>\n"


def _lines(
    starts: Sequence[str], keys: Sequence[Attribute], rows: slice, end: str, text: XmlText
) -> str:
    columns = [_data(key, rows, text) for key in keys]
    return "".join(part for line in zip(starts, *columns, strict=True) for part in (*line, end))
