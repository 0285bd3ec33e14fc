"""Weights of the rows of an edge list, and the first row that has none."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, compress

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.cells import Row
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.edge_columns import Layout
from tvgnn_cli.io.encoding import as_numpy, take
from tvgnn_cli.io.source import is_decimal, is_number

_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")


def weights_of_rows(
    table: Delimited, layout: Layout, lead: Sequence[Row], kept: np.ndarray | None
) -> tuple[np.ndarray | None, bool]:
    """The weights of all rows, None where there are none, and whether they have decimal commas.

    Args:
        table: whose rows they are.
        layout: which column is which.
        lead: its first rows, where they are data.
        kept: bool mask over all rows of those that are edges; None where all are.

    Raises:
        InputError: naming the first line whose weight is none.
    """
    if layout.weight is None:
        return None, False
    (cells,) = table.columns([layout.weight])
    first = [row.cells[layout.weight] for row in lead]
    if kept is not None:
        first = list(compress(first, kept[: len(lead)]))
        cells = take(cells, np.flatnonzero(kept[len(lead) :]))
    weight, decimal = numbers_of(cells, first)
    if weight is None or not bool((np.isfinite(weight) & (weight >= 0)).all()):
        raise _first_fault(table, layout, lead, kept) or InputError(
            f"{table.label}: weights must be finite and at least 0"
        )
    return weight, decimal


def numbers_of(cells: pa.ChunkedArray, lead: list[str]) -> tuple[np.ndarray | None, bool]:
    """Numbers of cells, after those of the first rows; None where one is none. All of them may have
    a decimal comma.
    """
    if all(map(is_number, lead)):
        first = np.array(list(map(float, lead)), dtype=np.float64)
        with suppress(pa.ArrowInvalid):
            return np.concatenate([first, as_numpy(pc.cast(cells, pa.float64()))]), False
    texts = [*lead, *cells.to_pylist()]
    commas = [text for text in texts if "," in text]
    thousands = all(_THOUSANDS.fullmatch(text) for text in commas)  # 1,234: a half, or a thousand?
    if any("." in text for text in texts) or thousands or not all(map(is_decimal, texts)):
        return None, False
    return np.array([float(text.replace(",", ".")) for text in texts]), True


def _first_fault(
    table: Delimited, layout: Layout, lead: Sequence[Row], kept: np.ndarray | None
) -> InputError | None:
    """The first edge that has no weight, as an error that names its line."""
    assert layout.weight is not None
    for place, row in enumerate(chain(lead, table.rows())):
        if kept is not None and not kept[place]:
            continue
        cell = row.cells[layout.weight] if layout.weight < len(row.cells) else ""
        fault = _weight_fault(cell)
        if fault:
            names = row is table.first and not is_decimal(cell)
            way = "; if the line names the columns, say `header=True`" if names else ""
            return InputError(f"{table.label}: line {row.line}: {fault}{way}")
    return None


def _weight_fault(value: str) -> str | None:
    if not is_number(value):
        return f"weight {value!r} is not a number; {_remedy(value)}"
    if not math.isfinite(float(value)) or float(value) < 0:
        similarities = "weights are similarities: finite, at least 0"
        return f"weight {value} is not allowed; {similarities}; `weight` none counts edges alike"
    return None


def _remedy(value: str) -> str:
    """Advice on a weight that is written as other programs write numbers."""
    if is_decimal(value):
        return "write 0.5, not 0,5, in all lines, and 1234, not 1,234"
    none = "`weight` none reads none"
    if _GROUPED.fullmatch(value):
        return f"write {re.sub(_GROUP, '', value)}, and so in all lines, or {none}"
    if value.endswith("%") and is_decimal(value[:-1].rstrip()):
        return f"take the % off in all lines, or {none}"
    return none


_GROUP = r"[,' \u00a0\u2009\u202f\u2019]"
_GROUPED = re.compile(rf"\d{{1,3}}(?:{_GROUP}\d{{3}})+(?:\.\d+)?")
"""A number with marks at its thousands."""
