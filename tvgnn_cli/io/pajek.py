"""Pajek: networks, and project files that hold one with partitions and vectors of its vertices.

networkx's reader takes labels for ids, so that two vertices of one label are one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, PropertyGraph, column_of, column_of_texts
from tvgnn_cli.io.numbered import NOTE, numbered_from_one
from tvgnn_cli.io.pajek_lines import PARAMETERS, Beside, vertex_of
from tvgnn_cli.io.roles import to_graph
from tvgnn_cli.io.source import Source, is_natural, is_number
from tvgnn_cli.io.wanted import Wanted


def read_pajek(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a Pajek network.

    Raises:
        InputError: as `parse_pajek`.
    """
    return to_graph(parse_pajek(source), wanted or Wanted())


def parse_pajek(source: Source) -> PropertyGraph:
    """Edges and arcs with `weight`, where a line has one; ids are the numbers of vertices, their
    names `label`; partitions and vectors of a project file are attributes.

    Raises:
        InputError: a line that its section does not fit, a vertex beyond the number that the file
            says, a second network; each with its line.
    """
    reader = _Reader(source.label)
    for number, line in enumerate(source.read_text().decode().split("\n"), 1):
        reader.take(number, line.strip())
    return reader.found(source.stem)


class _Reader:
    """Sections that the lines have given so far, and the method that takes the next line."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.line = 0
        self.count = self.first_side = 0
        self.declared_in = 0
        self.labels: dict[int, str] = {}
        self.tail, self.head, self.weight = array("q"), array("q"), array("d")
        self.directed = bytearray()
        self.matrix_row = -1
        self.unweighted = self.relations = 0
        self.beside = Beside()
        self.numbered: set[str] = set()
        self.pending: str | None = None
        self.values: dict[str, list[str]] = {}
        self.partitions: set[str] = set()
        self.skipped: list[str] = []
        self.handle: Callable[[str], None] = self._outside
        self.sections: dict[str, Callable[[list[str]], None]] = {
            "vertices": self._vertices, "network": self._network,
            "arcs": lambda words: self._lines(words, self._pair, True),
            "edges": lambda words: self._lines(words, self._pair, False),
            "arcslist": lambda words: self._lines(words, self._list, True),
            "edgeslist": lambda words: self._lines(words, self._list, False),
            "matrix": self._matrix, "partition": self._named, "vector": self._named,
        }  # fmt: skip

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        if not line or line[0] == "%":
            return
        self.line = number
        if line[0] != "*":
            self.handle(line)
            return
        word, *rest = line[1:].split() or [""]
        word, _, relation = word.partition(":")
        rest = [f":{relation}", *rest] if relation else rest
        section = self.sections.get(word.lower())
        if section is None:
            self.skipped.append(f"*{word}")
            self.pending, self.handle = None, self._ignore
        else:
            section([word, *rest])

    def _fail(self, message: str) -> InputError:
        return InputError(f"{self.label}: line {self.line}: {message}")

    def _outside(self, line: str) -> None:
        raise self._fail(f"stands before *Vertices: {line[:40]!r}")

    def _ignore(self, line: str) -> None:
        pass

    def _network(self, _: list[str]) -> None:
        if self.declared_in:
            raise self._fail("a second network; a file is one: split it")
        self.pending, self.handle = None, self._outside

    def _vertices(self, words: list[str]) -> None:
        counts = words[1:3]
        if not counts or not all(map(is_natural, counts)):
            raise self._fail("*Vertices says no number of vertices")
        if self.handle == self._ignore:
            return
        if self.pending is not None:
            self.handle = self.values[self.pending].append
            return
        if self.declared_in:
            raise self._fail(
                f"*Vertices again, after line {self.declared_in}; a file is one network: split it"
            )
        self.count, self.declared_in = int(counts[0]), self.line
        self.first_side = int(counts[1]) if len(counts) > 1 else 0
        self.handle = self._vertex

    def _vertex(self, line: str) -> None:
        found = vertex_of(line)
        if found is None:
            raise self._fail(f"{line[:40]!r} is no number of a vertex and its label")
        number, label, rest = found
        place = self._place(number)
        if place in self.labels:
            raise self._fail(f"vertex {number} has been listed before")
        self.labels[place] = label
        if rest:
            self.beside.of_vertex(rest)

    def _place(self, cell: str) -> int:
        if not is_natural(cell) or not 1 <= int(cell) <= self.count:
            raise self._fail(f"{cell[:20]!r} is no vertex; they are 1 to {self.count:,}")
        return int(cell) - 1

    def _lines(self, words: list[str], handle: Callable[[str, bool], None], arcs: bool) -> None:
        self._in_network(words[0])
        self.relations += any(word.startswith(":") for word in words[1:2])
        self.handle = lambda line: handle(line, arcs)

    def _in_network(self, word: str) -> None:
        if not self.declared_in:
            raise self._fail(f"*{word} stands before *Vertices")
        self.pending = None

    def _pair(self, line: str, directed: bool) -> None:
        cells = line.split()
        if cells[0].endswith(":"):
            self.numbered.add(cells.pop(0))  # the number of a relation
        if len(cells) < 2:
            raise self._fail(f"{line[:40]!r} is not two vertices")
        self.tail.append(self._place(cells[0]))
        self.head.append(self._place(cells[1]))
        self.directed.append(directed)
        if len(cells) > 2 and is_number(cells[2]):
            self.weight.append(float(cells[2]))
        elif len(cells) > 2 and cells[2].lower() not in PARAMETERS and cells[2][0] != "[":
            raise self._fail(f"weight {cells[2]!r} is not a number")
        else:
            self.weight.append(1.0)
            self.unweighted += 1
        if len(cells) > 3 or "[" in line:
            self.beside.of_edge(line)

    def _list(self, line: str, directed: bool) -> None:
        first, *others = map(self._place, line.split())
        self.tail.extend([first] * len(others))
        self.head.extend(others)
        self.directed.extend([directed] * len(others))
        self.weight.extend([1.0] * len(others))
        self.unweighted += len(others)

    def _matrix(self, words: list[str]) -> None:
        self._in_network(words[0])
        self.relations += any(word.startswith(":") for word in words[1:2])
        self.matrix_row = 0
        self.handle = self._row

    def _row(self, line: str) -> None:
        rows = self.first_side or self.count
        offset = self.first_side
        cells = line.split()
        if self.matrix_row >= rows or len(cells) != self.count - offset:
            raise self._fail(
                f"row {self.matrix_row + 1} of the matrix has {len(cells)} values; it has {rows:,} "
                f"rows of {self.count - offset:,}"
            )
        for column, cell in enumerate(cells):
            if not is_number(cell):
                raise self._fail(f"{cell[:20]!r} in the matrix is not a number")
            if float(cell):
                self.tail.append(self.matrix_row)
                self.head.append(offset + column)
                self.directed.append(True)
                self.weight.append(float(cell))
        self.matrix_row += 1

    def _named(self, words: list[str]) -> None:
        name = " ".join(words[1:]).strip('" ') or words[0].lower()
        while name in self.values:
            name += "'"
        self.pending, self.values[name] = name, []
        if words[0].lower() == "partition":
            self.partitions.add(name)
        self.handle = self._outside

    def found(self, name: str) -> PropertyGraph:
        """The network that was read.

        Raises:
            InputError: there is none, or its matrix is cut short.
        """
        if not self.declared_in:
            raise InputError(f"{self.label}: has no *Vertices: is not a Pajek network")
        if -1 < self.matrix_row < (self.first_side or self.count):
            raise self._fail(f"the matrix ends after {self.matrix_row:,} rows")
        where = f"{self.label}: line {self.declared_in}"
        num_lines = len(self.labels) + len(self.tail)
        directed = np.frombuffer(bytes(self.directed), dtype=bool)
        weighted = self.unweighted < len(self.tail)
        return PropertyGraph(
            ids=numbered_from_one(self.count, num_lines, where),
            tail=np.array(self.tail, dtype=np.int64),
            head=np.array(self.head, dtype=np.int64),
            directed=directed if directed.any() else False,
            vertex_attributes=self._columns(),
            edge_attributes={"weight": Column(np.array(self.weight))} if weighted else {},
            label=self.label,
            name=name,
            notes=(NOTE, *self._notes(weighted)),
        )

    def _columns(self) -> dict[str, Column]:
        columns: dict[str, Column] = {}
        if any(self.labels.values()):
            texts = [self.labels.get(place) or None for place in range(self.count)]
            columns["label"] = column_of(texts, "string")
        for name, values in self.values.items():
            if len(values) != self.count:
                self.skipped.append(f"'{name}' ({len(values):,} values)")
            elif name in self.partitions:  # numbers of classes, which are no quantities
                columns[name] = column_of(values, "partition")
            else:
                columns[name] = column_of_texts(values)
        return columns

    def _notes(self, weighted: bool) -> list[str]:
        said = []
        if self.first_side:
            first = self.first_side
            said.append(f"two modes: vertices 1 to {first:,}, and {first + 1:,} to {self.count:,}")
        if (relations := max(self.relations, len(self.numbered))) > 1:
            said.append(f"relations, read as one: {relations:,}")
        if weighted and self.unweighted:
            said.append(f"edges without a weight, of weight 1 in Pajek: {self.unweighted:,}")
        said += self.beside.notes()
        if self.skipped:
            said.append(f"parts that are not read: {', '.join(dict.fromkeys(self.skipped))}")
        return said
