"""Matrix Market: an adjacency matrix as text.

scipy parses what is plain. It takes `1,5` for 1 and `1d3` for 1, and what follows a value for
nothing, so that a file with other marks than those of numbers, or with more cells than its lines
may have, goes line by line; so does one that scipy refuses, for the line to be named.
"""

from __future__ import annotations

import io
import math
import warnings
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph
from tvgnn_cli.io.meaning import to_graph
from tvgnn_cli.io.numbered import NOTE, numbered_from_one
from tvgnn_cli.io.source import Source, is_number
from tvgnn_cli.io.wanted import Wanted
from tvgnn_cli.property_graph import Column, PropertyGraph

CELLS = {"real": 1, "double": 1, "integer": 1, "unsigned-integer": 1, "pattern": 0, "complex": 2}
"""Cells that the value of an entry takes, by the field of the banner."""

SYMMETRIES = ("general", "symmetric", "skew-symmetric", "hermitian")

PLAIN = b"0123456789+-.eE \t\r\n"
"""Bytes of which a file of numbers is made."""


def read_matrix_market(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a square matrix as the adjacency of a graph.

    Raises:
        InputError: as `parse_matrix_market`; values that are no similarities.
    """
    return to_graph(parse_matrix_market(source), wanted or Wanted())


def parse_matrix_market(source: Source) -> PropertyGraph:
    """An edge for each entry, from its row to its column, with its value as `weight`.

    Of a symmetric matrix each entry is one edge without direction. Of a skew-symmetric one both
    halves are edges, of which one is negative. Ids are the numbers of rows from 1.

    Raises:
        InputError: a broken header or line, by its number; a matrix that is not square.
    """
    data = source.read_bytes().removeprefix(BOM_UTF8)
    header = _Header.look(data, source.label)
    body = data[header.start :]
    entries = _fast(header, body) or _slow(header, body)
    tail, head, values = entries.row, entries.column, entries.value
    undirected = header.symmetry in ("symmetric", "hermitian")
    ids = numbered_from_one(header.rows, len(tail), f"{source.label}: line {header.line}")
    columns = {}
    if header.field == "complex":
        texts = np.array(list(map(str, values.tolist())), dtype=object)
        columns = {"weight": Column(texts, None, "complex")}
    elif header.field != "pattern":
        columns = {"weight": Column(np.asarray(values, dtype=np.float64))}
    return PropertyGraph(
        ids=ids,
        tail=tail,
        head=head,
        directed=not undirected,
        edge_attributes=columns,
        label=source.label,
        name=source.stem,
        notes=(NOTE,),
    )


@dataclass(frozen=True)
class _Header:
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
    def look(cls, data: bytes, label: str) -> _Header:
        """Read it.

        Raises:
            InputError: it is none, is of another kind of object, or its matrix is not square.
        """
        lines = _numbered_lines(data)
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
    if len(cells) != number or not all(map(str.isdecimal, cells)):
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


@dataclass(frozen=True, eq=False)
class _Entries:
    """Rows and columns from 0 and values `[m]`; of a symmetric matrix one half, of a skew-symmetric
    one both.
    """

    row: np.ndarray
    column: np.ndarray
    value: np.ndarray


def _numbered_lines(
    data: bytes, start: int = 0, first: int = 1
) -> Iterator[tuple[int, bytes, int]]:
    """Number, text, and offset of the end of each line."""
    number = first
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end + 1
        yield number, data[start:end], end
        start, number = end, number + 1


def _fast(header: _Header, body: bytes) -> _Entries | None:
    """The entries by scipy; None where the text is not plain, or scipy refuses it."""
    from scipy.io import mmread

    cells = (0 if header.is_array else 2) + CELLS[header.field]
    if body.translate(None, PLAIN) or _num_cells(body) != cells * header.entries:
        return None
    # A whole number in a file of "integer" would lose its fraction.
    field = header.field if header.field in ("pattern", "complex") else "real"
    layout = "array" if header.is_array else "coordinate"
    counts = [header.rows, header.rows, *([] if header.is_array else [header.entries])]
    banner = f"%%MatrixMarket matrix {layout} {field} {header.symmetry}\n"
    text = banner.encode() + " ".join(map(str, counts)).encode() + b"\n" + body
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            matrix = mmread(io.BytesIO(text))
    except (ValueError, OverflowError):
        return None
    if header.is_array:
        row, column = np.nonzero(matrix)
        found = _Entries(row, column, matrix[row, column])
    else:
        found = _Entries(matrix.row, matrix.col, matrix.data)
    if header.symmetry not in ("symmetric", "hermitian"):
        return found
    half = found.row >= found.column
    return _Entries(found.row[half], found.column[half], found.value[half])


def _num_cells(body: bytes) -> int:
    """Runs of bytes that are not blank."""
    found, before = 0, True
    for start in range(0, len(body), 2**24):
        blank = np.frombuffer(body[start : start + 2**24], dtype=np.uint8) <= 32
        found += int(np.count_nonzero(blank[:-1] & ~blank[1:])) + int(before and not blank[0])
        before = bool(blank[-1])
    return found


def _slow(header: _Header, body: bytes) -> _Entries:
    """The entries line by line.

    Raises:
        InputError: naming the line that is no entry.
    """
    width = CELLS[header.field]
    places = _places(header) if header.is_array else None
    row, column, value = list[int](), list[int](), list[complex]()
    line = header.line
    for line, text, _ in _numbered_lines(body, 0, header.line + 1):
        cells = text.decode("latin-1").split()
        if not cells or cells[0].startswith("%"):
            continue
        where = f"{header.label}: line {line}"
        if len(value) == header.entries:
            raise InputError(f"{where}: an entry more than the {header.entries:,} of the header")
        if len(cells) != (needed := width + (0 if places else 2)):
            raise InputError(
                f"{where}: {' '.join(cells)[:60]!r} has {len(cells)} cells; each entry of a "
                f"'{header.field}' matrix has {needed}"
            )
        place = next(places) if places else _place(cells, header, where)
        row.append(place[0])
        column.append(place[1])
        value.append(_value(cells[len(cells) - width :], where))
    if len(value) != header.entries:
        raise InputError(
            f"{header.label}: line {line}: ends after {len(value):,} entries, of "
            f"{header.entries:,} that the header says"
        )
    return _completed(header, np.array([row, column], dtype=np.int64), np.array(value))


def _completed(header: _Header, places: np.ndarray, value: np.ndarray) -> _Entries:
    """Without the zeros of a dense matrix, and with both halves of a skew-symmetric one."""
    if header.is_array:
        places, value = places[:, value != 0], value[value != 0]
    if header.symmetry == "skew-symmetric":
        places = np.concatenate([places, places[::-1]], axis=1)
        value = np.concatenate([value, -value])
    return _Entries(places[0], places[1], value)


def _places(header: _Header) -> Iterator[tuple[int, int]]:
    """Rows and columns of the values of a dense matrix, which come column by column."""
    for column in range(header.rows):
        first = {"general": 0, "skew-symmetric": column + 1}.get(header.symmetry, column)
        yield from ((row, column) for row in range(first, header.rows))


def _place(cells: list[str], header: _Header, where: str) -> tuple[int, int]:
    for cell in cells[:2]:
        if not cell.isdecimal() or not 1 <= int(cell) <= header.rows:
            raise InputError(f"{where}: {cell!r} is no row or column from 1 to {header.rows:,}")
    return int(cells[0]) - 1, int(cells[1]) - 1


def _value(cells: list[str], where: str) -> complex:
    for cell in cells:
        if not is_number(cell):
            raise InputError(f"{where}: {cell!r} is not a number")
        if not math.isfinite(float(cell)):
            raise InputError(f"{where}: weight {cell} is not finite")
    if not cells:
        return 1.0
    return float(cells[0]) if len(cells) == 1 else complex(*map(float, cells))
