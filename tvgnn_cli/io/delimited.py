"""Text of cells: which mark parts them, which lines are comments, and the cells by column.

`cells_of` and `Delimited.rows` say what a line means. `Delimited.columns` gives the same cells from
pyarrow's parser where the text is plain enough for it, which is a hundred times as fast.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.delimiter import BLANKS, Sample, choose_delimiter
from tvgnn_cli.io.encoding import as_numpy

_QUOTED_OR_BARE = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|(\S+)')
_BLANK_LINE = re.compile(rb"\n[ \t]+(?=\n|$)")
_PLAIN_INTEGER = re.compile(r"-?[1-9][0-9]{0,17}|0")


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
        csv.Error: a quote that never ends, a cell without end.
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
    read = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
    return [cell.strip() for cell in next(read, [])]


def is_comment(line: str) -> bool:
    """Whether a line begins with `#` or `%`: a comment, unless it is a row of data."""
    return line.lstrip(" \t")[:1] in ("#", "%") and bool(line.strip())


@dataclass(frozen=True, eq=False)
class Delimited:
    """The rows of a text, after comments have been told from data.

    Args:
        label: name of the input in messages.
        text: the whole text, UTF-8 with `\\n` line ends.
        delimiter: what parts cells; `BLANKS` for runs of white space.
        width: cells of a row.
        lead: rows that may be something else than data: one like the others that begins with `#`
            before any other, and the first plain one.
        comments: text of the comments before the first row.
        skipped: lines that were left out as comments.
        marked: rows that begin with `#` or `%`, after the first.
        start: where the rows after those of `lead` begin in the text.
        cut: these rows without the comments among them; None where there are none.
    """

    label: str
    text: bytes
    delimiter: str
    width: int
    lead: tuple[Row, ...]
    comments: tuple[str, ...]
    skipped: int
    marked: int
    start: int
    cut: bytes | None = None

    @property
    def first(self) -> Row:
        """The first row that does not begin with `#` or `%`."""
        return self.lead[-1]

    def rows(self) -> Iterator[Row]:
        """The rows of the body, one by one, those of empty cells left out.

        Raises:
            InputError: quotes that do not end.
        """
        after = max(self.first.line, self.first.last)
        for number, line in _records(self.text, self.delimiter, after):
            marked = is_comment(line)
            try:
                cells = cells_of(line, self.delimiter)
            except csv.Error as error:
                if marked:
                    continue
                raise InputError(f"{self.label}: line {number}: {error}") from None
            if any(cells) and (not marked or _is_data(line, cells, self.width)):
                yield Row(number, cells, marked)

    def sample(self, count: int = 100) -> list[Row]:
        """The first rows of the body."""
        return [row for row, _ in zip(self.rows(), range(count), strict=False)]

    def columns(
        self, wanted: Sequence[int], lead: Sequence[Sequence[str]] = ()
    ) -> list[pa.ChunkedArray]:
        """Cells of the body by column, as text, after those of the rows in `lead`.

        Raises:
            InputError: the first line that has another number of cells.
        """
        table = self._parsed(wanted, pa.string())
        if table is None:
            found = self._one_by_one(wanted)
        else:
            found = [pc.utf8_trim_whitespace(table.column(i)) for i in range(len(wanted))]
            if _has_empty_rows(found):  # may be lines of delimiters, which are none
                found = self._one_by_one(wanted)
        if not lead:
            return found
        first = [pa.array([cells[i] for cells in lead], pa.string()) for i in wanted]
        return [
            pa.chunked_array([cells, *column.chunks])
            for cells, column in zip(first, found, strict=True)
        ]

    def integers(self, wanted: Sequence[int]) -> list[np.ndarray] | None:
        """Cells of the body by column, as int64; None where one of them is another text than that
        of its number: `007`, `1.0`.
        """
        sampled = [row.cells for row in self.sample(20)]
        for cells in sampled:
            if len(cells) != self.width:
                return None
            if not all(_PLAIN_INTEGER.fullmatch(cells[i]) for i in wanted):
                return None
        if not sampled or _has_padded_numbers(*self._after_lead()):
            return None
        table = self._parsed(wanted, pa.int64())
        if table is None or any(table.column(i).null_count for i in range(len(wanted))):
            return None
        return [as_numpy(table.column(i)) for i in range(len(wanted))]

    def fault(self) -> InputError | None:
        """The first line that has another number of cells than the others."""
        for row in self.rows():
            if len(row.cells) != self.width:
                return self.ragged(row)
        return None

    def ragged(self, row: Row) -> InputError:
        return InputError(
            f"{self.label}: line {row.line}: {len(row.cells)} columns where the first line has "
            f"{self.width}: {row.cells}"[:160]
        )

    def _parsed(self, wanted: Sequence[int], kind: pa.DataType) -> pa.Table | None:
        """By pyarrow's parser; None where the text is not plain enough, or is faulty."""
        data, start = self._after_lead()
        if _is_uneven(data, self.delimiter):
            if b'"' in data:
                return None
            data, start = _evened(data[start:], self.delimiter), 0
        try:
            return self._parse(data, start, wanted, kind)
        except pa.ArrowInvalid:
            fewer = _without_blank_lines(data[start:])
        try:
            return None if fewer is None else self._parse(fewer, 0, wanted, kind)
        except pa.ArrowInvalid:
            return None

    def _after_lead(self) -> tuple[bytes, int]:
        """Text with the rows after those of `lead`, and where they begin in it."""
        return (self.text, self.start) if self.cut is None else (self.cut, 0)

    def _parse(self, data: bytes, start: int, wanted: Sequence[int], kind: pa.DataType) -> pa.Table:
        names = [str(i) for i in range(self.width)]
        chosen = [str(i) for i in wanted]
        quotes = b'"' in data
        if start >= len(data):
            return pa.table({name: pa.array([], kind) for name in chosen})
        return pcsv.read_csv(
            pa.py_buffer(data).slice(start),
            read_options=pcsv.ReadOptions(column_names=names, block_size=2**23),
            parse_options=pcsv.ParseOptions(
                delimiter=" " if self.delimiter == BLANKS else self.delimiter,
                quote_char='"' if quotes else False,
                newlines_in_values=quotes,
            ),
            convert_options=pcsv.ConvertOptions(
                column_types={name: kind if name in chosen else pa.string() for name in names},
                include_columns=chosen,
                null_values=[""],
                strings_can_be_null=False,
            ),
        )

    def _one_by_one(self, wanted: Sequence[int]) -> list[pa.ChunkedArray]:
        found: list[list[str]] = [[] for _ in wanted]
        for row in self.rows():
            if len(row.cells) != self.width:
                raise self.ragged(row)
            for place, i in zip(found, wanted, strict=True):
                place.append(row.cells[i])
        return [pa.chunked_array([pa.array(cells, pa.string())]) for cells in found]


