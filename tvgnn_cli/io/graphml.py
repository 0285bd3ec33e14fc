"""GraphML, read in one walk of the XML.

The walk keeps ends as numbers and attributes as columns, so that memory grows with what is read and
not with the XML. Entities are refused, and so is what cannot be read for sure: each fault names its
line, and its key where it has one.
"""

from __future__ import annotations

from collections.abc import Callable

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import PropertyGraph
from tvgnn_cli.io.builder import GraphBuilder
from tvgnn_cli.io.graphml_keys import CATEGORY, Key, Keys, key_of
from tvgnn_cli.io.key_values import Values, columns_of, repeated
from tvgnn_cli.io.roles import to_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted
from tvgnn_cli.io.xml_walk import XmlWalk, pairs_of

NAMED_TEXT = ("NodeLabel", "Label.Text")
"""Elements of a drawing, as yEd writes it, that hold the text of a vertex."""

OF_NODES = frozenset({"id"})
OF_EDGES = frozenset({"id", "source", "target", "directed", "sourceport", "targetport"})
"""Attributes that the tags themselves have; what else there is to say stands in `<data>`."""


def read_graphml(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a GraphML file; `to_graph` says what its attributes become.

    Raises:
        InputError: broken XML, entities, several graphs, values that do not fit their key, an edge
            without an end; each with its line.
    """
    wanted = wanted or Wanted()
    return to_graph(parse_graphml(source, wanted.keep_attributes), wanted)


def parse_graphml(source: Source, with_edge_ids: bool = False) -> PropertyGraph:
    """Vertices, edges and attributes as the file has them.

    Raises:
        InputError: as `read_graphml`.
    """
    walk = _Walk(source.label)
    walk.builder.edge_ids = [] if with_edge_ids else None
    walk.read(source.read_bytes())
    return walk.found(source.stem)


class _Walk(XmlWalk):
    """The state of one walk: what is open, and what has been read."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.builder = GraphBuilder()
        self.keys = Keys()
        self.values: dict[tuple[str, str], Values] = {}
        self.by_default = True
        self.defaults: list[bool] = []
        self.first_graph: str | None = None
        self.hyperedges = self.ports = 0
        self.of_ports = False
        self.open_nodes: list[int] = []
        self.owner: tuple[str, int] | None = None
        self.in_edge = self.in_hyperedge = False
        self.key: Key | None = None
        self.key_open = False
        self.text_of: Key | None = None
        self.text: list[str] = []
        self.inside = 0
        self.told: list[str] = []
        self.telling = False
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            "node": self._node, "edge": self._edge, "data": self._data, "graph": self._graph,
            "key": self._key, "default": self._default, "hyperedge": self._hyperedge,
            "port": self._port, "desc": self._desc,
        }  # fmt: skip

    def read(self, data: bytes) -> None:
        super().read(data)
        if self.first_graph is None:
            raise InputError(f"{self.label}: holds no <graph> element: is not GraphML")

    def _opened(self, tag: str, attributes: dict[str, str]) -> None:
        if self.key is not None:  # XML inside a value: of a drawing
            self.inside += 1
            self.telling = tag.rpartition(":")[2] in NAMED_TEXT
            if self.telling and self.told:
                self.told.append(" ")  # between two labels
            return
        start = self.starts.get(tag) or self.starts.get(tag.rpartition(":")[2])
        if start is not None:
            start(attributes)

    def _closed(self, tag: str) -> None:  # noqa: C901 a branch for each kind
        if self.inside:
            self.inside -= 1
            self.telling = False
            return
        kind = tag.rpartition(":")[2]
        if kind == "data" and self.key is not None:
            self._end_of_value()
        elif kind in ("default", "desc") and self.text_of is not None:
            key, self.text_of = self.text_of, None
            text = "".join(self.text).strip()
            if kind == "default":
                key.default = text or None
            elif text == CATEGORY:
                key.make_category()
        elif kind == "key":
            self.key_open = False
        elif kind in ("edge", "hyperedge"):
            self.in_edge = self.in_hyperedge = False
        elif kind == "node" and self.open_nodes:
            self.open_nodes.pop()
        elif kind == "graph":
            self.defaults.pop()
        elif kind == "port":
            self.ports -= 1

    def _characters(self, text: str) -> None:
        if self.telling:
            self.told.append(text)
        elif (self.key is not None and not self.inside) or self.text_of is not None:
            self.text.append(text)

    def _graph(self, attributes: dict[str, str]) -> None:
        name = attributes.get("id", "")
        if not self.defaults and self.first_graph is not None:
            raise self._fail(
                f"a second <graph>{_quoted(name)} after{_quoted(self.first_graph) or ' the first'};"
                " a file is one: split it"
            )
        outer = self.defaults[-1:] or [True]
        way = attributes.get("edgedefault", "").lower()
        self.defaults.append(way != "undirected" if way else outer[0])
        if self.first_graph is None:
            self.first_graph = name
            self.by_default = self.defaults[0]
        elif self.open_nodes:
            self.builder.groups.add(self.open_nodes[-1])

    def _node(self, attributes: dict[str, str]) -> None:
        name = attributes.get("id", "")
        if not name:
            raise self._fail("a <node> has no id")
        self._look_for_more("node", attributes, OF_NODES)
        self.open_nodes.append(self.builder.declare(name, self.line, self.where))

    def _edge(self, attributes: dict[str, str]) -> None:
        tail, head = attributes.get("source", ""), attributes.get("target", "")
        if not tail or not head:
            end = "target" if tail else "source"
            raise self._fail(f"an <edge> has no {end}: {attributes}"[:160])
        self._look_for_more("edge", attributes, OF_EDGES)
        direction = attributes.get("directed")
        by_default = self.defaults[-1] if self.defaults else True
        directed = by_default if direction is None else direction.lower() in ("true", "1")
        self.builder.add_edge(tail, head, directed, attributes.get("id", ""))
        self.in_edge = True

    def _hyperedge(self, _: dict[str, str]) -> None:
        self.hyperedges += 1
        self.in_edge = self.in_hyperedge = True

    def _port(self, _: dict[str, str]) -> None:
        self.ports += 1

    def _key(self, attributes: dict[str, str]) -> None:
        if "id" not in attributes:
            raise self._fail("a <key> has no id")
        self.keys.add(key_of(attributes))
        self.key_open = True

    def _default(self, _: dict[str, str]) -> None:
        self._begin_text_of_key()

    def _desc(self, _: dict[str, str]) -> None:
        if self.key_open:  # graphs and vertices may have one too
            self._begin_text_of_key()

    def _begin_text_of_key(self) -> None:
        self.text_of, self.text = self.keys.last, []

    def _data(self, attributes: dict[str, str]) -> None:
        name = attributes.get("key", "")
        domain = "edge" if self.in_edge else "node" if self.open_nodes else "graph"
        key = self.keys.find(name, domain)
        if key is None:
            raise self._fail(f"key '{name}' is declared by no <key>")
        self.key, self.text, self.told = key, [], []

    def _end_of_value(self) -> None:
        key, self.key = self.key, None
        assert key is not None
        if self.ports:
            self.of_ports = True
            return
        if self.in_edge:
            domain, row = "edge", self.builder.num_edges - 1
            if row < 0 or self.in_hyperedge:
                return
        elif self.open_nodes:
            domain, row = "node", self.open_nodes[-1]
        elif len(self.defaults) == 1:
            domain, row = "graph", 0
        else:
            return
        text = "".join(self.told if key.is_drawing else self.text)
        place = (domain, key.id)
        values = self.values.get(place)
        if values is None:
            values = self.values[place] = Values(key, domain)
        try:
            values.add(row, text)
        except ValueError as error:
            if domain == "graph":  # no part of what is clustered
                return
            raise self._fail(f"key '{key.id}' ({key.described}): {error}") from None

    def found(self, name: str) -> PropertyGraph:
        """The graph that was walked over, vertices in the order in which they are declared."""
        built, values = self.builder, self.values
        node, edge, graph = (self.keys.of(domain) for domain in ("node", "edge", "graph"))
        hyperedges = f"hyperedges, not read: {self.hyperedges:,}"
        ports = "values of the ports of vertices are not read"
        of_nodes = columns_of("node", len(built.number_of), node, values, self.label)
        of_edges = columns_of("edge", built.num_edges, edge, values, self.label)
        tags = self.notes_on_tags("in <data>", pairs_of(node=of_nodes, edge=of_edges))
        return built.found(
            of_nodes,
            of_edges,
            graph_attributes=columns_of("graph", 1, graph, values, self.label),
            by_default=self.by_default,
            label=self.label,
            name=name,
            notes=(
                *((hyperedges,) if self.hyperedges else ()),
                *((ports,) if self.of_ports else ()),
                *tags,
                *repeated(values),
            ),
        )


def _quoted(name: str) -> str:
    return f" '{name}'" if name else ""
