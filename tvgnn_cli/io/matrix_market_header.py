"""The first lines of a Matrix Market file, and the lines that follow, by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.source import is_natural

CELLS = {"real": 1, "double": 1, "integer": 1, "unsigned-integer": 1, "pattern": 0, "complex": 2}
"""Cells that the value of an entry takes, by the field of the banner."""

SYMMETRIES = ("general", "symmetric", "skew-symmetric", "hermitian")


@dataclass(frozen=True)
class Header:
    """The first lines of a file.

    Args:
        label: name of the file.
        is_array: whether all values are listed, column by column, and not entries by their place.
        field: type of the values, a key of `CELLS`.
        symmetry: one of `SYMMETRIES`.
        rows: of the matrix, as many as columns.
        entries: lines that follow.
        line: number of the line that holds these counts.
        start: offset of what follows.
    """

    label: str
    is_array: bool
    field: str
    symmetry: str
    rows: int
    entries: int
    line: int
    start: int

    @classmethod
    def look(cls, data: bytes, label: str) -> Header:
        """Read it.

        Raises:
            InputError: it is none, is of another kind of object, or its matrix is not square.
        """
        lines = numbered_lines(data)
        _, first, _ = next(lines)
        words = _banner(first, f"{label}: line 1")
        told = (entry for entry in lines if entry[1].strip() and entry[1].lstrip()[:1] != b"%")
        line, text, start = next(told, (0, b"", 0))
        if not line:
            raise InputError(f"{label}: ends before the line of its numbers of rows and columns")
        is_array = words[2] == "array"
        counts = _counts(text, 2 if is_array else 3, f"{label}: line {line}")
        entries = _num_values(counts[0], words[4]) if is_array else counts[2]
        if entries * (2 if is_array else 4) > len(data) - start + 2:
            raise InputError(
                f"{label}: line {line}: says that {entries:,} values follow, more than the file "
                "holds; it is cut short"
            )
        return cls(label, is_array, words[3], words[4], counts[0], entries, line, start)


def _banner(first: bytes, where: str) -> list[str]:
    """The five words of the first line, in lower case."""
    words = first.decode("latin-1").lower().split()
    if not words or words[0] not in ("%%matrixmarket", "%matrixmarket"):
        raise InputError(
            f"{where}: does not begin with %%MatrixMarket: is no Matrix Market file; name an "
            "edge list .edges"
        )
    known = len(words) == 5 and words[2] in ("array", "coordinate")
    if not known or words[3] not in CELLS or words[4] not in SYMMETRIES:
        raise InputError(f"{where}: unknown kind of Matrix Market file: {' '.join(words[1:])}")
    if words[1] != "matrix":
        raise InputError(f"{where}: holds a {words[1]}, not a matrix")
    return words


def _counts(text: bytes, number: int, where: str) -> list[int]:
    cells = text.decode("latin-1").split()
    if len(cells) != number or not all(map(is_natural, cells)):
        needed = "rows, columns" if number == 2 else "rows, columns and entries"
        raise InputError(f"{where}: {' '.join(cells)[:40]!r} are not the numbers of {needed}")
    counts = list(map(int, cells))
    if counts[0] != counts[1]:
        raise InputError(
            f"{where}: the matrix has {counts[0]:,} rows and {counts[1]:,} columns, is not the "
            "adjacency of one set of vertices; of a bipartite graph save "
            "scipy.sparse.block_array([[None, A], [A.T, None]])"
        )
    return counts


def _num_values(rows: int, symmetry: str) -> int:
    """Values that the file of a dense matrix lists."""
    if symmetry == "general":
        return rows * rows
    return rows * (rows - 1) // 2 + (0 if symmetry == "skew-symmetric" else rows)


def numbered_lines(data: bytes, start: int = 0, first: int = 1) -> Iterator[tuple[int, bytes, int]]:
    """Number, text, and offset of the end of each line."""
    number = first
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end + 1
        yield number, data[start:end], end
        start, number = end, number + 1
