"""Edge lists as networkx writes them: two ids, and the edge's data as a Python dictionary."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from itertools import compress

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.property_graph import Column, PropertyGraph, column_of
from tvgnn_cli.io.cells import cells_of, is_comment
from tvgnn_cli.io.delimiter import BLANKS
from tvgnn_cli.io.edge_rows import sift
from tvgnn_cli.io.encoding import Ends

_NUMPY = re.compile(r"\bnp\.\w+\(([^()]*)\)")
"""Number as numpy 2 writes it: np.float64(0.5)."""


def has_data(text: bytes) -> bool:
    """Tell whether the first line that is no comment ends with a dictionary."""
    for line in text[: 2**16].decode(errors="replace").split("\n"):
        if line.strip() and not is_comment(line):
            ends, data = _parted(line)
            return bool(data) and len(re.split(r"[\s,;]+", ends.strip())) > 1
    return False


def _parted(line: str) -> tuple[str, str]:
    """The ends of an edge and its dictionary, "" for none: the line from its first brace on, where
    it ends with one.
    """
    ends, brace, rest = line.partition("{")
    data = (brace + rest).rstrip()
    return (ends.rstrip(" \t,;"), data) if data.endswith("}") else (line, "")


def read_edge_data(text: bytes, label: str, name: str) -> PropertyGraph:
    """Read the output of `networkx.write_edgelist`, with its data as attributes of the edges.

    Raises:
        InputError: a line that is not two ids and a dictionary of plain values.
    """
    number: dict[str, int] = {}
    tail, head, rows, found_at = [], [], [], []
    skipped = 0
    for line_number, line in _lines(text):
        if is_comment(line) and "{" not in line:
            skipped += 1
            continue
        first, second, data = _edge(line, f"{label}: line {line_number}")
        tail.append(number.setdefault(first, len(number)))
        head.append(number.setdefault(second, len(number)))
        rows.append(data)
        found_at.append(line_number)
    ends = Ends(
        np.array(list(number), dtype=object),
        np.array(tail, dtype=np.int64),
        np.array(head, dtype=np.int64),
    )
    none = np.zeros(0, dtype=np.int64)
    sifted = sift(ends, none, lambda row: f"line {found_at[row]}", label)
    if sifted.kept is not None:
        rows = list(compress(rows, sifted.kept))
    names = list(dict.fromkeys(key for row in rows for key in row))
    columns: dict[str, Column] = {key: column_of([row.get(key) for row in rows]) for key in names}
    return PropertyGraph(
        ids=sifted.ends.ids,
        tail=sifted.ends.tail,
        head=sifted.ends.head,
        edge_attributes=columns,
        label=label,
        name=name,
        notes=(*sifted.told, *_skipped(skipped)),
    )


def _skipped(lines: int) -> tuple[str, ...]:
    return (f"lines that begin with # or %, skipped: {lines:,}",) if lines else ()


def _lines(text: bytes) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.decode().split("\n"), 1):
        if line.strip():
            yield number, line


def _edge(line: str, where: str) -> tuple[str, str, dict[str, object]]:
    ends, written = _parted(line)
    if line.lstrip().startswith("("):
        raise InputError(f"{where}: vertices are tuples; networkx.relabel_nodes(graph, str) names "
                         "them: write it with networkx.write_graphml")  # fmt: skip
    if not written:
        raise InputError(f"{where}: two ids and a dictionary are needed: {line.strip()[:80]!r}")
    mark = _mark_of(line, ends)
    try:
        cells = cells_of(ends, mark)
    except csv.Error as error:
        raise InputError(f"{where}: {error}") from None
    if len(cells) != 2 or not all(cells):
        raise InputError(f"{where}: {len(cells)} ids before the dictionary: {ends.strip()[:80]!r}")
    return cells[0], cells[1], parse_data(written, where)


def _mark_of(line: str, ends: str) -> str:
    """The mark that parts two ids: the one before the dictionary, since networkx writes the same in
    both places; else blanks, where these leave two ids that end in no other; else what there is.
    """
    before = line[len(ends) : line.index("{")]
    cells = ends.split()
    if not before.strip(" ") and len(cells) == 2 and not cells[0].endswith((",", ";")):
        return BLANKS
    return next((mark for part in (before, ends) for mark in "\t,;" if mark in part), BLANKS)


def parse_data(written: str, where: str) -> dict[str, object]:
    """An edge's data as plain values.

    Raises:
        InputError: it is no dictionary of such values.
    """
    try:
        plain = _NUMPY.sub(r"\1", written)
        data = ast.literal_eval(re.sub(r"(?<=: )nan\b", "None", plain))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise InputError(f"{where}: its data is no dictionary of plain values: {written[:80]!r}")
    return {str(key): _plain(value) for key, value in data.items()}


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str | type(None)) else str(value)
