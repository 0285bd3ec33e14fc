"""Tables whose first line names their columns: of graphs, vertices or edges."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tvgnn_cli.errors import InputError, shown, some_of
from tvgnn_cli.io.delimiter import SEPARATOR
from tvgnn_cli.io.names import fold, twice
from tvgnn_cli.io.source import Source


@dataclass(frozen=True, eq=False)
class Headed:
    """Cells of a table as trimmed text.

    Args:
        label: the file, for messages.
        text: of it, UTF-8.
        delimiter: what parts cells.
        names: of the columns, as the header has them.
        cells: pyarrow's arrays of text, a column each.
        used: names that a reader has asked for, folded.
    """

    label: str
    text: bytes
    delimiter: str
    names: list[str]
    cells: list[Any]
    used: set[str] = field(default_factory=set)

    @property
    def num_rows(self) -> int:
        return len(self.cells[0])

    def find(self, *known: str) -> Any:
        """The cells of the first column that has one of these names, in any case; None for none."""
        folded = {fold(name): i for i, name in reversed(list(enumerate(self.names)))}
        for name in known:
            if fold(name) in folded:
                self.used.add(fold(name))
                return self.cells[folded[fold(name)]]
        return None

    def need(self, *known: str) -> Any:
        """The same of a column that has to be there.

        Raises:
            InputError: it is not.
        """
        cells = self.find(*known)
        if cells is None:
            raise InputError(
                f"{self.label}: line 1: needs a column named '{known[0]}', and has "
                f"{some_of([shown(name, 20) for name in self.names])}"
            )
        return cells

    def unread(self) -> tuple[str, ...]:
        """The note on columns that nobody asked for."""
        others = [name for name in self.names if name and fold(name) not in self.used]
        listed = some_of([shown(name, 20) for name in others])
        return (f"columns of {self.label} that are not read: {listed}",) if others else ()

    @cached_property
    def _lines(self) -> list[int]:
        return [line for line, _ in _records(self.text, self.delimiter, self.label)][1:]

    def where(self, row: int) -> str:
        """The place of a row, by its position below the header."""
        return f"{self.label}: line {self._lines[row]}"


def read_headed(source: Source, delimiter: str | None = None) -> Headed:
    """Read a table of text with a header.

    Args:
        source: the file.
        delimiter: what parts cells; None for a tab in `.tsv`, else a comma, or what the header has
            in its place.

    Raises:
        InputError: it is missing or no text, two columns of one name, rows of other lengths, no
            rows below the header.
    """
    text, said = _without_separator(source.read_text())
    delimiter = said or delimiter
    head = text.lstrip(b"\n").partition(b"\n")[0].decode()
    delimiter = delimiter or _delimiter(head, source.suffix)
    try:
        names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
    except csv.Error as error:
        raise InputError(f"{source.label}: line 1: {error}") from None
    repeated = twice(fold(name) for name in names if name)
    if repeated:
        raise InputError(f"{source.label}: line 1: two columns are named {shown(repeated[0])}")
    return Headed(source.label, text, delimiter, names, _cells(text, delimiter, names, source))


def _without_separator(text: bytes) -> tuple[bytes, str]:
    """The text without the line `sep=;` that Excel reads, which stays as an empty one, and what it
    says; "" for none.
    """
    first, end, rest = text.partition(b"\n")
    found = SEPARATOR.fullmatch(first.decode().strip())
    return (text, "") if found is None else (end + rest, found[1])


def _delimiter(head: str, suffix: str) -> str:
    if suffix == ".tsv":
        return "\t"
    return next((mark for mark in (",", ";", "\t") if mark in head), ",")


def _cells(text: bytes, delimiter: str, names: Sequence[str], source: Source) -> list[Any]:
    """The columns below the header."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pcsv

    columns = [str(i) for i in range(len(names))]
    try:
        table = pcsv.read_csv(
            pa.BufferReader(text),
            read_options=pcsv.ReadOptions(
                column_names=columns, block_size=min(max(len(text), 2**20), 2**31 - 1)
            ),
            parse_options=pcsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pcsv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise _fault(text, delimiter, len(names), source, error) from None
    if table.num_rows < 2:
        raise InputError(f"{source.label}: holds a header and no rows")
    return [pc.utf8_trim_whitespace(column.slice(1)).combine_chunks() for column in table.columns]


def _records(text: bytes, delimiter: str, label: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, the header first, each with the number of its first line.

    Raises:
        InputError: text that Python's csv refuses.
    """
    reader, begun = csv.reader(io.StringIO(text.decode()), delimiter=delimiter), 1
    try:
        for cells in reader:
            if cells:
                yield begun, cells
            begun = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{label}: line {begun}: {error}") from None


def _fault(text: bytes, delimiter: str, width: int, source: Source, error: Exception) -> InputError:
    """The first row that has another number of cells than the header."""
    for line, cells in _records(text, delimiter, source.label):
        if len(cells) != width:
            return InputError(
                f"{source.label}: line {line}: {len(cells)} cells, but the header names "
                f"{width} columns; put text that holds {delimiter!r} in quotes"
            )
    return InputError(f"{source.label}: is no table ({str(error).splitlines()[0][:80]})")
