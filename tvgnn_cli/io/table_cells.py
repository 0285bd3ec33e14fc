"""Cells of a table by column, from text and from `.parquet`, and the names of its columns."""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.arrow_columns import (
    as_names,
    column_of_array,
    column_of_cells,
    ids_of,
    without_marks,
)
from tvgnn_cli.io.cells import cells_of
from tvgnn_cli.io.default_names import are_default, name_columns
from tvgnn_cli.io.delimited import Delimited, is_empty
from tvgnn_cli.io.delimiter import BLANKS
from tvgnn_cli.io.edge_header import has_row_names
from tvgnn_cli.io.first_look import look
from tvgnn_cli.io.names import KEY_NAMES, fold
from tvgnn_cli.io.number_commas import Commas, ReadCommas
from tvgnn_cli.io.source import Source, is_number

REFUSED = (".json", ".xlsx", ".xls", ".ods", ".pkl", ".pt", ".rds", ".feather", ".h5")
"""Suffixes of tables that are not read; others are taken for text of cells."""


OF_TABLE = 2**29
"""Bytes that the columns of a table may take whatever the size of its file is: numbers of which
most are 0 take little there, and larger tables of numbers stay in their file.
"""


@dataclass(frozen=True)
class Table:
    """Cells by column, and what each of them may be.

    Args:
        names: of the columns.
        cells: pyarrow's arrays.
        named: whether a header gives the names.
        typed: whether values have types of their own, or are text.
        has_commas: whether there may be commas in cells.
        index: column that pandas had as its index.
        told: what was left out of the file.
    """

    names: list[str]
    cells: list[Any]
    named: bool
    typed: bool
    has_commas: bool = False
    index: int | None = None
    told: tuple[str, ...] = ()

    @property
    def num_rows(self) -> int:
        return len(self.cells[0])

    def read_commas(self, key: int | None) -> ReadCommas:
        """The meaning of commas in the numbers of all columns but that of ids."""
        looked = [
            without_marks(cells)[0] if self.has_commas and i != key else None
            for i, cells in enumerate(self.cells)
        ]
        return ReadCommas.look(looked)

    def column(self, i: int, commas: Commas = Commas.NONE, names: bool = False) -> Column:
        """The cells as numbers or text; where they may be `names` of groups, with the texts that
        numbers would not tell apart.
        """
        if self.typed:
            return column_of_array(self.cells[i])
        found = column_of_cells(self.cells[i], commas)
        return as_names(found, self.cells[i]) if names else found

    def texts(self, i: int, count: int | None = None) -> list[str]:
        """The cells as they are written, or the first so many of them."""
        cells = self.cells[i] if count is None else self.cells[i].slice(0, count)
        if not self.typed:
            return [str(cell) for cell in cells.to_pylist()]
        return ids_of(column_of_array(cells))


def table_of_parquet(source: Source) -> Table:
    from tvgnn_cli.io.parquet_file import ParquetFile

    with ParquetFile(source) as file:
        names = file.names
        if not file.num_rows or not names:
            raise InputError(f"{source.label}: holds no rows")
        written = [names.index(name) for name in file.index_columns]
        table = file.table(always=OF_TABLE)
    named = any(fold(name) in KEY_NAMES for name in names)
    return Table(
        names, list(table.columns), named=True, typed=True,
        index=written[0] if written and not named else None,
    )  # fmt: skip


