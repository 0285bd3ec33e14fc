"""Edge lists: two columns of vertex ids, and optionally one of weights.

A well-formed list goes through pyarrow's parser. Where that stumbles, the lines are read once
more, one by one, only to name the first that is at fault.
"""

from __future__ import annotations

import csv
import math
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph
from tvgnn_cli.io.edge_columns import Layout, find_layout, numbered_lines, split_cells
from tvgnn_cli.io.source import Source, decode_text, is_number

_COMMENT = re.compile(r"^[ \t]*[#%].*$", re.MULTILINE)
_BLANKS = re.compile(r"[ \t]+")
_BLANK_LINE = re.compile(r"^[ \t]+$", re.MULTILINE)
_MARGIN = re.compile(r"^ +| +$", re.MULTILINE)


def read_edge_list(source: Source, header: bool | None = None) -> Graph:
    """Read an edge list; ids stay the strings that they are.

    Lines that begin with `#` or `%` and blank lines are skipped. Cells are separated by tabs,
    commas or semicolons, whichever splits the first lines alike, and else by runs of white space.
    Without
    `header` the first line counts as one if it names its columns ("source", "target", ...), or
    if it is the only one whose weight, or whose ids, are not numbers.

    Raises:
        InputError: naming the line, the value and the remedy.
    """
    text = decode_text(source.read_bytes(), source.label)
    comments = 0
    if "#" in text or "%" in text:
        text, comments = _COMMENT.subn("", text)
    layout = find_layout(text, source.label, header)
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


def _parse(text: str, layout: Layout) -> pa.Table:
    names = [str(i) for i in range(layout.columns)]
    # The header is skipped by name: blank lines before it do not count for pyarrow.
    first = next(numbered_lines(text))[0] if layout.header else 0
    quote: str | bool = False if layout.delimiter == " " else '"'
    return pcsv.read_csv(
        pa.py_buffer(text.encode()),
        read_options=pcsv.ReadOptions(column_names=names, skip_rows=first),
        parse_options=pcsv.ParseOptions(delimiter=layout.delimiter, quote_char=quote),
        convert_options=pcsv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )


def _parse_blank_lines_too(text: str, layout: Layout) -> pa.Table:
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


def _weights(table: pa.Table, layout: Layout) -> np.ndarray | None:
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


def _first_fault(text: str, layout: Layout, label: str) -> InputError | None:
    """The first line that breaks the layout, as an error that names it."""
    lines = numbered_lines(text)
    if layout.header:
        next(lines)
    for number, line in lines:
        try:
            cells = split_cells(line, layout.delimiter)
        except csv.Error as error:
            return InputError(f"{label}: line {number}: {error}")
        fault = _fault(cells, layout)
        if fault:
            return InputError(f"{label}: line {number}: {fault}")
    return None


def _fault(cells: list[str], layout: Layout) -> str | None:
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
