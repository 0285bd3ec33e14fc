"""GEXF, read in one walk of the XML.

networkx's reader refuses an undirected edge in a directed graph, which Gephi writes, and a value
that does not fit its type without saying where. This one keeps directions edge by edge, and each
fault names its line.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.builder import GraphBuilder
from tvgnn_cli.io.gexf_tags import Texts, Weights
from tvgnn_cli.io.graphml_keys import Key
from tvgnn_cli.io.key_values import Values, columns_of
from tvgnn_cli.io.roles import to_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted
from tvgnn_cli.io.xml_walk import XmlWalk, pairs_of

TIMES = ("start", "end", "startopen", "endopen", "timestamp", "timestamps", "intervals", "spells")
"""Attributes that say when a vertex or an edge is there."""

DRAWN = ("color", "position", "size", "shape", "thickness")
"""Elements that say how a vertex or an edge is drawn."""

OF_NODES = frozenset({"id", "label", "pid", *TIMES})
OF_EDGES = frozenset({"id", "source", "target", "type", "kind", "label", "weight", *TIMES})
"""Attributes that the tags themselves have; what else there is to say stands in `<attvalue>`."""

DYNAMIC = "dynamic"
"""Kind of an attribute that has several values, each with its time."""


def read_gexf(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a GEXF file, of version 1.1, 1.2 or 1.3; `to_graph` says what its attributes become.

    Raises:
        InputError: as `parse_gexf`.
    """
    wanted = wanted or Wanted()
    return to_graph(parse_gexf(source, wanted.keep_attributes), wanted)