def table_of_text(source: Source, known: set[str]) -> Table:
    if source.suffix in REFUSED:
        raise InputError(
            f"{source.label}: unknown suffix '{source.suffix}'; known: .csv .tsv .txt .parquet "
            ".npy .npz"
        )
    table = look(source.read_text(), source.label, "rows")
    commented = _commented_header(table, known)
    header = _header(table, known) if commented is None else commented
    if len(table.first.cells if header is None else header) != table.width:
        raise table.ragged(table.first)
    lead = [] if header is not None and commented is None else [table.first]
    lead = [*(row for row in table.lead[:-1] if row.cells[0] in known), *lead]
    titles = header or [f"column {i + 1}" for i in range(table.width)]
    cells = table.columns(range(table.width), [row.cells for row in lead])
    if header is not None and table.width == 1 and len(cells[0]) + 1 == len(known):
        titles, header = ["column 1"], None  # a value for each vertex, the first row's included
        cells = table.columns([0], [table.first.cells])
    told = table.told
    if commented is not None:
        told = (*told, f"{table.label}: a line that begins with # or % names the columns")
    if header is None and are_default(table.first.cells):
        below = [column.slice(1) for column in cells]
        where = f"{table.label}: line {table.first.line}"
        if name_columns(table.first.cells, [c.to_pylist() for c in below], known, where):
            titles, header, cells = table.first.cells, table.first.cells, below
            told = (*told, _DEFAULT.format(names=", ".join(titles[:3])))
    if not len(cells[0]):
        raise InputError(f"{table.label}: holds a header and no rows")
    kept = [i for i in range(table.width) if titles[i] or not is_empty(cells[i]).all()]
    return Table(
        [titles[i] for i in kept], [cells[i] for i in kept], named=header is not None, typed=False,
        has_commas=(b'"' if table.delimiter == "," else b",") in table.text,
        told=told,
    )  # fmt: skip


_DEFAULT = "the first line is read as a header: {names}, as pandas names columns without names"


_MARKS = "#% \t"
"""Characters before the text of a comment."""


def _commented_header(table: Delimited, known: set[str]) -> list[str] | None:
    """The names that a line with a mark before the first row gives the columns: as many as there
    are, all different, none of them a number or an id; None where there is none, or where the first
    row has no number and no id and may be the header itself.
    """
    if not any(cell in known or is_number(cell) for cell in table.first.cells):
        return None
    found = [row.cells for row in table.lead[:-1]]
    with suppress(csv.Error):  # a comment may hold any quotes
        bare = (line.lstrip(_MARKS) for line in table.comments[-1:])
        found += [cells_of(line, table.delimiter) for line in bare if line]
    for cells in reversed(found):
        names = [cells[0].lstrip(_MARKS), *cells[1:]]
        sure = table.delimiter != BLANKS or any(fold(name) in KEY_NAMES for name in names)
        are_names = all(name and not is_number(name) for name in names)
        others = len(set(names)) == len(names) and known.isdisjoint([cells[0], *names])
        if len(names) == table.width > 1 and sure and are_names and others:
            return names
    return None


def _header(table: Delimited, known: set[str]) -> list[str] | None:  # noqa: PLR0911 a return for each answer
    """The names that the first row gives the columns; None where it looks like the data below it.

    It does if it holds one of the graph's ids, if its values are all numbers, or if its last value,
    a class say, occurs again. Numbers from 0 on, as pandas writes them over columns without names,
    are no values where the first cell is no id and the cells below it are.
    """
    first = table.first.cells
    if table.headed and len(first) == table.width:
        return first
    rows = [row.cells for row in table.sample() if len(row.cells) == table.width]
    if len(first) == table.width - 1 and rows and all(not row[-1] for row in rows):
        return [*first, ""]
    if len(first) == table.width - 1 and has_row_names(first, rows):
        return ["", *first]
    if len(first) == table.width + 1 and not first[-1]:
        return first[:-1]
    if len(first) == table.width and (any(fold(c) in KEY_NAMES for c in first) or not first[0]):
        return first
    counted = first[1:] == [str(i) for i in range(len(first) - 1)] and first[0] not in known
    if (
        counted
        and rows
        and len(first) > 1
        and not is_number(first[0])
        and {row[0] for row in rows} <= known
    ):
        return first
    if any(cell in known for cell in first):
        return None
    if all(is_number(cell) or not cell for cell in (first[1:] or first)):
        return None
    again = any(row[-1] == first[-1] for row in rows)
    return None if again else first
