"""GraphML, read in one walk of the XML.

The walk keeps ends as numbers and attributes as columns, so that memory grows with what is read and
not with the XML. Entities are refused, and so is what cannot be read for sure: each fault names its
line, and its key where it has one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph
from tvgnn_cli.io.graphml_keys import GRAPHICS, Key, Values, key_of
from tvgnn_cli.io.meaning import to_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted
from tvgnn_cli.property_graph import Column, PropertyGraph

NAMED_TEXT = ("NodeLabel", "Label.Text")
"""Elements of a drawing, as yEd writes it, that hold the text of a vertex."""


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
    walk.edge_ids = [] if with_edge_ids else None
    walk.read(source.read_bytes())
    return walk.found(source.stem)


class _Walk:
    """The state of one walk: what is open, and what has been read."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.keys: dict[str, Key] = {}
        self.values: dict[tuple[str, str], Values] = {}
        self.number_of: dict[str, int] = {}
        self.declared: dict[str, int] = {}
        self.order, self.tail, self.head = array("q"), array("q"), array("q")
        self.directed = bytearray()
        self.edge_ids: list[str] | None = None
        self.by_default = True
        self.first_graph: str | None = None
        self.groups: set[int] = set()
        self.hyperedges = 0
        self.depth = self.graphs = 0
        self.open_nodes: list[int] = []
        self.owner: tuple[str, int] | None = None
        self.in_edge = self.in_hyperedge = False
        self.key: Key | None = None
        self.default_of: Key | None = None
        self.text: list[str] = []
        self.inside = 0
        self.told: list[str] = []
        self.telling = False
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            "node": self._node, "edge": self._edge, "data": self._data, "graph": self._graph,
            "key": self._key, "default": self._default, "hyperedge": self._hyperedge,
        }  # fmt: skip

    def read(self, data: bytes) -> None:
        """Walk the whole file."""
        parser = self.parser
        parser.EntityDeclHandler = self._refuse_entity
        parser.StartElementHandler, parser.EndElementHandler = self._opened, self._closed
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise InputError(
                f"{self.label}: line {error.lineno}: the XML is broken or cut short ({reason})"
            ) from None
        except (LookupError, ValueError) as error:
            raise InputError(
                f"{self.label}: line 1: its encoding cannot be read ({error}); save the file as "
                "UTF-8"
            ) from None
        if self.first_graph is None:
            raise InputError(f"{self.label}: holds no <graph> element: is not GraphML")

    def _fail(self, message: str) -> InputError:
        return InputError(f"{self.label}: line {self.parser.CurrentLineNumber}: {message}")

    def _refuse_entity(self, name: str, *_: object) -> None:
        raise self._fail(
            f"declares the XML entity '{name}'; entities are refused, write their text out"
        )

    def _opened(self, tag: str, attributes: dict[str, str]) -> None:
        if self.key is not None:  # XML inside a value: of a drawing
            self.inside += 1
            self.telling = tag.rpartition(":")[2] in NAMED_TEXT
            return
        self.depth += 1
        start = self.starts.get(tag) or self.starts.get(tag.rpartition(":")[2])
        if start is not None:
            start(attributes)

    def _closed(self, tag: str) -> None:
        if self.inside:
            self.inside -= 1
            self.telling = False
            return
        self.depth -= 1
        kind = tag.rpartition(":")[2]
        if kind == "data" and self.key is not None:
            self._end_of_value()
        elif kind == "default" and self.default_of is not None:
            key, self.default_of = self.default_of, None
            key.default = "".join(self.text).strip() or None
        elif kind in ("edge", "hyperedge"):
            self.in_edge = self.in_hyperedge = False
        elif kind == "node" and self.open_nodes:
            self.open_nodes.pop()
        elif kind == "graph":
            self.graphs -= 1

    def _characters(self, text: str) -> None:
        if self.telling:
            self.told.append(text)
        elif (self.key is not None and not self.inside) or self.default_of is not None:
            self.text.append(text)

    def _graph(self, attributes: dict[str, str]) -> None:
        name = attributes.get("id", "")
        if self.graphs == 0 and self.first_graph is not None:
            raise self._fail(
                f"a second <graph>{_quoted(name)} after{_quoted(self.first_graph) or ' the first'};"
                " a file is one: split it"
            )
        if self.graphs == 0:
            self.first_graph = name
            self.by_default = attributes.get("edgedefault", "directed") != "undirected"
        elif self.open_nodes:
            self.groups.add(self.open_nodes[-1])
        self.graphs += 1

    def _node(self, attributes: dict[str, str]) -> None:
        name = attributes.get("id", "")
        if not name:
            raise self._fail("a <node> has no id")
        if name in self.declared:
            raise self._fail(f"vertex '{name}' has been declared in line {self.declared[name]}")
        self.declared[name] = self.parser.CurrentLineNumber
        number = self._number(name)
        self.order.append(number)
        self.open_nodes.append(number)

    def _number(self, name: str) -> int:
        return self.number_of.setdefault(name, len(self.number_of))

    def _edge(self, attributes: dict[str, str]) -> None:
        tail, head = attributes.get("source", ""), attributes.get("target", "")
        if not tail or not head:
            end = "target" if tail else "source"
            raise self._fail(f"an <edge> has no {end}: {attributes}"[:160])
        self.tail.append(self._number(tail))
        self.head.append(self._number(head))
        if self.edge_ids is not None:
            self.edge_ids.append(attributes.get("id", ""))
        direction = attributes.get("directed")
        self.directed.append(
            self.by_default if direction is None else direction.lower() in ("true", "1")
        )
        self.in_edge = True

    def _hyperedge(self, _: dict[str, str]) -> None:
        self.hyperedges += 1
        self.in_edge = self.in_hyperedge = True

    def _key(self, attributes: dict[str, str]) -> None:
        if "id" not in attributes:
            raise self._fail("a <key> has no id")
        key = key_of(attributes)
        self.keys[key.id] = key

    def _default(self, _: dict[str, str]) -> None:
        if self.keys:
            self.default_of = next(reversed(self.keys.values()))
            self.text = []

    def _data(self, attributes: dict[str, str]) -> None:
        name = attributes.get("key", "")
        key = self.keys.get(name)
        if key is None:
            raise self._fail(f"key '{name}' is declared by no <key>")
        self.key, self.text, self.told = key, [], []

    def _end_of_value(self) -> None:
        key, self.key = self.key, None
        assert key is not None
        if self.in_edge:
            domain, row = "edge", len(self.tail) - 1
            if row < 0 or self.in_hyperedge:
                return
        elif self.open_nodes:
            domain, row = "node", self.open_nodes[-1]
        elif self.graphs == 1:
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
        order, notes = self._kept_vertices()
        place = np.full(len(self.number_of), -1, dtype=np.int64)
        place[order] = np.arange(len(order))
        names = np.array(list(self.number_of), dtype=object)
        edges = np.arange(len(self.tail))
        tail, head = (np.frombuffer(ends, np.int64) if ends else edges for ends in
                      (self.tail, self.head))  # fmt: skip
        directed: Any = np.frombuffer(bytes(self.directed), dtype=bool)
        if bool(directed.all()) or not bool(directed.any()):
            directed = bool(directed.any()) if len(directed) else self.by_default
        return PropertyGraph(
            ids=names[order],
            tail=place[tail],
            head=place[head],
            directed=directed,
            vertex_attributes=self._columns("node", len(self.number_of), order),
            edge_attributes=self._columns("edge", len(self.tail), edges),
            graph_attributes=self._columns("graph", 1, np.zeros(1, dtype=np.int64)),
            edge_ids=np.array(self.edge_ids, dtype=object) if any(self.edge_ids or ()) else None,
            label=self.label,
            name=name,
            notes=notes,
        )

    def _kept_vertices(self) -> tuple[np.ndarray, tuple[str, ...]]:
        """Numbers of the vertices: the declared ones, then those that only edges name, without the
        groups that no edge ends at.
        """
        notes = []
        declared = np.array(self.order, dtype=np.int64)
        ended = np.zeros(len(self.number_of), dtype=bool)
        for ends in (self.tail, self.head):
            if ends:
                ended[np.frombuffer(ends, np.int64)] = True
        empty = np.array([g for g in sorted(self.groups) if not ended[g]], dtype=np.int64)
        if len(empty):
            declared = declared[~np.isin(declared, empty)]
            notes.append(f"groups of vertices, left out: {len(empty):,}")
        if len(empty) < len(self.groups):
            with_edges = len(self.groups) - len(empty)
            notes.append(f"groups that edges end at, kept as vertices: {with_edges:,}")
        undeclared = np.setdiff1d(np.flatnonzero(ended), declared)
        if len(undeclared):
            notes.append(f"vertices that only edges name, added: {len(undeclared):,}")
        if self.hyperedges:
            notes.append(f"hyperedges, not read: {self.hyperedges:,}")
        return np.concatenate([declared, undeclared]), tuple(notes)

    def _columns(self, domain: str, total: int, rows: np.ndarray) -> dict[str, Column]:
        """The attributes of vertices ("node"), edges or the graph by name; two of one name are told
        apart by key.
        """
        columns: dict[str, Column] = {}
        met = [key for of, key in self.values if of == domain]
        for name_of_key in dict.fromkeys([*met, *self.keys]):
            key = self.keys[name_of_key]
            values = self.values.get((domain, key.id))
            if values is None and key.default is not None and key.is_of(domain):
                values = Values(key, domain)
            if values is None or (key.drawn == GRAPHICS[1]):
                continue
            try:
                column = values.column(total)
            except ValueError as error:
                if domain == "graph":
                    continue
                raise InputError(
                    f"{self.label}: the default of key '{key.id}' ({key.described}): {error}"
                ) from None
            name = key.name if key.name not in columns else f"{key.name} ({key.id})"
            columns[name] = column if len(rows) == total and domain == "edge" else column.take(rows)
        return columns


def _quoted(name: str) -> str:
    return f" '{name}'" if name else ""