def parse_gexf(source: Source, with_edge_ids: bool = False) -> PropertyGraph:
    """Vertices, edges and attributes as the file has them: the names of vertices as `label`, the
    weights of edges as `weight`, drawing (`viz:`) and times left out.

    Raises:
        InputError: broken XML, entities, several graphs, values that do not fit their attribute, an
            edge without an end; each with its line.
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
        self.keys: dict[str, dict[str, Key]] = {"node": {}, "edge": {}}
        self.values: dict[tuple[str, str], Values] = {}
        self.dynamic: set[tuple[str, str]] = set()
        self.labels, self.edge_labels, self.kinds = Texts(), Texts(), Texts()
        self.weights = Weights()
        self.by_default = False
        self.graphs = 0
        self.domain = "node"
        self.default_of: Key | None = None
        self.text: list[str] = []
        self.open_nodes: list[int] = []
        self.in_edge = self.is_drawn = self.has_times = False
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            "node": self._node, "edge": self._edge, "attvalue": self._value, "graph": self._graph,
            "attributes": self._attributes, "attribute": self._attribute, "default": self._default,
            "nodes": self._nodes, "spell": self._times, "parent": self._parent,
            "options": self._options,
        }  # fmt: skip

    def read(self, data: bytes) -> None:
        super().read(data)
        if not self.graphs:
            raise InputError(f"{self.label}: holds no <graph> element: is not GEXF")

    def _opened(self, tag: str, attributes: dict[str, str]) -> None:
        prefix, _, name = tag.rpartition(":")
        if prefix == "viz" or name in DRAWN:
            self.is_drawn = True
            return
        start = self.starts.get(name)
        if start is not None:
            start(attributes)

    def _closed(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "default" and self.default_of is not None:
            self.default_of.default = "".join(self.text).strip() or None
            self.default_of = None
        elif name == "edge":
            self.in_edge = False
        elif name == "node" and self.open_nodes:
            self.open_nodes.pop()

    def _characters(self, text: str) -> None:
        if self.default_of is not None:
            self.text.append(text)

    def _graph(self, attributes: dict[str, str]) -> None:
        if self.graphs:
            raise self._fail("a second <graph>; a file is one: split it")
        self.graphs = 1
        self.by_default = attributes.get("defaultedgetype", "undirected").lower() == "directed"

    def _nodes(self, _: dict[str, str]) -> None:
        if self.open_nodes:
            self.builder.groups.add(self.open_nodes[-1])

    def _node(self, attributes: dict[str, str]) -> None:
        name = attributes.get("id", "")
        if not name:
            raise self._fail("a <node> has no id")
        self._look_for_more("node", attributes, OF_NODES)
        number = self.builder.declare(name, self.line, self.where)
        self.open_nodes.append(number)
        self.labels.add(number, attributes.get("label"))
        if attributes.get("pid"):
            self.builder.groups.add(self.builder.number(attributes["pid"]))
        self._times(attributes)

    def _parent(self, attributes: dict[str, str]) -> None:
        self.builder.groups.add(self.builder.number(attributes.get("for", "")))

    def _edge(self, attributes: dict[str, str]) -> None:
        tail, head = attributes.get("source", ""), attributes.get("target", "")
        if not tail or not head:
            end = "target" if tail else "source"
            raise self._fail(f"an <edge> has no {end}: {attributes}"[:160])
        self._look_for_more("edge", attributes, OF_EDGES)
        kind = attributes.get("type", "").lower()
        row = self.builder.num_edges
        directed = kind == "directed" if kind else self.by_default
        self.builder.add_edge(tail, head, directed, attributes.get("id", ""))
        self.in_edge = True
        try:
            self.weights.add(row, attributes.get("weight"))
        except ValueError as error:
            raise self._fail(f"the weight {str(error)!r} of an <edge> is not a number") from None
        self.edge_labels.add(row, attributes.get("label"))
        self.kinds.add(row, attributes.get("kind"))
        self._times(attributes)

    def _times(self, attributes: dict[str, str]) -> None:
        self.has_times = self.has_times or any(name in attributes for name in TIMES)

    def _attributes(self, attributes: dict[str, str]) -> None:
        self.domain = attributes.get("class", "node").lower()
        if self.domain not in self.keys:
            self.keys[self.domain] = {}

    def _attribute(self, attributes: dict[str, str]) -> None:
        if "id" not in attributes:
            raise self._fail("an <attribute> has no id")
        name = attributes["id"]
        kind = attributes.get("type", "").strip().lower()
        title = attributes.get("title") or name
        self.keys[self.domain][name] = Key(name, title, self.domain, kind)

    def _default(self, _: dict[str, str]) -> None:
        if self.keys[self.domain]:
            self.default_of = next(reversed(self.keys[self.domain].values()))
            self.text = []

    def _options(self, _: dict[str, str]) -> None:
        if self.keys[self.domain]:
            next(reversed(self.keys[self.domain].values())).make_category()

    def _value(self, attributes: dict[str, str]) -> None:
        domain = "edge" if self.in_edge else "node"
        if not self.in_edge and not self.open_nodes:
            return  # of the graph
        self._times(attributes)
        name = attributes.get("for", attributes.get("id", ""))
        key = self.keys[domain].get(name)
        if key is None:
            raise self._fail(
                f"the attribute '{name}' is declared by no <attribute> of class '{domain}'"
            )
        row = self.builder.num_edges - 1 if self.in_edge else self.open_nodes[-1]
        values = self.values.get((domain, name))
        if values is None:
            values = self.values[domain, name] = Values(key, domain)
        if values.rows and values.rows[-1] == row:
            self.dynamic.add((domain, name))
            return
        try:
            values.add(row, attributes.get("value", ""))
        except ValueError as error:
            raise self._fail(f"attribute '{name}' ({key.described}): {error}") from None

    def found(self, name: str) -> PropertyGraph:
        """The graph that was walked over, vertices in the order in which they are declared."""
        built = self.builder
        total, edges = len(built.number_of), built.num_edges
        ends = {
            **self.weights.columns(edges),
            **self.edge_labels.columns("label", edges),
            **self.kinds.columns("kind", edges),
        }
        of_nodes = self._attributes_of("node", total, self.labels.columns("label", total))
        of_edges = self._attributes_of("edge", edges, ends)
        tags = self.notes_on_tags("in <attvalue>", pairs_of(node=of_nodes, edge=of_edges))
        return built.found(
            of_nodes,
            of_edges,
            by_default=self.by_default,
            label=self.label,
            name=name,
            notes=(*self.weights.notes(edges), *tags, *self._notes()),
        )

    def _attributes_of(
        self, domain: str, total: int, written: dict[str, Column]
    ) -> dict[str, Column]:
        """Those that elements have by themselves, then the declared ones."""
        columns = dict(written)
        declared = columns_of(domain, total, self.keys[domain], self.values, self.label)
        dynamic = {self.keys[of][name].name for of, name in self.dynamic if of == domain}
        for name, column in declared.items():
            if name in dynamic:
                texts = np.array(column.texts(), dtype=object)
                column = Column(texts, column.missing, DYNAMIC)
            columns[name if name not in columns else f"{name}, declared"] = column
        return columns

    def _notes(self) -> list[str]:
        said = ["places, colours and sizes (viz:) are not read"] if self.is_drawn else []
        if self.has_times or self.dynamic:
            said.append("times are not read: vertices and edges of any time count")
        return said
