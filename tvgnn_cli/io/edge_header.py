"""The names of the columns of a table of edges, and whether its first row gives them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tvgnn_cli.io.cells import cells_of
from tvgnn_cli.io.default_names import are_default
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.edge_ends import counts, is_index
from tvgnn_cli.io.names import find_ends, fold
from tvgnn_cli.io.source import is_decimal, is_number
from tvgnn_cli.io.wanted import Wanted


@dataclass(frozen=True)
class Names:
    """The names of columns and where they come from: the first row, a comment, or nowhere."""

    cells: tuple[str, ...]
    header: bool | None
    told: tuple[str, ...] = ()

    def listed(self, width: int) -> list[str]:
        """The names by which a user may ask for one of so many columns."""
        return list(self.cells) or [f"column {i + 1}" for i in range(width)]


def find_names(table: Delimited, rows: Sequence[Sequence[str]], wanted: Wanted) -> Names:  # noqa: PLR0911 a return for each answer
    """The names of the columns, if the first row or the last comment gives them."""
    first, width = table.first.cells, table.width
    if wanted.header is not False:
        shorter = len(first) == width - 1
        if shorter and rows and all(not row[-1] for row in rows):
            return Names((*first, ""), True, _HEADER)  # a delimiter ends each row but this
        if shorter and has_row_names(first, rows):
            return Names(("", *first), True, _HEADER)
        if len(first) == width + 1 and not first[-1]:
            return Names(tuple(first[:-1]), True, _HEADER)
    if wanted.header is not None:
        return Names(tuple(first) if wanted.header else (), wanted.header, _HEADER * wanted.header)
    if table.headed:
        return Names(tuple(first), True, _HEADER)
    commented = _commented_names(table)
    if commented is not None:
        return commented
    if _asked_for(first, wanted) or (
        find_ends(first) is not None and not any(is_number(cell) for cell in first)
    ):
        certain = _asked_for(first, wanted) or not _may_be_ids(first, rows)
        return Names(tuple(first), True if certain else None, _HEADER * certain)
    if rows and any(
        looks(first, rows) for looks in (_looks_like_header, _are_of_pandas, _names_row_numbers)
    ):
        return Names(tuple(first), True, _HEADER)
    open_ = are_default(first) or not any(map(is_number, first[:2]))
    return Names((), None if rows and open_ else False)


_HEADER = ("the first line is read as a header",)


def has_row_names(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a header of one cell less than the rows is one of R, which gives the column of
    row names no name: these are all different, and the header has no numbers.
    """
    names = {row[0] for row in rows}
    if len(rows) < 2 or len(names) < len(rows) or any(map(is_number, first)):
        return False
    return not names & {cell for row in rows for cell in row[1:]} or counts([r[0] for r in rows])


def _commented_names(table: Delimited) -> Names | None:
    """Names that the last comment before the data gives, or a first row that begins with a mark."""
    for row in reversed(table.lead[:-1]):
        cells = [row.cells[0].lstrip("#% "), *row.cells[1:]]
        if find_ends(cells) is not None:
            return Names(tuple(cells), False, _COMMENT)
    if table.comments:
        with suppress(csv.Error):  # a comment may hold any quotes
            cells = cells_of(table.comments[-1].lstrip(" \t#%"), table.delimiter)
            if len(cells) == table.width and find_ends(cells) is not None:
                return Names(tuple(cells), False, _COMMENT)
    return None


_COMMENT = ("the columns are named by a line that begins with # or %",)


def _asked_for(first: Sequence[str], wanted: Wanted) -> bool:
    """Tell whether a user names columns that the first row names."""
    asked = (wanted.source, wanted.target, wanted.weight)
    folded = {fold(cell) for cell in first if not is_number(cell)}
    return any(name is not None and fold(name) in folded for name in asked)


def _may_be_ids(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether names of ends could be those of vertices: `node1`, `gene2`, `u`; words that are
    below them too, but for the names once more.
    """
    ends = find_ends(first)
    assert ends is not None
    if any(len(name) == 1 or name[-1].isdigit() for name in (fold(first[i]) for i in ends)):
        return True
    named = {first[i] for i in ends}
    below = (row for row in rows if list(row) != list(first) and len(row) == len(first))
    return len(first) == 2 and any(row[i] in named for row in below for i in ends)


def _are_of_pandas(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a first row is 0, 1, ..., as pandas names columns that have no names, over ids
    of text.
    """
    below = {cell for row in rows for cell in row[:2]}
    return are_default(first) and not any(map(is_number, below))


def _names_row_numbers(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a first cell names row numbers, and there are such below it."""
    return is_index(first[0]) and all(row[0].isdecimal() for row in rows)


def _looks_like_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row has no number where the second has one."""
    second = rows[0]
    if len(first) != len(second):
        return False
    numbers = [is_decimal(cell) for cell in second]
    if len(first) == 2:
        return all(numbers) and not any(map(is_number, first))
    third = numbers[2] and first[2] != "" and not is_decimal(first[2])
    return third or (numbers[0] and numbers[1] and not any(map(is_number, first[:2])))
