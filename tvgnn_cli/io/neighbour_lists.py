"""Lists of neighbours: LGL, SIF, and what networkx writes as adjacency lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.property_graph import PropertyGraph, column_of
from tvgnn_cli.io.delimiter import MARKS
from tvgnn_cli.io.edge_data import parse_data
from tvgnn_cli.io.source import is_natural, is_number

LOOKED_AT = 2**16
"""Bytes by which LGL is told."""

_OF_NETWORKX = re.compile(rb"#[^\n]*\n#[ \t]GMT [^\n]*\n#[^\n]*\n")
"""The first lines of what networkx writes as adjacency lists, and nothing else."""

_VERTEX = re.compile(r"#[ \t]+(\S+)\s*")

_COUNTED = re.compile(rf"(.+)([ {re.escape(MARKS)}])(\d+)")
"""A vertex, the mark that parts cells, and its number of neighbours."""

Edge = tuple[str, str | None, dict[str, object]]
"""Two ids and data; one id of a vertex without neighbours."""


def read_neighbours(text: bytes, label: str, name: str, suffix: str = "") -> PropertyGraph | None:
    """The edges of a list of neighbours; None of any other text.

    Args:
        text: UTF-8.
        label: name of the input in messages.
        name: stem of output files.
        suffix: of the file, for what may be LGL or edges among comments.

    Raises:
        InputError: a line that does not fit the form.
    """
    if _OF_NETWORKX.match(text):
        body = text.decode().split("\n")
        cut = [(i, line) for i, line in enumerate(body[3:], 4) if line.strip()]
        with_data = any(line.endswith("}") for _, line in cut)
        edges = _multiline(cut, label) if with_data else _adjacencies(cut, label)
        return _graph(edges, label, name, "adjacency lists of networkx")
    if _is_lgl(text, suffix == ".lgl"):
        what = "LGL: a line # and a vertex, then its neighbours"
        return _graph(_lgl(text.decode(), label), label, name, what)
    return None


def neighbours_of_sif(text: bytes, label: str, name: str) -> PropertyGraph | None:
    """The edges of Cytoscape's SIF where its lines are not alike: several neighbours in one, or a
    vertex alone; None of a table.

    Args:
        text: UTF-8.
        label: name of the input in messages.
        name: stem of output files.

    Raises:
        InputError: a line of two cells.
    """
    mark = "\t" if b"\t" in text else None
    if text.count(b"\t" if mark else b" ") == 2 * (text.rstrip().count(b"\n") + 1):
        return None  # the plain table that most are
    parted = enumerate(text.decode().split("\n"), 1)
    rows = [(i, [cell.strip() for cell in line.split(mark) if cell.strip()]) for i, line in parted]
    rows = [(i, cells) for i, cells in rows if cells and cells[0][0] not in "#%"]
    alike = len({len(cells) for _, cells in rows}) < 2
    if alike or any(len(cells) == 4 and is_number(cells[3]) for _, cells in rows):
        return None
    return _graph(_sif(rows, label), label, name, "SIF: a vertex, a kind, its neighbours")


def _sif(rows: list[tuple[int, list[str]]], label: str) -> Iterator[Edge]:
    """Lines of Cytoscape's SIF, which may have several neighbours, or a vertex alone."""
    for number, cells in rows:
        if len(cells) == 2:
            raise InputError(f"{label}: line {number}: SIF has a kind and neighbours: {cells}")
        yield cells[0], None, {}
        yield from ((cells[0], other, {}) for other in cells[2:])


