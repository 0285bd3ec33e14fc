"""Records of a table with a row for each graph: lines of JSON, or rows of Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, shown, some_of
from tvgnn_cli.io.json_text import once_each, whole
from tvgnn_cli.io.names import fold, twice
from tvgnn_cli.io.source import Source

KNOWN: dict[str, tuple[str, ...]] = {
    "edge_index": ("edgeindex",),
    "num_nodes": ("numnodes", "numvertices"),
    "x": ("x", "nodefeat", "nodefeatures"),
    "node_labels": ("nodelabels", "nodelabel"),
    "y": ("y", "label", "graphlabel"),
    "edge_weight": ("edgeweight", "edgeweights"),
    "edge_attr": ("edgeattr",),
    "id": ("id", "graphid", "graph"),
    "split": ("split",),
}
"""Names of the columns that are read, folded, the usual ones first."""

ROWS = 256
"""Rows of Parquet that are taken at a time."""


@dataclass(frozen=True, eq=False)
class Records:
    """The values of the columns that are read, of all graphs.

    Args:
        label: the file, for messages.
        columns: a value for each graph, None where there is none, by the names of `KNOWN`.
        names: what the columns are called in the file.
        places: of the graphs, "line 3" or "row 3".
        notes: on columns that are not read.
    """

    label: str
    columns: Mapping[str, list[Any]]
    names: Mapping[str, str]
    places: Sequence[str]
    notes: tuple[str, ...] = ()

    def where(self, row: int) -> str:
        """The place of a graph in the file."""
        return f"{self.label}: {self.places[row]}"


def read_records(source: Source) -> Records:
    """Read a table of graphs.

    Raises:
        InputError: it is no such table, has no column `edge_index`, no rows, or two columns that
            mean the same.
    """
    of_parquet = source.suffix == ".parquet" or _is_parquet(source)
    rows = list(_of_parquet(source) if of_parquet else _of_lines(source))
    if not rows:
        raise InputError(f"{source.label}: holds no graphs")
    listed = list(dict.fromkeys(name for _, row in rows for name in row))
    names, unread = _names(listed, source.label)
    columns = {known: [row.get(name) for _, row in rows] for known, name in names.items()}
    said = some_of([shown(name, 20) for name in unread])
    notes = (f"columns of {source.label} that are not read: {said}",) if unread else ()
    return Records(source.label, columns, names, [place for place, _ in rows], notes)


def _is_parquet(source: Source) -> bool:
    with source.open() as handle:
        return handle.read(4) == b"PAR1"


def _names(listed: Sequence[str], label: str) -> tuple[dict[str, str], list[str]]:
    """The names in the file of the columns that are read, and those of the others."""
    repeated = twice(fold(name) for name in listed)
    folded = {fold(name): name for name in listed}
    found: dict[str, str] = {}
    for known, words in KNOWN.items():
        there = [folded[word] for word in words if word in folded]
        if len(there) > 1 or any(word in repeated for word in words):
            others = there if len(there) > 1 else [n for n in listed if fold(n) in words]
            raise InputError(
                f"{label}: columns {some_of([shown(n, 20) for n in others])} mean the same; keep "
                "one of them"
            )
        if there:
            found[known] = there[0]
    if "edge_index" not in found:
        raise InputError(
            f"{label}: has no column 'edge_index', but "
            f"{some_of([shown(name, 20) for name in listed]) or 'none'}; a row is a graph here"
        )
    return found, [name for name in listed if name not in found.values()]


def _of_lines(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of lines of JSON."""
    text = source.read_text()
    for number, line in enumerate(io.BytesIO(text), 1):
        if not line.strip():
            continue
        where = f"{source.label}: line {number}"
        try:
            row = json.loads(line, object_pairs_hook=once_each, parse_int=whole)
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(f"{where}: is no JSON ({str(error)[:80]})") from None
        except ValueError as error:
            raise InputError(f"{where}: holds {error}") from None
        if not isinstance(row, dict):
            raise InputError(
                f"{where}: is a {type(row).__name__}, not an object {{...}}; write one on a "
                "line for each graph (of pandas: lines=True)"
            )
        yield f"line {number}", _compact(row)


def _compact(row: dict[str, Any]) -> dict[str, Any]:
    """A record with its long lists as arrays, which take a tenth of the memory; those that are
    none stay, to be refused by who reads them.
    """
    return {name: _as_array(v) if isinstance(v, list) else v for name, v in row.items()}


def _as_array(value: list[Any]) -> Any:
    if len(value) < 2 and not any(isinstance(entry, list) for entry in value):
        return value
    try:
        return np.asarray(value)
    except (ValueError, OverflowError):
        return value


def _of_parquet(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a Parquet file, of the columns that are read."""
    from tvgnn_cli.io.parquet_file import ParquetFile

    wanted = {word for words in KNOWN.values() for word in words}
    with ParquetFile(source) as file:
        _names(file.names, source.label)
        read = [name for name in file.names if fold(name) in wanted]
        others = dict.fromkeys((name for name in file.names if name not in read), None)
        number = 0
        for batch in file.batches(read, ROWS):
            for row in file.values(batch):
                number += 1
                yield f"row {number}", {**others, **_compact(row)}
