"""Text of cells, by row and by column, once `first_look.look` has told what parts them.

`cells.cells_of` and `Delimited.rows` say what a line means. `Delimited.columns` gives the same
cells from pyarrow's parser where the text is plain enough for it, which is a hundred times as fast.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.cells import Row, cells_of, is_comment, records
from tvgnn_cli.io.delimiter import BLANKS
from tvgnn_cli.io.encoding import PLAIN_INTEGER, as_numpy
from tvgnn_cli.io.plain_text import (
    are_shortest,
    evened,
    has_padded_numbers,
    is_uneven,
    may_begin_empty,
    may_have_blanks_in_cells,
    without_blank_lines,
)

BLOCK = 2**21
"""Bytes that pyarrow's parser takes at a time; less is not worth its threads."""


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
        cut_at: where these comments begin in the text.
        headed: whether the first row is known to name the columns.
        told: what was left out of the text.
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
    cut_at: frozenset[int] = frozenset()
    headed: bool = False
    told: tuple[str, ...] = ()

    @property
    def first(self) -> Row:
        """The first row that does not begin with `#` or `%`."""
        return self.lead[-1]

    @property
    def where(self) -> str:
        """The place of the first row, before a message on the columns."""
        return f"line {self.first.line}: "

    def rows(self) -> Iterator[Row]:
        """The rows of the body, one by one, those of empty cells left out.

        Raises:
            InputError: quotes that do not end.
        """
        after = max(self.first.line, self.first.last)
        for number, line in records(self.text, self.delimiter, after, self.cut_at):
            try:
                cells = cells_of(line, self.delimiter)
            except csv.Error as error:
                raise InputError(f"{self.label}: line {number}: {error}") from None
            if any(cells):
                yield Row(number, cells, is_comment(line))

    def sample(self, count: int = 100) -> list[Row]:
        """The first rows of the body."""
        return [row for row, _ in zip(self.rows(), range(count), strict=False)]

    def spread(self, places: int = 40, count: int = 25) -> list[list[str]]:
        """Cells of rows from all over the body: none where quotes may go over several lines."""
        data, start = self._after_lead()
        if b'"' in data or len(data) - start < 2**14:
            return []
        found = []
        for part in range(places):
            place = data.find(b"\n", start + (len(data) - start) * part // places)
            for _ in range(count):
                end = data.find(b"\n", place + 1)
                if place < 0 or end < 0:
                    break
                cells = cells_of(data[place + 1 : end].decode(), self.delimiter)
                found += [cells] if len(cells) == self.width else []
                place = end
        return found

    def whole(self, column: int) -> pa.ChunkedArray:
        """All cells of a column of the body, as text.

        Raises:
            InputError: the first line that has another number of cells.
        """
        return self.columns([column])[0]

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
            found = [table.column(i) for i in range(len(wanted))]
            if may_have_blanks_in_cells(*self._after_lead(), self.delimiter):
                found = [pc.utf8_trim_whitespace(cells) for cells in found]
            if _has_empty_rows(found) and may_begin_empty(*self._after_lead(), self.delimiter):
                found = self._one_by_one(wanted)  # without lines of delimiters, which are no rows
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
            if not all(PLAIN_INTEGER.fullmatch(cells[i]) for i in wanted):
                return None
        if not sampled:
            return None
        table = self._parsed(wanted, pa.int64())
        if table is None or any(table.column(i).null_count for i in range(len(wanted))):
            return None
        found = [as_numpy(table.column(i)) for i in range(len(wanted))]
        data, start = self._after_lead()
        short = self.width == len(wanted) and are_shortest(found, data, start)
        return found if short or not has_padded_numbers(data, start) else None

    def fault(self) -> InputError | None:
        """The first line that has another number of cells than the others."""
        for row in self.rows():
            if len(row.cells) != self.width:
                return self.ragged(row)
        return None

    def ragged(self, row: Row) -> InputError:
        others = "the first line has" if row.line != self.first.line else "other lines have"
        text = (
            f"{self.label}: line {row.line}: {len(row.cells)} columns where {others} "
            f"{self.width}: {row.cells}"
        )
        widths = {len(near.cells) for near in self.sample(20)}
        if self.delimiter == BLANKS and len(widths) > 2 and max(widths) > 3:
            return InputError(
                f"{text[:120]}; networkx.read_adjlist reads lists of neighbours: write them with "
                "networkx.write_edgelist"
            )
        return InputError(text[:160])

    def _parsed(self, wanted: Sequence[int], kind: pa.DataType) -> pa.Table | None:
        """Parse by pyarrow; None where the text is not plain enough, or is faulty."""
        data, start = self._after_lead()
        if is_uneven(data, self.delimiter):
            return None
        # Runs of blanks are cells too many for the parser: they are looked for where it stumbles.
        for clean in (None, evened, without_blank_lines):
            cleaned = data if clean is None else clean(data[start:], self.delimiter)
            if cleaned is None:
                continue
            try:
                return self._parse(cleaned, start if clean is None else 0, wanted, kind)
            except pa.ArrowInvalid:
                continue
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
            read_options=pcsv.ReadOptions(
                column_names=names, block_size=BLOCK, use_threads=len(data) - start > BLOCK
            ),
            parse_options=pcsv.ParseOptions(
                delimiter=" " if self.delimiter == BLANKS else self.delimiter,
                quote_char='"' if quotes else False,
                newlines_in_values=quotes,
            ),
            convert_options=pcsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()) | dict.fromkeys(chosen, kind),
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


def _has_empty_rows(columns: Sequence[pa.ChunkedArray]) -> bool:
    """Tell whether some row has nothing but empty cells."""
    empty = is_empty(columns[0])
    for column in columns[1:]:
        if not empty.any():
            return False
        empty &= is_empty(column)
    return bool(empty.any())


def is_empty(cells: pa.ChunkedArray) -> np.ndarray:
    """A mask of cells without text. pyarrow imports pandas to compare them with a value."""
    return np.asarray(as_numpy(pc.binary_length(cells)) == 0)