def look(data: bytes, label: str, what: str = "edges") -> Delimited:
    """Find out how a text is to be read, from its first hundred lines.

    Args:
        data: UTF-8 text, as `Source.read_text` gives it.
        label: name of the input in messages.
        what: what its rows are, for messages.

    Raises:
        InputError: nothing but comments; lines that no delimiter parts alike.
    """
    sample = Sample.of(data, label, what)
    delimiter = sample.delimiter or choose_delimiter(sample, cells_of)
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
        if '"' not in line and _is_data(line, cells := cells_of(line, delimiter), width)
    ]
    first, text = sample.plain[0]
    last = first + text.count("\n")
    lead.append(Row(first, rows[0], is_comment(text), last))
    doubtful = {row.line for row in lead}
    comments = tuple(line for number, line in sample.leading if number not in doubtful)
    start = _offset_after(data, last)
    cut, skipped, marked = _without_comments(data, start, delimiter, width)
    skipped += len(comments)
    return Delimited(
        label, data, delimiter, width, tuple(lead), comments, skipped, marked, start, cut
    )


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Cells of a row: as many as most have after the first, which may be a header of one less."""
    counts = Counter(len(row) for row in rows[1:])
    if len(rows) < 3 or counts[len(rows[0])] == counts.total():
        return len(rows[0])
    return counts.most_common(1)[0][0]


def _is_data(line: str, cells: Sequence[str], width: int) -> bool:
    """Whether a line that begins with `#` or `%` is a row: the mark is part of an id, and it has as
    many cells as the others.
    """
    mark, after = line.lstrip(" \t")[:1], line.lstrip(" \t")[1:2]
    return len(cells) == width and after not in ("", " ", "\t", mark)


def _offset_after(data: bytes, line: int) -> int:
    """Where the line after the one of that number begins."""
    place = 0
    for _ in range(line):
        place = data.find(b"\n", place) + 1
        if place == 0:
            return len(data)
    return place


def _without_comments(
    text: bytes, after: int, delimiter: str, width: int
) -> tuple[bytes | None, int, int]:
    """The text after a place without its comments, None where it has none; their number, and that
    of marked lines that stay.
    """
    if text.find(b"#", after) < 0 and text.find(b"%", after) < 0:
        return None, 0, 0
    body = text[after:]
    kept, start, skipped, marked = [], 0, 0, 0
    for first in _marked_lines(body):
        end = body.find(b"\n", first)
        end = len(body) if end < 0 else end
        line = body[first:end].decode(errors="replace")
        try:
            is_row = _is_data(line, cells_of(line, delimiter), width)
        except csv.Error:
            is_row = False
        if is_row:
            marked += 1
            continue
        kept.append(body[start:first])
        start, skipped = end + 1, skipped + 1
    if not skipped:
        return None, 0, marked
    kept.append(body[start:])
    return b"".join(kept), skipped, marked


def _marked_lines(body: bytes) -> Iterator[int]:
    """Where lines begin whose first mark is `#` or `%`."""
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


def _is_uneven(data: bytes, delimiter: str) -> bool:
    """Whether blanks stand where pyarrow's parser does not expect them."""
    if delimiter != BLANKS:
        mark = delimiter.encode()
        return b'"' in data and (mark + b' "' in data or b'\n "' in data or data[:1] == b" ")
    if b"\t" in data or b"  " in data or b" \n" in data or b"\n " in data:
        return True
    return data[:1] == b" " or data[-1:] == b" "


