"""Edges of many graphs, each as a list of lists: which of the two shapes they have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.io.classes import are_whole

BY_END, BY_EDGE, FLAT, EITHER = "[2][edges]", "[edges][2]", "a flat list", "[2][2]"
"""Shapes of the edges of a graph."""


def edges_of_rows(
    values: Sequence[Any], where: Callable[[int], str]
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The ends of the edges of each graph, int64 `[2, m]`, and notes on how they were told.

    One shape goes for all graphs: two edges of one are read as the others are.

    Args:
        values: `[2][m]`, `[m][2]` or `[2 m]` for each graph; None and [] for no edges.
        where: the place of a graph, by its position.

    Raises:
        InputError: another shape, ends that are no whole numbers, graphs of different shapes.
    """
    arrays = [_whole(value, where, row) for row, value in enumerate(values)]
    shapes = [_shape_of(array, where, row) for row, array in enumerate(arrays)]
    first: dict[str, int] = {}
    for row, shape in enumerate(shapes):
        if shape not in ("", EITHER):
            first.setdefault(shape, row)
    if len(first) > 1:
        (one, early), (other, late) = list(first.items())[:2]
        raise InputError(
            f"{where(late)}: edge_index is {other}, but {one} in {_short(where(early))}; one "
            "shape for all graphs"
        )
    told = next(iter(first), BY_END)
    notes: tuple[str, ...] = ()
    if told == FLAT:
        notes = ("edge_index: flat lists, first all first ends and then all second ends",)
    elif not first and EITHER in shapes:
        notes = ("edge_index: [2][2] in every graph, taken for a list of ends and one of others",)
    return [_turned(array, told) for array in arrays], notes


def _short(place: str) -> str:
    return place.rpartition(": ")[2]


def _whole(value: Any, where: Callable[[int], str], row: int) -> np.ndarray:
    """A list of lists as an array of whole numbers."""
    if value is None:
        return np.zeros((2, 0), dtype=np.int64)
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError):
        raise InputError(f"{where(row)}: edge_index has lists of different lengths") from None
    if not array.size:
        return np.zeros((2, 0), dtype=np.int64)
    if array.dtype.kind == "f" and are_whole(array):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        first = np.asarray(array, dtype=object).reshape(-1)[0]
        raise InputError(
            f"{where(row)}: edge_index is not of whole numbers, but of {array.dtype} "
            f"({shown(first, 20)}, say)"
        )
    low = int(array.min())
    if low < 0 or int(array.max()) >= 2**53:
        bad = low if low < 0 else int(array.max())
        raise InputError(f"{where(row)}: an edge names vertex {bad}; number vertices from 0")
    return array.astype(np.int64, copy=False)


def _shape_of(array: np.ndarray, where: Callable[[int], str], row: int) -> str:
    """One of the shapes; "" for no edges."""
    if not array.size:
        return ""
    if array.ndim == 1 and len(array) % 2 == 0:
        return FLAT
    if array.shape == (2, 2):
        return EITHER
    if array.ndim == 2 and array.shape[0] == 2:
        return BY_END
    if array.ndim == 2 and array.shape[1] == 2:
        return BY_EDGE
    raise InputError(
        f"{where(row)}: edge_index has shape {array.shape}; need [2][edges] or [edges][2]"
    )


def _turned(array: np.ndarray, shape: str) -> np.ndarray:
    if not array.size:
        return np.zeros((2, 0), dtype=np.int64)
    if shape == BY_EDGE:
        return array.T
    return array.reshape(2, -1)