def _is_lgl(text: bytes, named: bool) -> bool:
    """Tell whether text is LGL: `# a`, then neighbours of `a` and their weights, a line for each;
    and some that are neighbours in one place have a list in another. Where it is not named so,
    weights must be other numbers than ids, of which they may be a second column.
    """
    start = text[:LOOKED_AT].decode(errors="replace").lstrip()
    if not start.startswith("#"):
        return False
    lines = start.split("\n")[: None if len(text) <= LOOKED_AT else -1]
    marked: list[str] = []
    listed: set[str] = set()
    weights: set[str] = set()
    for line in lines:
        if line.startswith("#"):
            vertex = _VERTEX.fullmatch(line)
            if vertex is None:
                return False
            marked.append(vertex[1])
        elif line.strip():
            cells = line.split()
            if len(cells) > 2 or (len(cells) == 2 and not is_number(cells[1])):
                return False
            listed.add(cells[0])
            weights.update(cells[1:])
    if named:
        return bool(marked)
    return (
        len(marked) > 1
        and not listed.isdisjoint(marked)
        and weights.isdisjoint(listed.union(marked))
    )


def _lgl(text: str, label: str) -> Iterator[Edge]:
    vertex = ""
    for number, line in enumerate(text.split("\n"), 1):
        marked = _VERTEX.fullmatch(line)
        cells = line.split()
        if marked is not None:
            vertex = marked[1]
            yield vertex, None, {}
        elif cells:
            if len(cells) > 2 or (len(cells) == 2 and not is_number(cells[1])):
                raise InputError(
                    f"{label}: line {number}: LGL has a neighbour and a weight in a line: {line!r}"
                )
            yield vertex, cells[0], {"weight": float(cells[1])} if len(cells) == 2 else {}


def _adjacencies(lines: list[tuple[int, str]], label: str) -> Iterator[Edge]:
    """The edges of lines of a vertex and its neighbours, parted by the mark that leaves each
    neighbour with a line of its own, as networkx writes them.
    """
    unlisted: tuple[int, str] | None = None
    for mark in (None, *MARKS):
        parted = [[cell.strip() for cell in line.split(mark)] for _, line in lines]
        listed = {cells[0] for cells in parted}
        others = ((i, cell) for i, cells in enumerate(parted) for cell in cells[1:])
        lacking = next(((i, cell) for i, cell in others if cell not in listed), None)
        if lacking is None and any(len(cells) > 1 for cells in parted):
            return _listed(parted)
        unlisted = unlisted or lacking
    if unlisted is not None:
        place, cell = unlisted
        raise InputError(
            f"{label}: line {lines[place][0]}: neighbour {cell!r} has no line of its own, as "
            "networkx writes for each vertex: ids may hold what parts them; write the graph with "
            "networkx.write_edgelist and a delimiter that is in no id"
        )
    return _listed([[line.strip()] for _, line in lines])


def _listed(parted: list[list[str]]) -> Iterator[Edge]:
    for first, *others in parted:
        yield first, None, {}
        yield from ((first, other, {}) for other in others)


def _multiline(lines: list[tuple[int, str]], label: str) -> Iterator[Edge]:
    left, vertex = 0, ""
    begun = _COUNTED.fullmatch(lines[0][1])
    mark = begun[2] if begun else " "
    for number, line in lines:
        where = f"{label}: line {number}"
        if left:
            neighbour, _, data = line.partition(f"{mark}{{")
            yield vertex, neighbour, parse_data("{" + data, where)
            left -= 1
            continue
        vertex, _, count = line.rpartition(mark)
        if not vertex or not is_natural(count):
            raise InputError(f"{where}: a vertex and its number of neighbours are needed: {line!r}")
        left = int(count)
        yield vertex, None, {}
    if left:
        raise InputError(f"{label}: '{vertex}' lacks {left:,} neighbours; the file is cut short")


def _graph(edges: Iterator[Edge], label: str, name: str, what: str) -> PropertyGraph:
    number: dict[str, int] = {}
    tail, head, rows = [], [], []
    for first, second, data in edges:
        place = number.setdefault(first, len(number))
        if second is not None:
            tail.append(place)
            head.append(number.setdefault(second, len(number)))
            rows.append(data)
    names = dict.fromkeys(key for row in rows for key in row)
    return PropertyGraph(
        ids=np.array(list(number), dtype=object),
        tail=np.array(tail, dtype=np.int64),
        head=np.array(head, dtype=np.int64),
        edge_attributes={key: column_of([row.get(key) for row in rows]) for key in names},
        label=label,
        name=name,
        notes=(f"read as {what}",),
    )
