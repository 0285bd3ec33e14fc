"""First look at a text of cells: what parts them, which lines are comments or titles."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.asides import without_asides
from tvgnn_cli.io.cells import Row, cells_of, is_comment, is_data, records
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.delimiter import BLANKS, Sample, choose_delimiter, without_titles
from tvgnn_cli.io.drawn import undrawn, without_footer
from tvgnn_cli.io.plain_text import empty_line_within, has_open_lines, without_comments


def look(data: bytes, label: str, what: str = "edges", delimiter: str = "") -> Delimited:
    """Find out how a text is to be read, from its first hundred lines.

    Args:
        data: UTF-8 text, as `Source.read_text` gives it.
        label: name of the input in messages.
        what: what its rows are, for messages.
        delimiter: what parts cells, where it is known.

    Raises:
        InputError: nothing but comments; lines that no delimiter parts alike.
    """
    drawn = undrawn(data)
    data, footer = without_footer(data if drawn is None else drawn.text)
    cut_off = without_asides(data)
    data = data if cut_off is None else cut_off[0]
    sample = without_titles(Sample.of(data, label, what), cells_of)
    delimiter = delimiter or sample.delimiter or choose_delimiter(sample, cells_of)
    rows = []
    for number, line in sample.plain:
        try:
            rows.append(cells_of(line, delimiter))
        except csv.Error as error:
            raise InputError(f"{label}: line {number}: {error}") from None
    width = _width(rows)
    lead = [
        Row(number, cells, marked=True)
        for number, line in sample.leading
        if '"' not in line and is_data(line, cells := cells_of(line, delimiter), width)
    ]
    first, text = sample.plain[0]
    last = first + text.count("\n")
    lead.append(Row(first, rows[0], is_comment(text), last))
    doubtful = {row.line for row in lead}
    comments = tuple(line for number, line in sample.leading if number not in doubtful)
    start = _offset_after(data, last)
    cut, cut_at, marked = without_comments(data, start, delimiter, width)
    skipped = len(cut_at) + len(comments)
    table = Delimited(
        label, data, delimiter, width, tuple(lead), comments, skipped, marked, start, cut, cut_at,
        headed=bool(sample.titles) or (drawn is not None and drawn.headed),
        told=(
            *(() if drawn is None else drawn.told),
            *(() if cut_off is None else cut_off[1]),
            *_titles_told(sample, delimiter),
            *_gap_told(data, start, what),
            *footer,
        ),
    )  # fmt: skip
    _refuse_open_quotes(table)
    return table


def _refuse_open_quotes(table: Delimited) -> None:
    """Refuse a quote that ends on a later line within a cell, whose edges would be one id.

    Raises:
        InputError: naming its line.
    """
    if table.delimiter == BLANKS or not has_open_lines(table.text, table.start):
        return
    for number, line in records(table.text, table.delimiter, table.first.last, table.cut_at):
        if "\n" in line:
            try:
                cells_of(line, table.delimiter)
            except csv.Error as error:
                raise InputError(f"{table.label}: line {number}: {error}") from None


def _gap_told(data: bytes, start: int, what: str) -> Iterator[str]:
    number = empty_line_within(data, start)
    if number is not None and not has_open_lines(data, start):  # it may be one of an id
        yield f"line {number:,} is empty, and lines follow it: they are read as {what} too"


def _titles_told(sample: Sample, delimiter: str) -> Iterator[str]:
    for title in sample.titles:
        shown = title.strip(f' "{delimiter}')[:60]
        yield f"a title above the header, not read: '{shown}'"
    if sample.count.isdecimal():
        yield f"the first line is one number, {sample.count}: a count, and not read"
    elif sample.count:
        yield f"the first line counts rows, and is not read: {sample.count}"


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Cells of a row: as many as most have after the first, which may be a header of one less."""
    counts = Counter(len(row) for row in rows[1:])
    if len(rows) < 3 or counts[len(rows[0])] == counts.total():
        return len(rows[0])
    return counts.most_common(1)[0][0]


def _offset_after(data: bytes, line: int) -> int:
    """Place of the first byte after a line, which is given by its number from 1."""
    place = 0
    for _ in range(line):
        place = data.find(b"\n", place) + 1
        if place == 0:
            return len(data)
    return place
