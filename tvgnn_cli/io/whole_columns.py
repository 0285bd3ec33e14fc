"""Properties of whole columns of cells, for columns whose first rows suggest something unusual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tvgnn_cli.io.encoding import as_numpy
from tvgnn_cli.io.times import kind_of_times, runs_of


class Deep(Protocol):
    """A table of which more than the first rows can be looked at."""

    @property
    def label(self) -> str:
        """Name of the input in messages."""

    @property
    def width(self) -> int:
        """Number of columns."""

    @property
    def where(self) -> str:
        """The place of the first row, before a message on the columns; may be empty."""

    def spread(self) -> Sequence[Sequence[str]]:
        """Rows from all over the table, as cells."""

    def whole(self, column: int) -> pa.ChunkedArray:
        """All cells of a column as trimmed text."""


def counts_throughout(cells: pa.ChunkedArray) -> bool:
    """Tell whether cells count to the last from 0, 1 or, after a first row, 2."""
    values = numbers_of(cells)
    if values is None or not len(values):
        return False
    return int(values[0]) in (0, 1, 2) and bool((np.diff(values) == 1).all())


def are_empty(cells: pa.ChunkedArray) -> bool:
    """Tell whether no cell holds anything."""
    return pc.max(pc.binary_length(cells)).as_py() in (0, None)


def share(table: Deep, first: int, second: int) -> bool:
    """Tell whether two columns have ids in common, wherever in the table."""
    rows = table.spread()
    if {row[first] for row in rows} & {row[second] for row in rows}:
        return True
    one, other = (set(pc.unique(table.whole(column)).to_pylist()) for column in (first, second))
    return not one.isdisjoint(other)


def hardly_weights(cells: pa.ChunkedArray) -> str | None:
    """Kind of the numbers of a column that are all hardly weights: times, years, dates, running
    numbers; None for others, for text, and for no cells.
    """
    if not len(cells):
        return None
    try:
        values = as_numpy(pc.cast(cells, pa.float64()))
    except pa.ArrowInvalid:
        return None
    whole = numbers_of(cells)
    return kind_of_times(values) or (None if whole is None else runs_of(whole))


def numbers_of(cells: pa.ChunkedArray) -> np.ndarray | None:
    """Whole numbers of cells, int64; None where one is none."""
    try:
        return as_numpy(pc.cast(cells, pa.int64()))
    except pa.ArrowInvalid:
        return None
