"""METIS: the neighbours of each vertex in a line of its own."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph
from tvgnn_cli.io.meaning import to_graph
from tvgnn_cli.io.numbered import NOTE
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted
from tvgnn_cli.property_graph import Column, PropertyGraph

LOOKED_AT = 1000
"""Lines by which METIS is told from an edge list."""

SUFFIXES = (".graph", ".metis")


def read_metis(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a METIS file.

    Raises:
        InputError: as `parse_metis`.
    """
    return to_graph(parse_metis(source), wanted or Wanted())


def is_metis(text: bytes) -> bool:
    """Whether text is METIS and no edge list: its counts are those of the header, or its first
    lines have not all the same number of cells.
    """
    lines = text.split(b"\n")
    sample = [line.split() for line in lines[:LOOKED_AT] if not _is_comment(line)]
    filled = [cells for cells in sample if cells]
    if not filled or not 2 <= len(filled[0]) <= 4 or not all(map(bytes.isdigit, filled[0])):
        return False
    if len(set(map(len, filled))) > 1:
        return True
    try:
        header = _Header.of(0, b" ".join(filled[0]).decode(), "")
    except InputError:
        return False
    sizes = [len(line.split()) for line in lines if not _is_comment(line)]
    first = next(i for i, size in enumerate(sizes) if size)
    while len(sizes) - first - 1 > header.vertices and not sizes[-1]:
        sizes.pop()
    cells = header.vertices * header.skipped + 2 * header.edges * (1 + header.weighted)
    return len(sizes) - first - 1 == header.vertices and sum(sizes[first + 1 :]) == cells


def begins_as_metis(data: bytes, whole: bool) -> bool:
    """Whether text is METIS under any name: its vertices list each other as neighbours, never
    themselves, and its counts fit the header. Lists of edges do not.

    Args:
        data: the first bytes of a file.
        whole: whether they are all of it.
    """
    lines = [line for line in data.split(b"\n") if not _is_comment(line)]
    del lines[: next((i for i, line in enumerate(lines) if line.strip()), 0)]
    try:
        header = _Header.of(0, lines[0].decode("latin-1"), "")
    except InputError:
        return False
    lines = lines[1 : header.vertices + 1 if whole else -1]
    listed = [line.split()[header.skipped :: 1 + header.weighted] for line in lines]
    if not all(cell.isdigit() for cells in listed for cell in cells):
        return False
    neighbours = [set(map(int, cells)) for cells in listed]
    ends = sum(map(len, neighbours))
    fits = (len(lines), ends) == (header.vertices, 2 * header.edges)
    if not ends or (whole and not fits) or len(lines) > header.vertices:
        return False
    mutual = 0
    for vertex, others in enumerate(neighbours, 1):
        if vertex in others or not all(0 < other <= header.vertices for other in others):
            return False
        seen = [neighbours[other - 1] for other in others if other <= len(neighbours)]
        if not all(vertex in back for back in seen):
            return False
        mutual += len(seen)
    return mutual > 0


def _is_comment(line: bytes) -> bool:
    return line.lstrip().startswith(b"%")


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
    header = _Header.of(*lines[start], source.label)
    lines = lines[start + 1 :]
    while len(lines) > header.vertices and not lines[-1][1].strip():
        lines.pop()
    reader.read(header, lines)
    return reader.found(header, source)


@dataclass(frozen=True)
class _Header:
    """The first line: `n m [fmt [ncon]]`.

    Args:
        vertices: n.
        edges: m, each counted once.
        skipped: cells before the neighbours in each line: a size, and weights of the vertex.
        weighted: whether a weight follows each neighbour.
        line: its number.
    """

    vertices: int
    edges: int
    skipped: int
    weighted: bool
    line: int

    @classmethod
    def of(cls, line: int, text: str, label: str) -> _Header:
        cells = text.split()
        where = f"{label}: line {line}"
        if not 2 <= len(cells) <= 4 or not all(map(str.isdecimal, cells)):
            raise InputError(
                f"{where}: {text.strip()[:40]!r} is no header of METIS: numbers of vertices and of "
                "edges, and optionally fmt and ncon"
            )
        form = cells[2].zfill(3) if len(cells) > 2 else "000"
        if len(form) > 3 or set(form) - {"0", "1"}:
            raise InputError(f"{where}: fmt is {cells[2]!r}; METIS knows 0, 1, 10, 11, 100 to 111")
        weights = int(cells[3]) if len(cells) > 3 else 1
        skipped = int(form[0]) + int(form[1]) * weights
        return cls(int(cells[0]), int(cells[1]), skipped, form[2] == "1", line)


class _Reader:
    """What the lines have told so far."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.tail, self.head, self.weight = array("q"), array("q"), array("d")

    def read(self, header: _Header, lines: list[tuple[int, str]]) -> None:
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

    def _vertex(self, cell: str, vertex: int, header: _Header, line: int) -> int:
        if not cell.isdecimal() or not 1 <= int(cell) <= header.vertices:
            raise InputError(
                f"{self.label}: line {line}: vertex {vertex + 1} has neighbour {cell[:20]!r}; "
                f"vertices are 1 to {header.vertices:,}"
            )
        return int(cell) - 1

    def _refuse_one_sided(self, header: _Header, lines: list[tuple[int, str]]) -> None:
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

    def found(self, header: _Header, source: Source) -> PropertyGraph:
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
