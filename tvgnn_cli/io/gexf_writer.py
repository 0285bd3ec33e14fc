"""GEXF 1.2, written part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.xml_parts import (
    Attribute,
    cells,
    distinct_edge_ids,
    narrow_type,
    numbered,
    parts,
)
from tvgnn_cli.io.xml_text import XmlText

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://www.gexf.net/1.2draft" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.gexf.net/1.2draft http://www.gexf.net/1.2draft/gexf.xsd" \
version="1.2">
  <meta>
    <creator>tvgnn</creator>
  </meta>
"""


def gexf_parts(graph: PropertyGraph, text: XmlText, where: str) -> Iterator[str]:
    """A graph as GEXF: every vertex, edge and attribute with its type, in the graph's order.

    GEXF has places of its own for a text `label`, a number `weight` and the edges' `id`. Every
    vertex has a label there, its id where it has no other. Attributes of the graph have no place.

    Args:
        graph: what is written.
        text: escapes, and counts what XML cannot hold.
        where: name of the target in messages.

    Raises:
        UsageError: vertex ids that XML cannot tell apart.
    """
    ids = text.ids(graph.ids, where)
    vertices, edges = dict(graph.vertex_attributes), dict(graph.edge_attributes)
    label = _taken(vertices, "label", "O")
    edge_tags = _EdgeTags.of(graph, ids, edges, text)
    of_vertices = numbered(vertices, 0)
    of_edges = numbered(edges, len(of_vertices))
    yield _HEAD
    yield f'  <graph mode="static" defaultedgetype="{_way(graph.is_directed)}">\n'
    yield from (_declared(of_vertices, "node", text), _declared(of_edges, "edge", text))
    yield f'    <nodes count="{graph.num_vertices}">\n'
    for rows in parts(graph.num_vertices):
        shown = [None] * len(ids[rows]) if label is None else cells(label, rows, True, text)
        tags = [
            f'      <node id="{name}" label="{name if told is None else told}"'
            for name, told in zip(ids[rows], shown, strict=True)
        ]
        yield _lines(tags, of_vertices, rows, "node", text)
    yield f'    </nodes>\n    <edges count="{graph.num_edges}">\n'
    for rows in parts(graph.num_edges):
        yield _lines(edge_tags.starts(rows), of_edges, rows, "edge", text)
    yield "    </edges>\n  </graph>\n</gexf>\n"


@dataclass(frozen=True)
class _EdgeTags:
    """Parts of the tags of edges."""

    graph: PropertyGraph
    ids: Sequence[str]
    edge_ids: Sequence[str] | None
    weight: Column | None
    label: Column | None
    text: XmlText

    @classmethod
    def of(
        cls, graph: PropertyGraph, ids: Sequence[str], edges: dict[str, Column], text: XmlText
    ) -> _EdgeTags:
        """Gather them from the graph; the attributes that tags hold are taken out of `edges`."""
        names = distinct_edge_ids(graph, everywhere=True)
        if names is None and "id" in edges:
            texts = edges["id"].texts()
            if all(texts) and len(set(texts)) == len(texts):
                names = texts
                del edges["id"]
        weight = _taken(edges, "weight", "if")
        return cls(graph, ids, names, weight, _taken(edges, "label", "O"), text)

    def starts(self, rows: slice) -> list[str]:
        """The opening tags of some rows, without their ends."""
        graph = self.graph
        tails, heads = graph.tail[rows].tolist(), graph.head[rows].tolist()
        numbers = range(rows.start, rows.stop)
        names = [str(number) for number in numbers]
        if self.edge_ids is not None:
            given = zip(self.edge_ids[rows], numbers, strict=True)
            names = [self.text.quoted(name) if name else f"edge {i}" for name, i in given]
        ways = np.broadcast_to(np.asarray(graph.directed), graph.num_edges)[rows].tolist()
        columns = [
            names,
            [f'source="{self.ids[tail]}"' for tail in tails],
            [f'target="{self.ids[head]}"' for head in heads],
            [f'type="{_way(way)}"' for way in ways],
        ]
        columns += [
            [f'{name}="{cell}"' if cell is not None else "" for cell in
             cells(column, rows, True, self.text)]
            for name, column in (("weight", self.weight), ("label", self.label))
            if column is not None
        ]  # fmt: skip
        lines = zip(*columns, strict=True)
        return [f'      <edge id="{name}" {" ".join(filter(None, rest))}' for name, *rest in lines]


def _way(directed: bool) -> str:
    return "directed" if directed else "undirected"


def _taken(columns: dict[str, Column], name: str, kinds: str) -> Column | None:
    """The column of that name, which goes, if its values are of one of those kinds."""
    if name not in columns or columns[name].values.dtype.kind not in kinds:
        return None
    return columns.pop(name)


def _values(attribute: Attribute, rows: slice, text: XmlText) -> list[str]:
    start = f'<attvalue for="{attribute.id}" value="'
    return attribute.elements(rows, text, start, '"/>', quote=True)


def _declared(attributes: Sequence[Attribute], domain: str, text: XmlText) -> str:
    if not attributes:
        return ""
    lines = [
        f'      <attribute id="{each.id}" title="{text.quoted(each.name)}" '
        f'type="{narrow_type(each.column, "integer")}"{_end_of_declared(each, text)}\n'
        for each in attributes
    ]
    start = f'    <attributes class="{domain}" mode="static">\n'
    return "".join([start, *lines, "    </attributes>\n"])


def _end_of_declared(attribute: Attribute, text: XmlText) -> str:
    """The end of a declaration, with the values of a category where a bar can part them."""
    values = sorted({value for value in attribute.column.texts() if value})
    if not attribute.is_category or any("|" in value for value in values):
        return "/>"
    return f"><options>{text.content('|'.join(values))}</options></attribute>"


def _lines(
    tags: Sequence[str], attributes: Sequence[Attribute], rows: slice, end: str, text: XmlText
) -> str:
    columns = [_values(each, rows, text) for each in attributes]
    found = []
    for tag, *values in zip(tags, *columns, strict=True):
        inner = "".join(values)
        closed = f"><attvalues>{inner}</attvalues></{end}>\n" if inner else "/>\n"
        found.append(tag + closed)
    return "".join(found)
