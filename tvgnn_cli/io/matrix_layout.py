"""Layouts of an adjacency matrix in a table, as its first rows tell them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.graph.missing import is_missing
from tvgnn_cli.io.delimiter import LOOKED_AT
from tvgnn_cli.io.names import end_pairs
from tvgnn_cli.io.source import is_decimal

FEWEST = 4
"""Vertices below which rows of numbers may as well be edges, where no names tell."""


@dataclass(frozen=True)
class Layout:
    """Layout of a matrix in a table.

    Args:
        headed: whether the first row has the names of the columns.
        names: the column that has those of the rows, from 0; None for none.
        why: tells that it is a matrix.
    """

    headed: bool
    names: int | None
    why: str


SQUARE, NAMED = "it is square and symmetric", "its rows and columns have the same names"


def layouts_of(
    columns: Sequence[str], rows: Sequence[Sequence[str]], sure: bool = False
) -> Iterator[Layout]:
    """Find the layouts of a matrix that a table may have, by its first rows.

    Args:
        columns: its first row, or the names of its columns.
        rows: the rows after that, as cells, as many as are looked at.
        sure: whether it is one of vertices and vertices however few they are.
    """
    fewest = 1 if sure else FEWEST
    if len(rows) < fewest - 1 or any(len(row) < len(columns) for row in rows):
        return  # a longer first line is refused with its number
    distinct = len(set(columns)) == len(columns)
    are_names = not columns[0] and distinct and _are_names(columns[1:])  # numbers may be, too
    if not are_names and _is_symmetric([columns, *rows], sure):
        yield Layout(False, None, SQUARE)
    if rows and _is_symmetric(rows, sure) and (sure or not end_pairs(columns)):
        yield Layout(True, None, SQUARE)
    for place in (0, len(columns) - 1):
        cells = [[*row[:place], *row[place + 1 :]] for row in rows]
        others = [*columns[:place], *columns[place + 1 :]]
        same = [row[place] for row in rows] == others[: len(rows)] and _are_names(others)
        if same and _are_numbers(cells):
            yield Layout(True, place, NAMED)
        elif (
            _is_blank(columns[place])
            and rows
            and _is_symmetric(cells, sure)
            and not end_pairs(others)
        ):
            yield Layout(True, place, SQUARE)


def _is_blank(name: str) -> bool:
    """Tell whether a column has no name, or the one that pandas gives to an index in Parquet."""
    return not name or name.startswith("__index_level_")


def _are_names(cells: Sequence[str]) -> bool:
    """Tell whether cells may be names: numbers with fractions are none."""
    return not any(is_decimal(cell) and not cell.isdecimal() for cell in cells)


def _is_symmetric(rows: Sequence[Sequence[str]], sure: bool) -> bool:
    """Tell whether rows, as many as are looked at, are those of a symmetric matrix of numbers; a
    square of two or three, or of nothing but a diagonal, only where it is surely one of vertices.
    """
    width = len(rows[0])
    size = min(width, len(rows))
    square = size >= (1 if sure else FEWEST) and min(width, LOOKED_AT) == min(len(rows), LOOKED_AT)
    if not square or not _are_numbers(rows):
        return False
    block = np.array([[_number(cell) for cell in row[:size]] for row in rows[:size]])
    if not np.allclose(block, block.T, rtol=1e-5, atol=0, equal_nan=True):  # cosines may be rounded
        return False
    np.fill_diagonal(block, 0)  # kinds of vertices as 0 and 1 have nothing else
    return sure or bool(np.nan_to_num(block, nan=0.0).any())


def _number(cell: str) -> float:
    return math.nan if is_missing(cell) else float(cell.replace(",", "."))


def _are_numbers(rows: Iterable[Sequence[str]]) -> bool:
    return all(is_decimal(cell) or is_missing(cell) for row in rows for cell in row)
