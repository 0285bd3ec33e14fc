"""Features and labels of vertices in a table with a row for each graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.graph.graph_set import Category
from tvgnn_cli.io.graph_sets.records import Records
from tvgnn_cli.io.graph_sets.words import category_names, category_of
from tvgnn_cli.io.source import is_number


@dataclass(frozen=True, eq=False)
class RowFeatures:
    """Numbers and kinds of the vertices of all graphs, as a table has them.

    Args:
        lengths: vertices of each graph by these; None where they do not say.
        attributes: `[n, a]`; None for none.
        categories: kinds of vertices.
        notes: sentences that the summary shows.
    """

    lengths: list[int | None]
    attributes: np.ndarray | None = None
    categories: tuple[Category, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def num_rows(self) -> int:
        """Vertices in all, as far as they are known."""
        return sum(length or 0 for length in self.lengths)


def features_of_rows(records: Records) -> RowFeatures:
    """Numbers and kinds of vertices: `x` is numbers, but kinds where all of it is whole numbers;
    `node_labels` is kinds.

    Raises:
        InputError: lists of different lengths, values that are no numbers, graphs without them.
    """
    x, labels = (_matrices(records, name) for name in ("x", "node_labels"))
    lengths: list[int | None] = [None] * len(records.places)
    for matrices in (x, labels):
        for row, matrix in enumerate(matrices or ()):
            if lengths[row] not in (None, len(matrix)):
                raise InputError(
                    f"{records.where(row)}: {records.names['x']} has {lengths[row]} vertices, and "
                    f"{records.names['node_labels']} {len(matrix)}"
                )
            lengths[row] = len(matrix)
    kinds, notes, attributes = [] if labels is None else _joined(labels), [], None
    if x is not None and any(matrix.dtype.kind == "f" for matrix in x if matrix.size):
        attributes = np.concatenate([matrix.astype(np.float64) for matrix in x])
    elif x is not None and any(matrix.size for matrix in x):
        notes = [f"vertex labels: {records.names['x']}, whole numbers, a kind of vertex each"]
        kinds = [*kinds, *_joined(x)]
    names = category_names(len(kinds))
    return RowFeatures(lengths, attributes, tuple(map(category_of, names, kinds)), tuple(notes))


def _joined(matrices: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The columns, over all graphs."""
    there = [matrix for matrix in matrices if matrix.size]
    if len({matrix.dtype.kind for matrix in there}) > 1:
        there = [matrix.astype(str) for matrix in there]
    return list(np.concatenate(there).T) if there else []


def _matrices(records: Records, name: str) -> list[np.ndarray] | None:
    """A matrix `[n, columns]` for each graph; None where there is no such column, or no value."""
    values = records.columns.get(name)
    if values is None or all(value is None for value in values):
        return None
    called = records.names[name]
    found = [_matrix(v, f"{records.where(row)}: {called}") for row, v in enumerate(values)]
    first = next((row for row, matrix in enumerate(found) if len(matrix)), None)
    if first is None:
        return found
    width, kinds = found[first].shape[1], "iufb" if name == "x" else "iubU"
    for row, matrix in enumerate(found):
        if len(matrix) and matrix.shape[1] != width:
            raise InputError(
                f"{records.where(row)}: {called} has {matrix.shape[1]} columns, but {width} in "
                f"{records.places[first]}"
            )
        if matrix.size and matrix.dtype.kind not in kinds:
            what = "numbers" if name == "x" else "whole numbers or words"
            odd = odd_one(matrix, "vertex", kinds)
            raise InputError(f"{records.where(row)}: {called} is not of {what}: {odd}")
    return [m if len(m) else np.zeros((0, width), dtype=found[first].dtype) for m in found]


def odd_one(values: np.ndarray, what: str, kinds: str, first: int = 0) -> str:
    """The first value of the wrong type, in words: `vertex 3 has 'None'`.

    Args:
        values: of vertices or edges, `[rows, ...]`, some of them of another type.
        what: they are of.
        kinds: of the types that would do, as numpy's letters say them.
        first: number of the first row.
    """
    rows = [(i, value) for i, row in enumerate(values) for value in np.ravel(row).tolist()]
    odd = [(i, value) for i, value in rows if np.asarray(value).dtype.kind not in kinds]
    # Of a list with words all is text for numpy, its numbers too.
    words = [each for each in odd if not isinstance(each[1], str) or not is_number(each[1])]
    row, value = (words or odd or rows)[0]
    return f"{what} {row + first} has {shown(value, 40)}"


def _matrix(value: Any, where: str) -> np.ndarray:
    """A list of lists, or of one value for each vertex, as a matrix."""
    if value is None:
        raise InputError(f"{where} has no value, but other graphs have one")
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError):
        raise InputError(f"{where} has lists of different lengths") from None
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or (len(array) and not array.shape[1]):
        raise InputError(f"{where} has shape {array.shape}; need a list for each vertex")
    return array
