"""GML, read from a stream of its marks.

networkx's reader refuses edges that are listed twice, `NaN`, `1E-4` and keys that it does not know,
and takes text that is a number for text. This one reads what Gephi, Cytoscape, yEd, igraph and
networkx write; each fault names its line.
"""

from __future__ import annotations

from array import array
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, PropertyGraph, column_of, column_of_texts
from tvgnn_cli.io.builder import GraphBuilder
from tvgnn_cli.io.gml_marks import Marks, Nested, Record
from tvgnn_cli.io.names import DISPLAY, fold
from tvgnn_cli.io.roles import to_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted

RECORD = "record"
"""Kind of an attribute that is a list of others in brackets."""

LIST = "list"
"""Kind of an attribute that a vertex or an edge has several times."""

DRAWN = ("graphics", "labelgraphics", "edgeanchor", "viz")
"""Records that hold how something is drawn."""


def read_gml(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a GML file; `to_graph` says what its attributes become.

    Raises:
        InputError: as `parse_gml`.
    """
    wanted = wanted or Wanted()
    return to_graph(parse_gml(source, wanted.keep_attributes), wanted)


def parse_gml(source: Source, with_edge_ids: bool = False) -> PropertyGraph:
    """Vertices by their `id`, edges, and attributes as the file has them.

    Raises:
        InputError: brackets or quotes that are left open, several graphs, a vertex without an id or
            with one that another has, an edge without an end; each with its line.
    """
    text = source.read_text().decode()
    reader = _Reader(text, source.label)
    reader.builder.edge_ids = [] if with_edge_ids else None
    reader.read()
    return reader.found(source.stem)


class _Attributes:
    """Values of the attributes of vertices, or of edges, each with its place."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}
        self.rows: dict[str, array[int]] = {}
        self.kinds: dict[str, str] = {}
        self.is_drawn = False

    def add(self, row: int, record: Record, taken: tuple[str, ...]) -> None:
        for key, value in record.values.items():
            if key in taken:
                continue
            many = key in record.repeated
            if key.lower() in DRAWN and isinstance(value[0] if many else value, Nested):
                self.is_drawn = True
                continue
            if key not in self.values:
                self.values[key], self.rows[key] = [], array("q")
            self.values[key].append(value)
            self.rows[key].append(row)
            if isinstance(value, Nested):
                self.kinds[key] = RECORD
            elif many:
                self.kinds.setdefault(key, LIST)

    def columns(self, total: int) -> dict[str, Column]:
        """The attributes by name; text that is a number is one, but in names."""
        found = {}
        for key, values in self.values.items():
            listed: list[Any] = [None] * total
            for row, value in zip(self.rows[key], values, strict=True):
                listed[row] = value
            kind = self.kinds.get(key, "")
            if kind:
                listed = [None if value is None else str(value) for value in listed]
            column = column_of(listed, kind)
            if not kind and not column.is_number and fold(key) not in DISPLAY:
                column = column_of_texts(["" if v is None else str(v) for v in listed])
            found[key] = column
        return found


class _Reader:
    """One pass over the marks."""

    def __init__(self, text: str, label: str) -> None:
        self.marks, self.label = Marks(text, label), label
        self.builder = GraphBuilder()
        self.vertices, self.edges = _Attributes(), _Attributes()
        self.directed = False
        self.graphs = 0

    def read(self) -> None:
        """Go through all marks."""
        self._pairs(None)
        if not self.graphs:
            raise InputError(f"{self.label}: holds no 'graph [': is not GML")

    def _pairs(self, graph: int | None) -> None:
        """Take keys and values up to the end of the graph that opened there, or of the file."""
        while mark := self.marks.next():
            at = self.marks.start
            if mark == "]":
                if graph is None:
                    raise self.marks.fail("a ] that closes nothing", at)
                return
            key = mark.lower()
            value = self.marks.value(mark, at)
            if value is not None:
                if graph is not None and key == "directed":
                    self.directed = str(value).lower() in ("1", "true")
            elif graph is None and key == "graph":
                self._graph(at)
                self._pairs(self.marks.start)
            elif graph is not None and key == "node":
                self._node(self.marks.record())
            elif graph is not None and key == "edge":
                self._edge(self.marks.record())
            else:
                self.marks.skip()
        if graph is not None:
            raise self.marks.fail("'graph [' is not closed; the file is cut short", graph)

    def _graph(self, at: int) -> None:
        if self.graphs:
            raise self.marks.fail("a second graph; a file is one: split it", at)
        self.graphs = 1

    def _node(self, record: Record) -> None:
        name = record.values.get("id")
        if name is None or isinstance(name, Nested) or "id" in record.repeated:
            raise self.marks.fail("a node has no id, or several", record.at)
        line = self.marks.line_of(record.at)
        number = self.builder.declare(str(name), line, f"{self.label}: line {line}")
        if record.values.get("isGroup") == 1:
            self.builder.groups.add(number)
        if record.values.get("gid") is not None:
            self.builder.groups.add(self.builder.number(str(record.values["gid"])))
        self.vertices.add(number, record, ("id", "isGroup", "gid"))

    def _edge(self, record: Record) -> None:
        ends = [record.values.get(end) for end in ("source", "target")]
        for end, value in zip(("source", "target"), ends, strict=True):
            if value is None or isinstance(value, Nested | list):
                raise self.marks.fail(f"an edge has no {end}, or several", record.at)
        row = self.builder.num_edges
        edge_id = str(record.values.get("id", ""))
        self.builder.add_edge(str(ends[0]), str(ends[1]), False, edge_id)
        self.edges.add(row, record, ("source", "target", "id"))

    def found(self, name: str) -> PropertyGraph:
        """The graph that was read."""
        # `directed` may come after the edges.
        self.builder.directed = bytearray([self.directed]) * self.builder.num_edges
        drawn = "places, colours and sizes (graphics) are not read"
        return self.builder.found(
            self.vertices.columns(len(self.builder.number_of)),
            self.edges.columns(self.builder.num_edges),
            by_default=self.directed,
            label=self.label,
            name=name,
            notes=(drawn,) if self.vertices.is_drawn or self.edges.is_drawn else (),
        )
