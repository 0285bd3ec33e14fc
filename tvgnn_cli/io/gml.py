"""GML, read from a stream of its marks.

networkx's reader refuses edges that are listed twice, `NaN`, `1E-4` and keys that it does not know,
and takes text that is a number for text. This one reads what Gephi, Cytoscape, yEd, igraph and
networkx write; each fault names its line.
"""

from __future__ import annotations

import html
import re
from array import array
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph
from tvgnn_cli.io.builder import GraphBuilder
from tvgnn_cli.io.meaning import to_graph
from tvgnn_cli.io.names import DISPLAY, fold
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted
from tvgnn_cli.property_graph import (
    Column,
    PropertyGraph,
    column_of,
    column_of_texts,
    float_of,
    int_of,
)

_MARK = re.compile(r'"[^"]*"|[\[\]]|^[ \t]*#.*$|"|[^\s\[\]"]+', re.MULTILINE)

_FLAT = re.compile(r'[^\[\]"#]*(?:"[^"]*"[^\[\]"#]*)*\]')
"""What follows a bracket that holds no other."""

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


class _Record:
    """What stands between two brackets: the values of each key, in their order."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.values: dict[str, Any] = {}
        self.repeated: set[str] = set()

    def add(self, key: str, value: Any) -> None:
        if key in self.values:
            self.repeated.add(key)
        self.values.setdefault(key, value)


class _Nested:
    """A value that is a record of its own, of which only that it is there is read."""


class _Attributes:
    """Values of the attributes of vertices, or of edges, each with its place."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}
        self.rows: dict[str, array[int]] = {}
        self.kinds: dict[str, str] = {}

    def add(self, row: int, record: _Record, taken: tuple[str, ...]) -> None:
        for key, value in record.values.items():
            if key in taken or (isinstance(value, _Nested) and key.lower() in DRAWN):
                continue
            if key not in self.values:
                self.values[key], self.rows[key] = [], array("q")
            self.values[key].append(value)
            self.rows[key].append(row)
            if isinstance(value, _Nested):
                self.kinds[key] = RECORD
            elif key in record.repeated:
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
                listed = [None if value is None else "..." for value in listed]
            column = column_of(listed, kind)
            if not kind and not column.is_number and fold(key) not in DISPLAY:
                column = column_of_texts(["" if v is None else str(v) for v in listed])
            found[key] = column
        return found


class _Reader:
    """One pass over the marks."""

    def __init__(self, text: str, label: str) -> None:
        self.text, self.label = text, label
        self.builder = GraphBuilder()
        self.vertices, self.edges = _Attributes(), _Attributes()
        self.directed = False
        self.graphs = 0
        self.is_drawn = False
        self.at = self.start = 0
        self.counted = (0, 1)

    def read(self) -> None:
        """Go through all marks."""
        self._pairs(None)
        if not self.graphs:
            raise InputError(f"{self.label}: holds no 'graph [': is not GML")

    def _next(self) -> str:
        """The next mark, which begins at `start` and ends at `at`; "" at the end of the file."""
        while found := _MARK.search(self.text, self.at):
            self.start, self.at = found.span()
            mark = found[0]
            if mark == '"':
                raise self._fail("a quote is not closed, here or before", self.start)
            if mark.lstrip(" \t")[:1] != "#":
                return mark
        self.at = self.start = len(self.text)
        return ""

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1

    def _fail(self, message: str, at: int) -> InputError:
        return InputError(f"{self.label}: line {self._line(at)}: {message}")

    def _pairs(self, graph: int | None) -> None:
        """Take keys and values up to the end of the graph that opened there, or of the file."""
        while mark := self._next():
            at = self.start
            if mark == "]":
                if graph is None:
                    raise self._fail("a ] that closes nothing", at)
                return
            key = mark.lower()
            value = self._value(mark, at)
            if value is not None:
                if graph is not None and key == "directed":
                    self.directed = str(value).lower() in ("1", "true")
            elif graph is None and key == "graph":
                self._graph(at)
                self._pairs(self.start)
            elif graph is not None and key == "node":
                self._node(self._record())
            elif graph is not None and key == "edge":
                self._edge(self._record())
            else:
                self._skip()
        if graph is not None:
            raise self._fail("'graph [' is not closed; the file is cut short", graph)

    def _value(self, key: str, at: int) -> Any:
        """The value that follows a key; None for a record."""
        if key[0] in '["':
            raise self._fail(f"{key[:40]!r} stands where a key should", at)
        mark = self._next()
        if mark in ("]", ""):
            cut = "" if mark else "; the file is cut short"
            raise self._fail(f"key '{key}' has no value{cut}", at)
        return None if mark == "[" else _value_of(mark)

    def _graph(self, at: int) -> None:
        if self.graphs:
            raise self._fail("a second graph; a file is one: split it", at)
        self.graphs = 1

    def _record(self) -> _Record:
        """What stands in the brackets that have just been opened."""
        record = _Record(self.start)
        flat = _FLAT.match(self.text, self.at)
        if flat is not None:
            marks = _MARK.findall(flat[0])
            if len(marks) % 2 and not any(key[0] == '"' for key in marks[:-1:2]):
                self.at = flat.end()
                for key, mark in zip(marks[:-1:2], marks[1::2], strict=True):
                    record.add(key, _value_of(mark))
                return record
        while mark := self._next():
            if mark == "]":
                return record
            value = self._value(mark, self.start)
            if value is None:
                self._skip()
                self.is_drawn = self.is_drawn or mark.lower() in DRAWN
                value = _Nested()
            record.add(mark, value)
        raise self._fail("a [ is not closed; the file is cut short", record.at)

    def _skip(self) -> None:
        """Go on to the end of the brackets that have just been opened."""
        opened, depth = self.start, 1
        while mark := self._next():
            depth += (mark == "[") - (mark == "]")
            if not depth:
                return
        raise self._fail("a [ is not closed; the file is cut short", opened)

    def _node(self, record: _Record) -> None:
        name = record.values.get("id")
        if name is None or isinstance(name, _Nested) or "id" in record.repeated:
            raise self._fail("a node has no id, or several", record.at)
        line = self._lines(record.at)
        number = self.builder.declare(str(name), line, f"{self.label}: line {line}")
        if record.values.get("isGroup") == 1:
            self.builder.groups.add(number)
        if record.values.get("gid") is not None:
            self.builder.groups.add(self.builder.number(str(record.values["gid"])))
        self.vertices.add(number, record, ("id", "isGroup", "gid"))

    def _lines(self, at: int) -> int:
        """The line of a place that is further on than those before."""
        last, line = self.counted
        self.counted = (at, line + self.text.count("\n", last, at))
        return self.counted[1]

    def _edge(self, record: _Record) -> None:
        ends = [record.values.get(end) for end in ("source", "target")]
        for end, value in zip(("source", "target"), ends, strict=True):
            if value is None or isinstance(value, _Nested):
                raise self._fail(f"an edge has no {end}", record.at)
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
            notes=(drawn,) if self.is_drawn else (),
        )


def _value_of(mark: str) -> Any:
    """A number, or text; entities such as `&#233;` are the characters that they stand for."""
    if mark[0] == '"':
        text = mark[1:-1]
        return html.unescape(text) if "&" in text else text
    if mark.isdecimal():
        return int(mark)
    for read in (int_of, float_of):
        try:
            return read(mark)
        except ValueError:
            continue
    return mark
