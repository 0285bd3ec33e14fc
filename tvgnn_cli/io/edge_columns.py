"""How the lines of an edge list are to be read: delimiter, header, which column is which."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.source import is_number

TAIL_NAMES = ("source", "src", "from", "tail", "node1", "vertex1")


HEAD_NAMES = ("target", "dst", "to", "head", "node2", "vertex2")


WEIGHT_NAMES = ("weight", "similarity")


LOOKED_AT = 100
"""Lines by which the delimiter is chosen."""

DISTANCE_NAMES = ("distance", "dist", "dissimilarity", "length", "cost")


@dataclass(frozen=True)
class Layout:
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


def find_layout(text: str, label: str, header: bool | None) -> Layout:
    """Read the delimiter, the header and the columns off the first two lines."""
    lines = list(numbered_lines(text, limit=LOOKED_AT))
    if not lines:
        raise InputError(f"{label}: holds no edges, only comments or blank lines")
    number, first = lines[0]
    try:
        delimiter = _delimiter([line for _, line in lines])
        rows = [split_cells(line, delimiter) for _, line in lines[:2]]
    except csv.Error as error:
        raise InputError(f"{label}: one of the lines from {number} on: {error}") from None
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
    return Layout(delimiter, columns, is_header, weight=weight, names=tuple(rows[0]))


def _delimiter(lines: list[str]) -> str:
    """Tab, comma or semicolon: what is in the first line and splits all of these alike; a semicolon
    before a comma that is one of "Smith, J" or of the weight 0,5.
    """
    marks = [mark for mark in "\t,;" if mark in lines[0]]
    alike = []
    for mark in marks:
        rows = [split_cells(line, mark) for line in lines]
        if len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in rows):
            alike.append(mark)
            if mark == ";" and "," in alike and all(map(_has_inner_commas, rows)):
                return mark
    return next(iter([*alike, *marks]), " ")


def _has_inner_commas(cells: list[str]) -> bool:
    """Whether every comma is inside a cell: before a blank, or in a decimal weight."""
    if not all(cells):
        return False
    *ids, last = cells if len(cells) == 3 else [*cells, ""]
    inner = all(cell.count(",") == cell.count(", ") for cell in ids)
    return inner and (is_number(last.replace(",", ".")) or last.count(",") == last.count(", "))


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


def _named_columns(names: list[str], delimiter: str) -> Layout:
    def find(known: tuple[str, ...]) -> int | None:
        return next((i for i, name in enumerate(names) if name in known), None)

    tail, head, weight = find(TAIL_NAMES) or 0, find(HEAD_NAMES) or 0, find(WEIGHT_NAMES)
    if weight is None and (tail, head, len(names)) == (0, 1, 3):
        weight = 2
    return Layout(
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


def split_cells(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]


def numbered_lines(text: str, limit: int | None = None) -> Iterator[tuple[int, str]]:
    """Lines that hold something, numbered from 1 as an editor numbers them."""
    found = 0
    for number, line in enumerate(io.StringIO(text), 1):
        if line.strip():
            yield number, line.rstrip("\n")
            found += 1
            if found == limit:
                return