def _evened(data: bytes, delimiter: str) -> bytes:
    """The text with one blank between cells, where runs of blanks part them."""
    if delimiter != BLANKS:
        return data
    data = data.replace(b"\t", b" ")
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data.replace(b" \n", b"\n").replace(b"\n ", b"\n").strip(b" ")


def _without_blank_lines(data: bytes) -> bytes | None:
    """Without lines of blanks, which the parser takes for a cell; None where there are none."""
    fewer = _BLANK_LINE.sub(b"", b"\n" + data)[1:]
    return fewer if len(fewer) < len(data) else None


def _has_empty_rows(columns: Sequence[pa.ChunkedArray]) -> bool:
    """Whether all of the cells of some row are empty."""
    empty = is_empty(columns[0])
    for column in columns[1:]:
        if not empty.any():
            return False
        empty &= is_empty(column)
    return bool(empty.any())


def is_empty(cells: pa.ChunkedArray) -> np.ndarray:
    """A mask of cells without text. pyarrow imports pandas to compare them with a value."""
    return np.asarray(as_numpy(pc.binary_length(cells)) == 0)


def _has_padded_numbers(data: bytes, start: int, chunk: int = 2**22) -> bool:
    """Whether a number has a zero or a plus sign before it that its value does not have."""
    if data.find(b"+", start) >= 0 or data.find(b"-0", start) >= 0:
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


def _records(text: bytes, delimiter: str, after: int) -> Iterator[tuple[int, str]]:
    """Lines after that number which are not blank; a quoted cell may go over several of them."""
    pending, begun = "", 0
    for number, encoded in enumerate(io.BytesIO(text), 1):
        if number <= after:
            continue
        line = encoded.decode()
        if pending:
            pending += line
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
    """Whether the last quoted cell of a line does not end in it."""
    reader = csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False
