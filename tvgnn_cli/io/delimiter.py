"""Which mark parts the cells of a text, by its first lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.source import is_number

BLANKS = " "
"""Stands for runs of white space."""

LOOKED_AT = 100
"""Lines by which the delimiter is chosen."""

_SEPARATOR = re.compile(r'"?sep=(.)"?[\s,;]*', re.IGNORECASE)

Split = Callable[[str, str], list[str]]


@dataclass(frozen=True)
class Sample:
    """The first lines that hold something.

    Args:
        leading: number and text of those that begin with `#` or `%`, before the first plain one.
        plain: number and text of the others.
        delimiter: what a line `sep=;` says; empty where there is none.
        label: name of the input in messages.
    """

    leading: tuple[tuple[int, str], ...]
    plain: tuple[tuple[int, str], ...]
    delimiter: str
    label: str

    @classmethod
    def of(cls, data: bytes, label: str, what: str) -> Sample:
        """Look at the first lines of a text.

        Raises:
            InputError: it holds nothing but comments.
        """
        leading: list[tuple[int, str]] = []
        plain: list[tuple[int, str]] = []
        delimiter, place, number = "", 0, 0
        while place < len(data) and len(plain) < LOOKED_AT:
            end = data.find(b"\n", place)
            end = len(data) if end < 0 else end
            line, place, number = data[place:end].decode(), end + 1, number + 1
            told = _SEPARATOR.fullmatch(line)
            if told and not plain:
                delimiter = told[1]
            elif line.lstrip(" \t")[:1] in ("#", "%"):
                if not plain:
                    leading.append((number, line))
            elif line.strip(f" \t{delimiter}" if delimiter else None):
                plain.append((number, line))
        if not plain and leading and any(_is_glued(line) for _, line in leading[-LOOKED_AT:]):
            # Every id begins with the mark: the last run of lines like that is data.
            glued = [pair for pair in leading if _is_glued(pair[1])]
            return cls(tuple(p for p in leading if p[0] < glued[0][0]), tuple(glued), delimiter,
                       label)  # fmt: skip
        if not plain:
            raise InputError(f"{label}: holds no {what}, only comments or blank lines")
        return cls(tuple(leading), tuple(plain), delimiter, label)


def _is_glued(line: str) -> bool:
    return line.lstrip(" \t")[1:2] not in ("", " ", "\t", "#", "%")


def choose_delimiter(sample: Sample, split: Split) -> str:
    """Tab, comma or semicolon: what is in the first line and parts all of them alike; a semicolon
    before a comma that is one of "Smith, J" or of the weight 0,5; else white space.

    Raises:
        InputError: tabs and blanks are mixed so that it is not clear which of them part cells.
    """
    lines = [line for _, line in sample.plain]
    marks = [mark for mark in "\t,;" if any(mark in line for line in lines[:2])]
    alike = []
    for mark in marks:
        rows = [split(line, mark) for line in lines]
        if not _are_alike(rows):
            continue
        if mark == "\t" and _blanks_part_too(rows):
            return _blanks_or_fault(sample, split)
        alike.append(mark)
        if mark == ";" and "," in alike and all(map(_has_inner_commas, rows)):
            return mark
    if alike:
        return alike[0]
    if "\t" in marks and _are_alike([split(line, BLANKS) for line in lines]):
        return BLANKS
    return next((mark for mark in marks if mark in lines[0]), BLANKS)


def _are_alike(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows have one number of cells; the first, a header, may have one more or less."""
    width = len(rows[-1])
    fits = all(len(row) == width for row in rows[1:])
    slack = 1 if len(rows) > 2 else 0
    return width > 1 and fits and abs(len(rows[0]) - width) <= slack and len(rows[0]) > 1


def _blanks_part_too(rows: Sequence[Sequence[str]]) -> bool:
    """Whether cells between tabs are several numbers each, which blanks part."""
    with_blanks = [cell for row in rows for cell in row if len(cell.split()) > 1]
    return bool(with_blanks) and all(
        all(is_number(part) for part in cell.split()) for cell in with_blanks
    )


def _blanks_or_fault(sample: Sample, split: Split) -> str:
    """White space, where it parts all lines alike.

    Raises:
        InputError: it does not; names the first line that differs.
    """
    rows = [split(line, BLANKS) for _, line in sample.plain]
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
    """Whether every comma is inside a cell: before a blank, or in a decimal weight."""
    if not all(cells):
        return False
    *ids, last = cells if len(cells) == 3 else [*cells, ""]
    inner = all(cell.count(",") == cell.count(", ") for cell in ids)
    return inner and (is_number(last.replace(",", ".")) or last.count(",") == last.count(", "))
