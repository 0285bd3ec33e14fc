"""METIS: the neighbours of each vertex in a line of its own."""

from __future__ import annotations

import math
from array import array

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.metis_header import Header
from tvgnn_cli.io.numbered import NOTE
from tvgnn_cli.io.roles import to_graph
from tvgnn_cli.io.source import Source, is_natural
from tvgnn_cli.io.wanted import Wanted

SUFFIXES = (".graph", ".metis")


def read_metis(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a METIS file.

    Raises:
        InputError: as `parse_metis`.
    """
    return to_graph(parse_metis(source), wanted or Wanted())


def parse_metis(source: Source) -> PropertyGraph:
    """Edges, each once and without direction, with `weight` where the file has weights. Ids are the
    numbers of lines from 1.

    Raises:
        InputError: a header that is none, counts that do not fit, a neighbour that is no vertex or
            does not name its neighbour; each with its line.
    """
    text = source.read_text().decode()
    reader = _Reader(source.label)
    lines = [
        (number, line)
        for number, line in enumerate(text.split("\n"), 1)
        if not line.lstrip().startswith("%")
    ]
    start = next((i for i, (_, line) in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines):
        raise InputError(
            f"{source.label}: holds no header; METIS has the numbers of vertices first"
        )
    header = Header.of(*lines[start], source.label)
    lines = lines[start + 1 :]
    while len(lines) > header.vertices and not lines[-1][1].strip():
        lines.pop()
    reader.read(header, lines)
    return reader.found(header, source)


class _Reader:
    """Edges that the lines have given so far."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.tail, self.head, self.weight = array("q"), array("q"), array("d")

    def read(self, header: Header, lines: list[tuple[int, str]]) -> None:
        """Take the neighbours of each vertex."""
        if len(lines) < header.vertices:
            raise InputError(
                f"{self.label}: line {header.line}: says {header.vertices:,} vertices, and "
                f"{len(lines):,} lines follow; each vertex has one, an isolated one an empty one"
            )
        if len(lines) > header.vertices:
            line, text = lines[header.vertices]
            raise InputError(
                f"{self.label}: line {line}: a line more than the {header.vertices:,} vertices of "
                f"the header: {text.strip()[:40]!r}"
            )
        ends = 1 + int(header.weighted)
        for vertex, (line, text) in enumerate(lines):
            cells = text.split()
            listed = cells[header.skipped :]
            if (len(cells) < header.skipped and cells) or len(listed) % ends:
                raise InputError(
                    f"{self.label}: line {line}: the header's fmt does not fit its "
                    f"{len(cells)} cells: {text.strip()[:40]!r}"
                )
            for neighbour in listed[::ends]:
                self.head.append(self._vertex(neighbour, vertex, header, line))
            self.tail.extend([vertex] * (len(listed) // ends))
            if header.weighted:
                self.weight.extend(_weight(cell, self.label, line) for cell in listed[1::2])
        if len(self.tail) != 2 * header.edges:
            raise InputError(
                f"{self.label}: line {header.line}: says {header.edges:,} edges, and the lines "
                f"list {len(self.tail):,} neighbours, of which each edge is two"
            )
        self._refuse_one_sided(header, lines)

    def _vertex(self, cell: str, vertex: int, header: Header, line: int) -> int:
        if not is_natural(cell) or not 1 <= int(cell) <= header.vertices:
            raise InputError(
                f"{self.label}: line {line}: vertex {vertex + 1} has neighbour {cell[:20]!r}; "
                f"vertices are 1 to {header.vertices:,}"
            )
        return int(cell) - 1

    def _refuse_one_sided(self, header: Header, lines: list[tuple[int, str]]) -> None:
        """Refuse an edge that only one of its ends lists, or with another weight."""
        weight = self.weight if header.weighted else array("d", [1.0]) * len(self.tail)
        table = np.array([self.tail, self.head, weight])
        there = table[:, np.lexsort(table[[2, 1, 0]])]
        back = table[:, np.lexsort(table[[2, 0, 1]])][[1, 0, 2]]
        differ = np.flatnonzero((there != back).any(axis=0))
        if not len(differ):
            return
        one, other = there[:, differ[0]].tolist(), back[:, differ[0]].tolist()
        # The lesser of the two is in one list alone.
        tail, head = map(int, one[:2] if one < other else other[1::-1])
        listed = bool(((table[0] == head) & (table[1] == tail)).any())
        raise InputError(
            f"{self.label}: line {lines[tail][0]}: vertex {tail + 1} has neighbour {head + 1}, "
            f"which lists it {'with another weight' if listed else 'not'}; METIS lists each edge "
            "at both ends"
        )

    def found(self, header: Header, source: Source) -> PropertyGraph:
        """The graph, each edge once."""
        tail, head = np.frombuffer(self.tail, np.int64), np.frombuffer(self.head, np.int64)
        once = tail <= head
        columns = {}
        if header.weighted:
            columns = {"weight": Column(np.frombuffer(self.weight)[once])}
        said = (NOTE, "sizes and weights of vertices are not read") if header.skipped else (NOTE,)
        if source.suffix not in SUFFIXES:
            told = "read as METIS: vertices list each other; named .edges it is read as edges"
            said = (told, *said)
        return PropertyGraph(
            ids=np.array(list(map(str, range(1, header.vertices + 1))), dtype=object),
            tail=tail[once],
            head=head[once],
            directed=False,
            edge_attributes=columns,
            label=self.label,
            name=source.stem,
            notes=said,
        )


def _weight(cell: str, label: str, line: int) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0 or "_" in cell:
        raise InputError(
            f"{label}: line {line}: weight {cell!r} is not allowed; weights are similarities: "
            "finite, at least 0"
        )
    return value
