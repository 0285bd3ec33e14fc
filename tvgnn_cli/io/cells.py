"""One line of cells: what it means, however slowly it is read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from tvgnn_cli.io.delimiter import BLANKS

_QUOTED_OR_BARE = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|(\S+)')


@dataclass(frozen=True)
class Row:
    """One line of cells.

    Args:
        line: its number, as an editor counts.
        cells: without blanks and quotes around.
        marked: whether it begins with `#` or `%`.
        last: number of its last line, where quotes go over several.
    """

    line: int
    cells: list[str]
    marked: bool = False
    last: int = 0


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line; quotes are quotes with every delimiter.

    Raises:
        csv.Error: a quote that never ends, that ends on a later line within a cell, or that closes
            after more than Python's csv takes.
    """
    if delimiter == BLANKS:
        if '"' not in line:
            return line.split()
        found = _QUOTED_OR_BARE.findall(line)
        if any(bare.startswith('"') for _, bare in found):
            raise csv.Error(f"a quote does not end: {line.strip()[:40]!r}")
        return [bare or quoted.replace('""', '"') for quoted, bare in found]
    if '"' in line and _opens(line, delimiter):
        raise csv.Error(f"a quote does not end: {line.strip()[:40]!r}")
    if "\n" in line and _ends_within(line, delimiter):
        below = line.count("\n")
        raise csv.Error(
            f"a quote ends {below} line{'s' * (below > 1)} below, within a cell ({line[:40]!r}): "
            'take it off, or write "" for one that is part of a cell'
        )
    if len(line) >= csv.field_size_limit() and '"' not in line:
        return [cell.strip() for cell in line.split(delimiter)]
    read = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
    return [cell.strip() for cell in next(read, [])]


def is_comment(line: str) -> bool:
    """Tell whether a line begins with `#` or `%`: a comment, unless it is a row of data."""
    return line.lstrip(" \t")[:1] in ("#", "%") and bool(line.strip())


def is_data(line: str, cells: Sequence[str], width: int) -> bool:
    """Tell whether a line that begins with `#` or `%` is a row: the mark is part of an id, and it
    has as many cells as the others.
    """
    mark, after = line.lstrip(" \t")[:1], line.lstrip(" \t")[1:2]
    return len(cells) == width and after not in ("", " ", "\t", mark)


def records(
    text: bytes, delimiter: str, after: int, cut_at: Container[int] = ()
) -> Iterator[tuple[int, str]]:
    """Lines after that number which are not blank; a quoted cell may go over several of them.

    Args:
        text: UTF-8.
        delimiter: what parts cells.
        after: number of the last line that is left out.
        cut_at: places where lines begin that are left out.
    """
    pending, begun, following = "", 0, 0
    for number, encoded in enumerate(io.BytesIO(text), 1):
        place, following = following, following + len(encoded)
        if number <= after or (place in cut_at and not pending):
            continue
        line = encoded.decode()
        if pending:
            pending += line
            if '"' not in line:
                continue  # which ends no quote
        elif line.strip():
            pending, begun = line, number
        else:
            continue
        if delimiter != BLANKS and pending.count('"') % 2 and _opens(pending, delimiter):
            continue
        yield begun, pending.rstrip("\n")
        pending = ""
    if pending:
        yield begun, pending  # whose quote never ends


def _opens(line: str, delimiter: str) -> bool:
    """Tell whether a line ends inside a quoted cell."""
    reader = csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        too_long = "field larger" in str(error)  # it may end after so much
        return "unexpected end" in str(error) or (too_long and line.count('"') % 2 == 1)
    return False


def _ends_within(line: str, delimiter: str) -> bool:
    """Tell whether text other than blanks follows a quote that ends a cell."""
    bare = re.sub(rf'" +(?={re.escape(delimiter)}|\n|$)', '"', line)
    reader = csv.reader([bare], delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        return "expected after" in str(error)
    return False
