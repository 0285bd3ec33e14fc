"""Vertices that a file counts from 1, and does not name."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.errors import InputError

NOTE = "ids: the numbers of vertices from 1, as the file counts them"


def numbered_from_one(count: int, num_entries: int, where: str) -> np.ndarray:
    """The ids "1", "2", ... as an object array `[count]`.

    Args:
        count: vertices, as a header says.
        num_entries: edges or lines that the file holds.
        where: file and line of the header.

    Raises:
        InputError: far more vertices than the file could be about.
    """
    if count > 1_000_000 + 100 * num_entries:
        raise InputError(
            f"{where}: says that there are {count:,} vertices, and {num_entries:,} "
            f"lines follow; a number is wrong, or the file is cut short"
        )
    return np.array(list(map(str, range(1, count + 1))), dtype=object)
