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
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.matrix_market_header import CELLS, Header, numbered_lines
from tvgnn_cli.io.numbered import NOTE, numbered_from_one
from tvgnn_cli.io.roles import to_graph
from tvgnn_cli.io.source import Source, is_natural, is_number
from tvgnn_cli.io.wanted import Wanted

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
    header = Header.look(data, source.label)
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


@dataclass(frozen=True, eq=False)
class _Entries:
    """Rows and columns from 0 and values `[m]`; of a symmetric matrix one half, of a skew-symmetric
    one both.
    """

    row: np.ndarray
    column: np.ndarray
    value: np.ndarray


def _fast(header: Header, body: bytes) -> _Entries | None:
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
    text = banner.encode() + " ".join(map(str, counts)).encode() + b"\n"
    # scipy reads beyond the end of what ends with a blank.
    text += body.rstrip() + b"\n"
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


def _slow(header: Header, body: bytes) -> _Entries:
    """The entries line by line.

    Raises:
        InputError: naming the line that is no entry.
    """
    width = CELLS[header.field]
    places = _places(header) if header.is_array else None
    row, column, value = list[int](), list[int](), list[complex]()
    line = header.line
    for line, text, _ in numbered_lines(body, 0, header.line + 1):
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


def _completed(header: Header, places: np.ndarray, value: np.ndarray) -> _Entries:
    """Without the zeros of a dense matrix, and with both halves of a skew-symmetric one."""
    if header.is_array:
        places, value = places[:, value != 0], value[value != 0]
    if header.symmetry == "skew-symmetric":
        places = np.concatenate([places, places[::-1]], axis=1)
        value = np.concatenate([value, -value])
    return _Entries(places[0], places[1], value)


def _places(header: Header) -> Iterator[tuple[int, int]]:
    """Rows and columns of the values of a dense matrix, which come column by column."""
    for column in range(header.rows):
        first = {"general": 0, "skew-symmetric": column + 1}.get(header.symmetry, column)
        yield from ((row, column) for row in range(first, header.rows))


def _place(cells: list[str], header: Header, where: str) -> tuple[int, int]:
    for cell in cells[:2]:
        if not is_natural(cell) or not 1 <= int(cell) <= header.rows:
            raise InputError(
                f"{where}: {cell[:20]!r} is no row or column from 1 to {header.rows:,}"
            )
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
