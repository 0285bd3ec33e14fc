"""Search for the mark that parts the cells of a text, by its first lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.names import KEY_NAMES, find_ends, fold
from tvgnn_cli.io.source import is_natural, is_number

BLANKS = " "
"""Stands for runs of white space."""

LOOKED_AT = 100
"""Lines by which the delimiter is chosen."""

SEPARATOR = re.compile(r'"?sep=(.)"?[\s,;]*', re.IGNORECASE)
"""A line that tells Excel what parts cells."""

Split = Callable[[str, str], list[str]]


@dataclass(frozen=True)
class Sample:
    """The first lines that hold something.

    Args:
        leading: number and text of those that begin with `#` or `%`, before the first plain one.
        plain: number and text of the others.
        delimiter: what a line `sep=;` says; empty where there is none.
        label: name of the input in messages.
        titles: text of lines above the header that are no rows.
        count: a line above the rows that counts them; empty where there is none.
        what: its rows are.
    """

    leading: tuple[tuple[int, str], ...]
    plain: tuple[tuple[int, str], ...]
    delimiter: str
    label: str
    titles: tuple[str, ...] = ()
    count: str = ""
    what: str = "edges"

    @classmethod
    def of(cls, data: bytes, label: str, what: str) -> Sample:
        """Look at the first lines of a text.

        Raises:
            InputError: it holds nothing but comments.
        """
        leading: list[tuple[int, str]] = []
        plain: list[tuple[int, str]] = []
        delimiter, place, following = "", 0, 1
        while place < len(data) and len(plain) < LOOKED_AT:
            end = _end_of_record(data, place)
            line, place = data[place:end].decode(), end + 1
            number, following = following, following + 1 + line.count("\n")
            told = SEPARATOR.fullmatch(line)
            if told and not plain:
                delimiter = told[1]
            elif line.lstrip(" \t")[:1] in ("#", "%"):
                if not plain:
                    leading.append((number, line))
            elif not plain and line.startswith(("// ", "//\t")):
                leading.append((number, line))
            elif line.strip(f" \t{delimiter}" if delimiter else None):
                plain.append((number, line))
        if not plain and leading and any(_is_glued(line) for _, line in leading[-LOOKED_AT:]):
            # Every id begins with the mark: the last run of lines like that is data.
            glued = [pair for pair in leading if _is_glued(pair[1])]
            return cls(tuple(p for p in leading if p[0] < glued[0][0]), tuple(glued), delimiter,
                       label, what=what)  # fmt: skip
        if not plain:
            raise InputError(f"{label}: holds no {what}, only comments or blank lines")
        return cls(tuple(leading), tuple(plain), delimiter, label, what=what)


MARKS = "\t,;|"
"""Marks that may part cells, but for white space: the likeliest first."""


def without_titles(sample: Sample, split: Split, most: int = 5) -> Sample:
    """The lines from the header on, where titles of a table are above it: one cell, and then names
    after an empty line, or names of ends or of ids, or with numbers below. Also without a number
    that is alone above rows of numbers: that of the vertices or of the edges.
    """
    lines = [line for _, line in sample.plain[: most + 2]]
    if _is_shape(lines, sample.what):
        return replace(sample, plain=sample.plain[1:], count=lines[0].strip())
    marks = [sample.delimiter] if sample.delimiter else [*MARKS, BLANKS]
    for mark in marks:
        rows = _parted(lines, mark, split)
        if sum(map(bool, rows[0])) != 1:
            continue
        if _is_count(rows):
            return replace(sample, plain=sample.plain[1:], count=rows[0][0])
        for count, cells in enumerate(rows[1:], 1):
            above = [sum(map(bool, row)) for row in rows[:count]]
            numbers = [number for number, _ in sample.plain[count - 1 : count + 1]]
            apart = 0 in above or numbers[1] - numbers[0] > 1 + lines[count - 1].count("\n")
            below = rows[count + 1] if count + 1 < len(rows) else []
            plain = max(above) == 1 or find_ends(cells) is not None
            if plain and _is_header(cells, below, apart):
                titles = tuple(line for line in lines[:count] if line.strip(f" \t{mark}"))
                return replace(sample, plain=sample.plain[count:], titles=titles)
    return sample


_CLU = re.compile(r"\*vertices\s+\d+", re.IGNORECASE)


def _is_shape(lines: Sequence[str], what: str) -> bool:
    """Tell whether a line above the rows of a table of vertices counts these and their values, as
    in the text of word2vec and node2vec, or the vertices, as in Pajek's partitions and vectors.
    """
    if what == "edges" or len(lines) < 2:
        return False
    if _CLU.fullmatch(lines[0].strip()):
        return True
    counts = lines[0].split()
    below = [line.split() for line in lines[1:]]
    return (
        len(counts) == 2
        and all(map(is_natural, counts))
        and int(counts[1]) > 1
        and all(len(row) == int(counts[1]) + 1 for row in below)
        and all(is_number(cell) for row in below for cell in row[1:])
    )


def _is_count(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row is one whole number, a count, and those below are two of them,
    with or without a third cell.
    """
    below = rows[1:]
    alike = len(below) > 1 and len({len(row) for row in below}) == 1 and len(below[0]) in (2, 3)
    whole = all(cell.isdecimal() for row in below for cell in row[:2])
    return len(rows[0]) == 1 and rows[0][0].isdecimal() and alike and whole


