"""Tables of edges in JSON: lists of records or of pairs, and what pandas writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tvgnn_cli.io.json_document import is_plain
from tvgnn_cli.io.json_records import flat, is_pair
from tvgnn_cli.io.matrix_layout import FEWEST
from tvgnn_cli.io.names import end_pairs

Columns = dict[str, list[Any]]


def columns_in(document: Any) -> Columns | None:
    """Find a table of edges, by its columns: a list of records or of pairs, or what pandas writes
    with any `orient`. None in other documents.
    """
    if isinstance(document, list):
        return _of_rows(document)
    if not isinstance(document, dict) or not document:
        return None
    if isinstance(document.get("data"), list):
        return _of_data(document)
    return _of_columns(document) or _of_index(document) or _of_one(document)


def _of_rows(rows: list[Any]) -> Columns | None:
    """Records, or lists of one length: pairs and triples, rows below their names, or those of a
    square, which may be a matrix; None of other rows.
    """
    if rows and all(map(_is_pair_with_attributes, rows)):
        rows = [{"source": one, "target": other, **known} for one, other, known in rows]
    if rows and all(isinstance(row, dict) for row in rows):
        records = [flat(row) for row in rows]
        names = dict.fromkeys(name for record in records for name in record)
        return {name: [record.get(name) for record in records] for name in names}
    if not rows or not all(isinstance(row, list) for row in rows) or len(set(map(len, rows))) > 1:
        return None
    first = rows[0]
    if all(isinstance(cell, str) for cell in first) and end_pairs(first):
        return {name: [row[i] for row in rows[1:]] for i, name in enumerate(first)}
    if len(first) == len(rows) >= FEWEST and all(all(map(_is_cell, row)) for row in rows):
        return {str(i): [_number(row[i]) for row in rows] for i in range(len(first))}
    if not all(map(is_pair, rows)):
        return None
    pairs = dict.fromkeys(("source", "target", "weight")[: len(first)])
    return {name: [row[i] for row in rows] for i, name in enumerate(pairs)}


def _is_cell(value: Any) -> bool:
    """Tell whether a value may be one of a matrix."""
    return value is None or isinstance(value, int | float)


def _number(cell: float | None) -> float | None:
    """A cell of a matrix as a number, true and false too."""
    return None if cell is None else cell + 0


def _is_pair_with_attributes(row: Any) -> bool:
    """Tell whether a row is an edge of networkx with its attributes."""
    return isinstance(row, list) and len(row) == 3 and isinstance(row[2], dict)


def _of_data(document: Mapping[str, Any]) -> Columns | None:
    """A table with `orient` "table" or "split"."""
    names, rows = document.get("columns"), document["data"]
    if not isinstance(names, list):
        return _of_rows(rows)
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    return {str(name): [row[i] for row in rows] for i, name in enumerate(names)}


def _of_columns(document: Mapping[str, Any]) -> Columns | None:
    """Columns by name, each a list or an object by row: `orient` "columns"."""
    are_rows = all(isinstance(value, dict) for value in document.values())
    if are_rows and all(name.isdecimal() for name in document):
        return None
    found = {name: _cells(value) for name, value in document.items()}
    columns = {name: cells for name, cells in found.items() if cells is not None}
    is_whole = len(columns) == len(found) and len({len(each) for each in columns.values()}) == 1
    return columns if is_whole and end_pairs(list(columns)) else None


def _of_index(document: Mapping[str, Any]) -> Columns | None:
    """Records by number of row: `orient` "index"."""
    rows = list(document.values())
    if not all(isinstance(row, dict) and row.keys() == rows[0].keys() for row in rows):
        return None
    names = list(rows[0])
    are_numbers = all(name.isdecimal() for name in names)  # of rows, and not of columns
    return None if are_numbers or not end_pairs(names) else _of_rows(rows)


def _of_one(record: Mapping[str, Any]) -> Columns | None:
    """The only edge of a file with a record on each line."""
    values = list(record.values())
    pairs = end_pairs(list(record))
    return _of_rows([record]) if pairs and all(is_plain(values[i]) for i in pairs[0]) else None


def _cells(value: Any) -> list[Any] | None:
    """A column as a list, or as an object by row; None for something else."""
    cells = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(cells, list) or any(isinstance(each, dict | list) for each in cells):
        return None
    return cells
