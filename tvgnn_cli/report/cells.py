"""Values as the cells and sentences of a page show them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tvgnn_cli.errors import one_line
from tvgnn_cli.report.parts import Table

LONGEST = 200
"""Letters of a cell: ids and names of features may have a million."""

SHARES = ("share", "share_inside", "share_outside")
"""Columns that are shown in per cent."""

MINUS = "\N{MINUS SIGN}"

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def cell(name: str, value: Any, whole: bool = False, most: int = LONGEST) -> str:
    """A value of a column: whole numbers with commas, shares in per cent, other numbers by three
    digits that count.

    Args:
        name: of the column.
        value: in it.
        whole: whether all numbers of the column are whole ones.
        most: letters of a text.
    """
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{int(value):,}".replace("-", MINUS)
    if isinstance(value, float | np.floating):
        return share(float(value)) if name in SHARES else number(float(value), whole)
    return one_line(str(value), most)


def number(value: float, whole: bool = False) -> str:
    """A number by three digits that count; a whole one as such, if others beside it are, too."""
    if not math.isfinite(value):
        return ""
    size = abs(value)
    if size and (size < 0.0005 or size >= 1e9):
        text = f"{value:.1e}"
    elif size >= 1000 or whole or not size:
        text = f"{value:,.0f}"
    else:
        text = f"{value:#.3g}".rstrip(".") if size >= 0.01 else f"{value:.4f}"
    return text.replace("-", MINUS)


def share(value: float) -> str:
    """A share in per cent: one digit behind the point where it has fewer than two before it."""
    if not math.isfinite(value):
        return ""
    percent = 100 * value
    if 0 < percent < 0.05:
        return "<0.1 %"
    if 99.95 <= percent < 100:
        return ">99.9 %"
    return f"{percent:.1f} %" if 0 < percent < 10 or 90 < percent < 100 else f"{percent:.0f} %"


def exact(value: Any) -> str:
    """A metric or setting with all of its digits that matter."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return one_line(str(value), LONGEST)


def plain_words(text: str) -> str:
    """Text of a page of docs without its links and its signs of code."""
    return _LINK.sub(r"\1", text).replace("`", "")


def spelled_name(name: str) -> str:
    """The name of a column as words."""
    return name.replace("_", " ")


def table_of(
    columns: Mapping[str, Any],
    rows: np.ndarray,
    caption: str = "",
    hues: Sequence[str] = (),
    leave_out: Iterable[str] = (),
) -> Table:
    """Some rows of a table of an explanation, as a page shows them.

    Args:
        columns: by name, arrays of one length.
        rows: positions of those that are shown.
        caption: above the table.
        hues: of the shown rows.
        leave_out: columns that are not shown.
    """
    skipped = set(leave_out)
    held = {
        name: np.asarray(values)[rows] for name, values in columns.items() if name not in skipped
    }
    cells = [
        [cell(name, value, whole) for value in values.tolist()]
        for name, values in held.items()
        for whole in [values.dtype.kind == "f" and bool((values == np.rint(values)).all())]
    ]
    return Table(
        [spelled_name(name) for name in held],
        list(zip(*cells, strict=True)),
        [values.dtype.kind in "iuf" for values in held.values()],
        caption,
        hues,
    )
