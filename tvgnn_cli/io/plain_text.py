"""Bytes of text that pyarrow's parser takes: without comments, runs of blanks, blank lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

import numpy as np

from tvgnn_cli.io.cells import cells_of, is_data
from tvgnn_cli.io.delimiter import BLANKS

_AROUND = (b"", b" ", b"\t", b"\n", b",", b";", b'"')

FEW = 20
"""Lines with a mark up to which each is looked at."""

_BLANK_LINE = re.compile(rb"\n[ \t]+(?=\n|$)")


def without_comments(
    text: bytes, after: int, delimiter: str, width: int
) -> tuple[bytes | None, frozenset[int], int]:
    """The text after a place without its comments, None where it has none; where these begin in the
    text, and the number of marked lines that stay.
    """
    if text.find(b"#", after) < 0 and text.find(b"%", after) < 0:
        return None, frozenset(), 0
    body = text[after:]
    rows: dict[int, bytes] = {}
    ends: dict[int, int] = {}
    for first in _marked_lines(body):
        end = body.find(b"\n", first)
        ends[first] = len(body) if end < 0 else end
        cells = _row(body[first : ends[first]].decode(errors="replace"), delimiter, width)
        if cells is not None:
            rows[first] = cells[0].encode()
    if len(rows) <= FEW and not any(_occurs(text, cell, 2) for cell in rows.values()):
        # No such id is anywhere else: an id that is there without its mark is of an edge left out.
        bare = {first: cell.lstrip(b"#%") for first, cell in rows.items()}
        rows = {first: cell for first, cell in rows.items() if not _occurs(text, bare[first], 2)}
    cut = sorted(ends.keys() - rows.keys())
    if not cut:
        return None, frozenset(), len(rows)
    kept = [body[: cut[0]]]
    for first, following in zip(cut, [*cut[1:], len(body)], strict=True):
        kept.append(body[ends[first] + 1 : following])
    return b"".join(kept), frozenset(after + first for first in cut), len(rows)


def _row(line: str, delimiter: str, width: int) -> list[str] | None:
    """The cells of a marked line that may be a row; None of a comment."""
    try:
        cells = cells_of(line, delimiter)
    except csv.Error:
        return None
    return cells if is_data(line, cells, width) else None


def _occurs(text: bytes, cell: bytes, times: int) -> bool:
    """Tell whether a cell is in a text as many times, or more."""
    place, found = text.find(cell), 0
    while place >= 0 and found < times:
        end = place + len(cell)
        before, after = text[max(place - 1, 0) : place], text[end : end + 1]
        found += before in _AROUND and after in _AROUND
        place = text.find(cell, place + 1)
    return found == times


def _marked_lines(body: bytes) -> Iterator[int]:
    """Places of lines whose first mark is `#` or `%`."""
    if re.match(rb"[ \t]*[#%]", body):
        yield 0
    if b"\n " in body or b"\n\t" in body:
        yield from (m.start() + 1 for m in re.finditer(rb"\n[ \t]*[#%]", body))
        return
    places = [p for mark in (b"\n#", b"\n%") for p in _all_places(body, mark)]
    yield from (place + 1 for place in sorted(places))


def _all_places(body: bytes, wanted: bytes) -> Iterator[int]:
    place = body.find(wanted)
    while place >= 0:
        yield place
        place = body.find(wanted, place + 1)


def is_uneven(data: bytes, delimiter: str) -> bool:
    """Tell whether quotes follow blanks, where pyarrow's parser does not take them for quotes."""
    if delimiter == BLANKS or b'"' not in data:
        return False
    return delimiter.encode() + b' "' in data or b'\n "' in data or data[:1] == b" "


def empty_line_within(data: bytes, start: int) -> int | None:
    """Number of the first empty line after a place, from 1, where more than comments follows it;
    else None.
    """
    found = [at for gap in (b"\n\n", b"\n\r\n") if (at := data.find(gap, start)) >= 0]
    if not found:
        return None
    below = data[min(found) : min(found) + 2**20]  # a second table, or what ends the file
    lines = (line.strip() for line in below.splitlines())
    if all(not line or line.startswith((b"#", b"%", b"//")) for line in lines):
        return None
    return data.count(b"\n", 0, min(found)) + 2