def _is_header(cells: Sequence[str], below: Sequence[str], apart: bool) -> bool:
    """Tell whether cells name the columns of the rows that begin with `below`."""
    text = len(set(cells)) == len(cells) > 1 and not any(map(is_number, cells)) and all(cells)
    if not text or len(below) != len(cells):
        return False
    return (
        apart
        or find_ends(cells) is not None
        or any(fold(cell) in KEY_NAMES for cell in cells)
        or any(map(is_number, below))
    )


def _end_of_record(data: bytes, start: int, most: int = 20) -> int:
    """Place where a record ends: at the end of its line, or of a later one where quotes go on
    there.
    """
    first = end = _end_of_line(data, start)
    for _ in range(most):
        if data.count(b'"', start, end) % 2 == 0:
            return end
        if end >= len(data):
            break
        end = _end_of_line(data, end + 1)
    return first


def _end_of_line(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end


def _is_glued(line: str) -> bool:
    return line.lstrip(" \t")[1:2] not in ("", " ", "\t", "#", "%")


def choose_delimiter(sample: Sample, split: Split) -> str:  # noqa: PLR0911 a return for each answer
    """Tab, comma, semicolon or bar: what is in the first line and parts all of them alike; a
    semicolon before a comma that is one of "Smith, J" or of the weight 0,5; else white space.

    Raises:
        InputError: tabs and blanks are mixed so that it is not clear which of them part cells.
    """
    lines = [line for _, line in sample.plain]
    marks = [mark for mark in MARKS if any(mark in line for line in lines[:2])]
    alike = []
    for mark in marks:
        rows = _parted(lines, mark, split)
        if not _are_alike(rows):
            continue
        if mark == "\t" and _blanks_part_too(rows):
            return _blanks_or_fault(sample, split)
        if mark == "," and _blanks_part_better(lines, rows, split):
            continue
        if mark == "|" and _are_within_ids(lines, split):
            return BLANKS
        alike.append(mark)
        if mark == ";" and "," in alike and all(map(_has_inner_commas, rows)):
            return mark
    if alike:
        return alike[0]
    if _are_alike(_parted(lines, BLANKS, split)) and "," in marks and ";" not in marks:
        return BLANKS
    if "\t" in marks and _are_alike(_parted(lines, BLANKS, split)):
        return BLANKS
    return next((mark for mark in marks if mark in lines[0]), BLANKS)


def _parted(lines: Sequence[str], mark: str, split: Split) -> list[list[str]]:
    """The cells of each line; one cell where its quotes do not end with that mark."""
    found = []
    for line in lines:
        try:
            found.append(split(line, mark))
        except csv.Error:
            found.append([line])
    return found


def _are_alike(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows are equally long; the first, a header, may have one cell more or less."""
    width = len(rows[-1])
    fits = all(len(row) == width for row in rows[1:])
    slack = 1 if len(rows) > 2 else 0
    return width > 1 and fits and abs(len(rows[0]) - width) <= slack and len(rows[0]) > 1


def _blanks_part_better(lines: Sequence[str], rows: Sequence[Sequence[str]], split: Split) -> bool:
    """Tell whether commas are inside ids that blanks part: `Smith,J Doe,A`, addresses of pages.
    Then blanks part all lines alike, and commas leave an inner cell with a blank in each. Where all
    first cells have one too, blanks are inside ids that commas part: `Ann Lee,Bob Ray,3`.
    """
    parted = _parted(lines, BLANKS, split)
    if not _are_alike(parted) or len(parted[-1]) not in (2, 3) or '"' in "".join(lines):
        return False
    if all(" " in row[0] for row in rows):
        return False
    return all(any(" " in cell for cell in row[1:-1]) for row in rows)


def _are_within_ids(lines: Sequence[str], split: Split) -> bool:
    """Tell whether each of two ids that blanks part has a bar in it: `sp|P1|A sp|P2|B`."""
    parted = _parted(lines, BLANKS, split)
    return all(len(row) > 1 and all("|" in cell[1:-1] for cell in row[:2]) for row in parted)


def _blanks_part_too(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether cells between tabs are several numbers each, which blanks part."""
    with_blanks = [cell for row in rows for cell in row if len(cell.split()) > 1]
    return bool(with_blanks) and all(
        all(is_number(part) for part in cell.split()) for cell in with_blanks
    )


def _blanks_or_fault(sample: Sample, split: Split) -> str:
    """White space, where it parts all lines alike.

    Raises:
        InputError: it does not; names the first line that differs.
    """
    rows = _parted([line for _, line in sample.plain], BLANKS, split)
    width = len(rows[-1])
    for (number, line), row in zip(sample.plain, rows, strict=True):
        if len(row) != width:
            raise InputError(
                f"{sample.label}: line {number}: tabs and blanks are mixed, and part it into "
                f"{len(row)} cells where another line has {width} ({line.strip()[:40]!r}); use one "
                "of them"
            )
    return BLANKS


def _has_inner_commas(cells: Sequence[str]) -> bool:
    """Tell whether every comma is inside a cell: before a blank, or in a decimal weight."""
    if not all(cells):
        return False
    *ids, last = cells if len(cells) == 3 else [*cells, ""]
    inner = all(cell.count(",") == cell.count(", ") for cell in ids)
    return inner and (is_number(last.replace(",", ".")) or last.count(",") == last.count(", "))
