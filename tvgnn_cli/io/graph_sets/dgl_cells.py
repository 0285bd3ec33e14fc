"""Cells of DGL's tables: numbers, lists of numbers in quotes, masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.io.graph_sets.headed import Headed
from tvgnn_cli.io.source import is_number

TRUTHS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False, "": False}
"""Cells of a mask, in lower case."""


def floats_of(cells: Any, table: Headed, name: str) -> np.ndarray:
    """Numbers as float64 `[rows]`.

    Args:
        cells: pyarrow text.
        table: that they are of, for messages.
        name: of the column.

    Raises:
        InputError: the first cell that is none.
    """
    import pyarrow as pa

    try:
        return np.asarray(cells.cast(pa.float64()))
    except pa.ArrowInvalid:
        texts = cells.to_pylist()
    bad = next((row for row, text in enumerate(texts) if not is_number(text)), None)
    if bad is None:
        return np.array([float(text) for text in texts])
    raise InputError(f"{table.where(bad)}: {name} {shown(texts[bad])} is not a number")


def lists_of_floats(cells: Any, table: Headed) -> np.ndarray:
    """Lists of numbers parted by commas, as float64 `[rows, f]`.

    Args:
        cells: pyarrow text.
        table: that they are of, for messages.

    Raises:
        InputError: the first row that has another number of values, or one that is no number.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = pc.split_pattern(cells, ",")
    lengths = np.asarray(pc.list_value_length(lists))
    others = np.flatnonzero(lengths != lengths[0])
    if len(others):
        row = int(others[0])
        raise InputError(
            f"{table.where(row)}: feat has {lengths[row]} values, but {lengths[0]} in the first row"
        )
    flat = pc.utf8_trim_whitespace(lists.flatten())
    try:
        values = np.asarray(flat.cast(pa.float64()))
    except pa.ArrowInvalid:
        texts = flat.to_pylist()
        bad = next((i for i, text in enumerate(texts) if not is_number(text)), None)
        if bad is not None:
            where = table.where(bad // int(lengths[0]))
            raise InputError(f"{where}: feat {shown(texts[bad])} is not a number") from None
        values = np.array([float(text) for text in texts])
    return values.reshape(len(lengths), -1)


def truths_of(cells: Any, table: Headed, name: str) -> np.ndarray:
    """A mask, bool `[rows]`.

    Raises:
        InputError: the first cell that is neither true nor false.
    """
    texts = [text.lower() for text in cells.to_pylist()]
    bad = next((row for row, text in enumerate(texts) if text not in TRUTHS), None)
    if bad is not None:
        raise InputError(f"{table.where(bad)}: {name} is {shown(texts[bad])}; need true or false")
    return np.array([TRUTHS[text] for text in texts])
