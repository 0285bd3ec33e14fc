"""Edge lists: two columns of vertex ids, and optionally one of weights.

A well-formed list goes through pyarrow's parser. Where that stumbles, the lines are read once
more, one by one, only to name the first that is at fault.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph
from tvgnn_cli.io.source import Source, decode_text, is_number

TAIL_NAMES = ("source", "src", "from", "tail", "node1", "vertex1")
HEAD_NAMES = ("target", "dst", "to", "head", "node2", "vertex2")
WEIGHT_NAMES = ("weight", "similarity")
DISTANCE_NAMES = ("distance", "dist", "dissimilarity", "length", "cost")

_COMMENT = re.compile(r"^[ \t]*[#%].*$", re.MULTILINE)
_BLANKS = re.compile(r"[ \t]+")
_BLANK_LINE = re.compile(r"^[ \t]+$", re.MULTILINE)
_MARGIN = re.compile(r"^ +| +$", re.MULTILINE)


@dataclass(frozen=True)
class _Layout:
    """How the lines of one edge list are to be read."""

    delimiter: str
    columns: int
    header: bool
    tail: int = 0
    head: int = 1
    weight: int | None = None
    names: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """What was guessed of the columns, for the summary."""
        header = ("the first line is read as a header",) if self.header else ()
        if self.weight is None:
            return header
        name = f", '{self.names[self.weight]}'" if self.header else ""
        return (*header, f"weights: column {self.weight + 1}{name}")


def read_edge_list(source: Source, header: bool | None = None) -> Graph:
    """Read an edge list; ids stay the strings that they are.

    Lines that begin with `#` or `%` and blank lines are skipped. Cells are separated by tabs,
    semicolons or commas, the first of these that is in the first line and splits it and the second
    into as many cells, and else by runs of white space. Without
    `header` the first line counts as one if it names its columns ("source", "target", ...), or
    if it is the only one whose weight, or whose ids, are not numbers.

    Raises:
        InputError: naming the line, the value and the remedy.
    """
    text = decode_text(source.read_bytes(), source.label)
    comments = 0
    if "#" in text or "%" in text:
        text, comments = _COMMENT.subn("", text)
    layout = _layout(text, source.label, header)
    if layout.delimiter == " ":
        text = _MARGIN.sub("", _BLANKS.sub(" ", text))
    try:
        table = _parse_blank_lines_too(text, layout)
        weight = _weights(table, layout)
    except (pa.ArrowInvalid, ValueError) as error:
        raise _first_fault(text, layout, source.label) or InputError(
            f"{source.label}: cannot be read as an edge list: {error}"
        ) from None
    tail, head = (_trimmed(table.column(i)) for i in (layout.tail, layout.head))
    ids, ends = encode_ends(tail, head)
    if _has_empty(tail) or _has_empty(head):
        raise _first_fault(text, layout, source.label) or InputError(f"{source.label}: empty id")
    if weight is not None and not bool((np.isfinite(weight) & (weight >= 0)).all()):
        raise _first_fault(text, layout, source.label) or InputError(
            f"{source.label}: weights must be finite and at least 0"
        )
    return Graph.from_edges(
        ids,
        ends[0],
        ends[1],
        weight,
        name=source.stem,
        explicit_ids=True,
        notes=(*layout.notes(), *_skipped(comments)),
    )


def _skipped(comments: int) -> tuple[str, ...]:
    return (f"lines that begin with # or %, skipped: {comments:,}",) if comments else ()


def _layout(text: str, label: str, header: bool | None) -> _Layout:
    """Read the delimiter, the header and the columns off the first two lines."""
    lines = list(_numbered_lines(text, limit=2))
    if not lines:
        raise InputError(f"{label}: holds no edges, only comments or blank lines")
    number, first = lines[0]
    try:
        delimiter = _delimiter([line for _, line in lines])
        rows = [_cells(line, delimiter) for _, line in lines]
    except csv.Error as error:
        raise InputError(f"{label}: line {number} or the next one: {error}") from None
    columns = len(rows[0])
    if columns < 2:
        raise InputError(
            f"{label}: line {number}: one column ({first.strip()[:40]!r}); an edge list needs "
            "two vertex ids per line, separated by comma, tab or white space"
        )
    names = [cell.lower() for cell in rows[0]]
    named = any(n in TAIL_NAMES for n in names) and any(n in HEAD_NAMES for n in names)
    is_header = named or _looks_like_header(rows) if header is None else header
    if is_header and len(lines) < 2:
        raise InputError(f"{label}: holds a header and no edges")
    if is_header and columns > 2:
        refuse_distances(names, find_weight(names), label)
    if is_header and named and columns > 2:
        return _named_columns(names, delimiter)
    if columns > 3:
        raise InputError(
            f"{label}: line {number}: {columns} columns; an edge list has two, or three with "
            "weights (name them 'source', 'target' and 'weight' in a header to skip others)"
        )
    weight = 2 if columns == 3 else None
    return _Layout(delimiter, columns, is_header, weight=weight, names=tuple(rows[0]))


def _delimiter(lines: list[str]) -> str:
    """Tab, semicolon or comma, the first of them that splits both lines into as many cells; a comma
    beside a semicolon is more often one of "Smith, J" or of 0,5 than the other way round.
    """
    marks = [mark for mark in "\t;," if mark in lines[0]]
    for mark in marks:
        widths = {len(_cells(line, mark)) for line in lines}
        if len(widths) == 1:
            return mark
    return marks[0] if marks else " "


def find_weight(names: Sequence[str]) -> int | None:
    """The column of weights: one of that name, or the third of three."""
    named = next((i for i, name in enumerate(names) if name in WEIGHT_NAMES), None)
    return 2 if named is None and len(names) == 3 else named


def refuse_distances(names: Sequence[str], weight: int | None, label: str) -> None:
    """Refuse a column of weights that is named as one of distances is.

    Raises:
        InputError: naming it and what to do.
    """
    if weight is not None and names[weight] in DISTANCE_NAMES:
        raise InputError(
            f"{label}: column '{names[weight]}' is named as distances are, and weights are "
            "similarities, larger is closer: take 1 / (1 + distance), say, and name it 'weight'"
        )


def _named_columns(names: list[str], delimiter: str) -> _Layout:
    def find(known: tuple[str, ...]) -> int | None:
        return next((i for i, name in enumerate(names) if name in known), None)

    tail, head, weight = find(TAIL_NAMES) or 0, find(HEAD_NAMES) or 0, find(WEIGHT_NAMES)
    if weight is None and (tail, head, len(names)) == (0, 1, 3):
        weight = 2
    return _Layout(
        delimiter, len(names), header=True, tail=tail, head=head, weight=weight, names=tuple(names)
    )


def _looks_like_header(rows: list[list[str]]) -> bool:
    """The first line has no number where the second has one."""
    if len(rows) < 2 or len(rows[0]) != len(rows[1]):
        return False
    numeric = [[is_number(cell) for cell in row] for row in rows]
    if len(rows[0]) == 3:
        return not numeric[0][2] and numeric[1][2]
    return not any(numeric[0]) and all(numeric[1])


def _cells(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]


def _numbered_lines(text: str, limit: int | None = None) -> Iterator[tuple[int, str]]:
    """Lines that hold something, numbered from 1 as an editor numbers them."""
    found = 0
    for number, line in enumerate(io.StringIO(text), 1):
        if line.strip():
            yield number, line.rstrip("\n")
            found += 1
            if found == limit:
                return


def _parse(text: str, layout: _Layout) -> pa.Table:
    names = [str(i) for i in range(layout.columns)]
    # The header is skipped by name: blank lines before it do not count for pyarrow.
    first = next(_numbered_lines(text))[0] if layout.header else 0
    quote: str | bool = False if layout.delimiter == " " else '"'
    return pcsv.read_csv(
        pa.py_buffer(text.encode()),
        read_options=pcsv.ReadOptions(column_names=names, skip_rows=first),
        parse_options=pcsv.ParseOptions(delimiter=layout.delimiter, quote_char=quote),
        convert_options=pcsv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )


def _parse_blank_lines_too(text: str, layout: _Layout) -> pa.Table:
    """As `_parse`; lines of blanks, which it takes for a cell, are then left out."""
    try:
        return _parse(text, layout)
    except pa.ArrowInvalid:
        without = _BLANK_LINE.sub("", text)
        if without == text:
            raise
        return _parse(without, layout)


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(column)


def _weights(table: pa.Table, layout: _Layout) -> np.ndarray | None:
    if layout.weight is None:
        return None
    column = _trimmed(table.column(layout.weight))
    return np.asarray(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False))


def _has_empty(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.equal(column, "")).as_py())


def encode_ends(tail: pa.ChunkedArray, head: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Ids in the order in which a reader of the lines meets them, and `[2, m]` codes.

    Whole numbers become the text that they are written as.
    """
    if tail.type != head.type:
        tail, head = tail.cast(pa.string()), head.cast(pa.string())
    both = pa.chunked_array([*tail.chunks, *head.chunks], type=tail.type)
    # One dictionary for all chunks; the text itself, which may pass 2^31 bytes, is never joined.
    encoded = both.dictionary_encode().unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in encoded.chunks])
    ids = np.array(encoded.chunk(0).dictionary.cast(pa.string()).to_pylist(), dtype=object)
    codes = codes.astype(np.int64).reshape(2, -1)
    interleaved = codes.T.reshape(-1)
    first = np.empty(len(ids), dtype=np.int64)
    first[interleaved[::-1]] = np.arange(len(interleaved))[::-1]
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return ids[order], rank[codes]


def _first_fault(text: str, layout: _Layout, label: str) -> InputError | None:
    """The first line that breaks the layout, as an error that names it."""
    lines = _numbered_lines(text)
    if layout.header:
        next(lines)
    for number, line in lines:
        try:
            cells = _cells(line, layout.delimiter)
        except csv.Error as error:
            return InputError(f"{label}: line {number}: {error}")
        fault = _fault(cells, layout)
        if fault:
            return InputError(f"{label}: line {number}: {fault}")
    return None


def _fault(cells: list[str], layout: _Layout) -> str | None:
    if len(cells) != layout.columns:
        return f"{len(cells)} columns where the first line has {layout.columns}: {cells}"[:160]
    if not cells[layout.tail] or not cells[layout.head]:
        return "an empty vertex id"
    if layout.weight is None:
        return None
    value = cells[layout.weight]
    if not is_number(value):
        remedy = "; write 0.5, not 0,5" if is_number(value.replace(",", ".")) else ""
        return f"weight {value!r} is not a number{remedy}"
    if not math.isfinite(float(value)) or float(value) < 0:
        return f"weight {value} is not allowed; weights are similarities: finite, at least 0"
    return None
