"""The first line of METIS, and the signs by which METIS is told from a list of edges."""

from __future__ import annotations

from dataclasses import dataclass

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.source import is_natural

LOOKED_AT = 1000
"""Lines by which METIS is told from an edge list."""


@dataclass(frozen=True)
class Header:
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
    def of(cls, line: int, text: str, label: str) -> Header:
        cells = text.split()
        where = f"{label}: line {line}"
        if not 2 <= len(cells) <= 4 or not all(map(is_natural, cells)):
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


def is_metis(text: bytes) -> bool:
    """Tell whether text is METIS and no edge list: its counts are those of the header, or its first
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
        header = Header.of(0, b" ".join(filled[0]).decode(), "")
    except InputError:
        return False
    sizes = [len(line.split()) for line in lines if not _is_comment(line)]
    first = next(i for i, size in enumerate(sizes) if size)
    while len(sizes) - first - 1 > header.vertices and not sizes[-1]:
        sizes.pop()
    cells = header.vertices * header.skipped + 2 * header.edges * (1 + header.weighted)
    return len(sizes) - first - 1 == header.vertices and sum(sizes[first + 1 :]) == cells


def begins_as_metis(data: bytes, whole: bool) -> bool:  # noqa: PLR0911 a return for each answer
    """Tell whether text is METIS under any name: its vertices list each other as neighbours, never
    themselves, and its counts fit the header. Lists of edges do not.

    Args:
        data: the first bytes of a file.
        whole: whether they are all of it.
    """
    lines = [line for line in data.split(b"\n") if not _is_comment(line)]
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return False
    del lines[:first]
    try:
        header = Header.of(0, lines[0].decode("latin-1"), "")
    except InputError:
        return False
    lines = lines[1 : header.vertices + 1 if whole else -1]
    listed = [line.split()[header.skipped :: 1 + header.weighted] for line in lines]
    if not all(cell.isdigit() and len(cell) < 19 for cells in listed for cell in cells):
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
