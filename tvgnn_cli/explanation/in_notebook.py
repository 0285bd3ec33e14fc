"""The table of clusters as a notebook shows it: as pandas shows tables there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import one_line

if TYPE_CHECKING:
    import pandas as pd

ROWS = 20
"""Rows of the table, at most."""

LETTERS = 60
"""Letters of a cell: names of features and ids may have a million."""


def table_html(columns: Mapping[str, Any], name: str, others: Sequence[str]) -> str:
    """The first rows of a table, and how to get all of it and the others.

    Args:
        columns: by name, arrays of one length.
        name: of the graph.
        others: names of the other tables.
    """
    import pandas as pd

    rows = {key: np.asarray(values)[:ROWS] for key, values in columns.items()}
    frame = pd.DataFrame({key: _texts(values) for key, values in rows.items()})
    count = len(next(iter(columns.values())))
    first = f"The first {len(frame):,} of {count:,} clusters" if count > len(frame) else "Clusters"
    calls = ", ".join(f'<code>to_frame("{other}")</code>' for other in others)
    return (
        f"<div><p>{first} of {escape(one_line(name, LETTERS))}, explained; all of it: "
        f"<code>to_frame()</code>; other tables: {calls}.</p>\n{_html(frame)}\n</div>"
    )


def _texts(values: np.ndarray) -> np.ndarray | list[str]:
    if values.dtype.kind != "O":
        return values
    return [one_line(str(value), LETTERS) for value in values.tolist()]


def _html(frame: pd.DataFrame) -> str:
    made: str = frame.to_html(index=False, border=0, notebook=True, float_format="{:,.3g}".format)
    return made