def has_open_lines(data: bytes, start: int, chunk: int = 2**22) -> bool:
    """Tell whether a line of the text after a place has an odd number of quotes."""
    if data.find(b'"', start) < 0:
        return False
    whole, before = np.frombuffer(data, dtype=np.uint8), 0
    for first in range(start, len(data), chunk):
        part = whole[first : first + chunk]
        marks = part[(part == _QUOTE) | (part == _LINE_END)]
        quotes = before + np.cumsum(marks == _QUOTE)
        if bool((quotes[marks == _LINE_END] % 2).any()):
            return True
        before = int(quotes[-1]) if len(quotes) else before
    return before % 2 == 1


_QUOTE, _LINE_END = ord('"'), ord("\n")


def evened(data: bytes, delimiter: str) -> bytes | None:
    """The text with one blank between cells; None where blanks part none, or may be quoted."""
    if delimiter != BLANKS or b'"' in data:
        return None
    data = data.replace(b"\t", b" ")
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data.replace(b" \n", b"\n").replace(b"\n ", b"\n").strip(b" ")


def without_blank_lines(data: bytes, delimiter: str) -> bytes | None:
    """The text without lines of blanks, which the parser takes for a cell; None where there are
    none, or `evened` has left none.
    """
    if delimiter == BLANKS:
        return None
    fewer = _BLANK_LINE.sub(b"", b"\n" + data)[1:]
    return fewer if len(fewer) < len(data) else None


_MARKS = tuple(bytes([mark]) for mark in b' \t\v\f\r\x1c\x1d\x1e\x1f"')
"""White space, and the quote that may hold it."""


def may_have_blanks_in_cells(data: bytes, start: int, delimiter: str) -> bool:
    """Tell whether cells of a text may begin or end with white space; no cell is looked at."""
    if not data.isascii():
        return True
    return any(data.find(mark, start) >= 0 for mark in _MARKS if mark != delimiter.encode())


def may_begin_empty(data: bytes, start: int, delimiter: str) -> bool:
    """Tell whether a row may begin with a cell that holds nothing; no cell is looked at."""
    marks = (*_MARKS, delimiter.encode())
    if not data.isascii() or data[start : start + 1] in marks:
        return True
    return any(data.find(b"\n" + mark, start) >= 0 for mark in marks)


def are_shortest(columns: Sequence[np.ndarray], data: bytes, start: int) -> bool:
    """Tell whether a text has no more marks than the digits of these whole numbers, and one after
    each: then none of them is written in another way. A number below 0 gives False.

    Args:
        columns: all columns of the text, int64 `[m]` each.
        data: the text.
        start: where it begins.
    """
    length = len(data) - start + (data[-1:] != b"\n")
    for values in columns:
        if len(values) and int(values.min()) < 0:
            return False
        length -= 2 * len(values)  # one digit, and what is after it
        power = 10
        while (longer := int(np.count_nonzero(values >= power))) and power < 10**18:
            length -= longer
            power *= 10
    return length == 0


def has_padded_numbers(data: bytes, start: int, chunk: int = 2**22) -> bool:
    """Tell whether a number has a zero or a plus sign before it that its value does not have, or is
    one of base 16.
    """
    if any(data.find(mark, start) >= 0 for mark in (b"+", b"-0", b"0x", b"0X")):
        return True
    whole = np.frombuffer(data, dtype=np.uint8)
    if len(whole) > start + 1 and whole[start] == 48 and 48 <= whole[start + 1] <= 57:
        return True
    for first in range(start, len(data), chunk):
        part = whole[first : first + chunk + 2]
        # A zero before a digit, after what is neither a digit nor a point.
        zeros = np.flatnonzero(part[1:-1] == 48) + 1
        after, before = part[zeros + 1] - 48, part[zeros - 1]
        padded = (after < 10) & ((before - 48 >= 10) & (before != 46))
        if bool(padded.any()):
            return True
    return False
