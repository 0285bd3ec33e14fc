"""Edges of vertices that are numbered from 0, in arrays of any of the shapes in use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.edges import check_weights
from tvgnn_cli.io.times import kind_of_times

SHAPES = (
    "edges are an array (2, edges) or (edges, 2), with weights (edges, 3); an adjacency matrix is "
    "square"
)
TIMES_IN = 1000
"""Values of a column that are looked at to tell times from weights."""


@dataclass(frozen=True, eq=False)
class EdgeArray:
    """Ends of edges, int64 `[m]`, their weights where there are any, and what is said of them."""

    tail: np.ndarray
    head: np.ndarray
    weight: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def num_vertices(self) -> int:
        """One more than the highest number."""
        return int(max(self.tail.max(initial=-1), self.head.max(initial=-1))) + 1


def check_type(values: np.ndarray, label: str, name: str = "") -> None:
    """Refuse ends of edges that are no numbers; arguments as of `edges_of_array`.

    Raises:
        InputError: they are texts, times or truth values.
    """
    if values.dtype.kind not in "iuf":
        what = f"{name} has" if name else "has"
        raise InputError(
            f"{label}: {what} dtype {values.dtype}, not integers; ids of text are for an edge list"
        )


def edges_of_array(values: np.ndarray, label: str, name: str = "") -> EdgeArray:
    """Edges `[2, m]`, `[m, 2]`, `[m, 3]` or `[3, m]`, whole numbers, a third one being the weight.

    Args:
        values: the array.
        label: the file, for messages.
        name: of the array in its archive.

    Raises:
        InputError: another shape, ends that are no whole numbers, weights that are no similarities.
    """
    what = f"{name} has" if name else "has"
    if values.ndim != 2 or not {2, 3} & set(values.shape):
        raise InputError(f"{label}: {what} shape {values.shape}; {SHAPES}")
    check_type(values, label, name)
    width = 2 if 2 in values.shape else 3
    by_row = values.shape[1] == width and values.shape[0] != width
    by_row = by_row or (width == 3 and values.shape == (3, 3))
    columns = values.T if by_row else values
    tail, head = (_numbers(column, label, what) for column in columns[:2])
    if width == 2:
        note = f"edges: an array {values.shape} is taken for two edges, one in each column"
        return EdgeArray(tail, head, None, (note,) if values.shape == (2, 2) else ())
    weight = columns[2].astype(np.float64)
    times = kind_of_times(weight[:TIMES_IN]) if len(weight) else None
    which = "column" if by_row else "row"
    if times is not None:
        told = f"the third {which} looks like {times}, and is not read: edges count alike"
        return EdgeArray(tail, head, None, (told,))
    check_weights(weight, f"{label}: the third {which}")
    return EdgeArray(tail, head, weight, (f"weights: the third {which} of the array",))


def _numbers(column: np.ndarray, label: str, what: str) -> np.ndarray:
    """Vertex numbers, which fractions without digits after the point are too."""
    bad = np.flatnonzero(~((column >= 0) & (column < 2**53) & (column == np.floor(column))))
    if len(bad):
        value = column[bad[0]]
        if value < 0:
            raise InputError(f"{label}: an edge names vertex {value:g}; number vertices from 0")
        raise InputError(
            f"{label}: {what} an end {value:g} (edge {bad[0] + 1}); ends are whole numbers from 0"
        )
    return column.astype(np.int64)
