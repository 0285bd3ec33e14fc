"""Columns as delimited text, in the form that pandas gives it, whose import takes longer."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Columns = Mapping[str, Sequence[Any] | np.ndarray]
"""A table: columns of one length, by name."""

BLOCK = 2**14
"""Rows that are texts at once."""


def delimited(columns: Columns, delimiter: str, rows_at_once: int = BLOCK) -> bytes:
    """A line of names, and one for each row, in UTF-8.

    Missing values (None, NaN) are empty cells, floats the shortest digits that tell them apart in
    their precision; cells are quoted where they have to be. Tuples are their values with `;`
    between.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    length = max(map(len, columns.values()), default=0)
    for first in range(0, length, rows_at_once):
        rows = slice(first, first + rows_at_once)
        writer.writerows(zip(*(_cells(each[rows]) for each in columns.values()), strict=True))
    return text.getvalue().encode()


def _cells(values: Sequence[Any] | np.ndarray) -> list[Any]:
    """Values as `csv` is to write them: "" for None and NaN."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        texts = values.astype(str).tolist()
        return ["" if gap else text for text, gap in zip(texts, np.isnan(values), strict=True)]
    given = values.tolist() if isinstance(values, np.ndarray) else values
    if any(isinstance(value, tuple) for value in given[:1]):
        return [";".join(map(str, value)) for value in given]
    return ["" if value is None or value != value else value for value in given]
