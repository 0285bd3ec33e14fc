"""Features `[n, f]` in their three forms, dense, CSR and in a file, asked in one way.

What differs between them is known here and in `stored_features.py`; what learns from features asks
for their dense form, the numbers that they hold, or a summary of their columns.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.stored_features import StoredFeatures

LARGE = 2**25
"""Bytes that intermediate results of large graphs may take, each."""


MANY = 2**20
"""Values that are worked on block by block if there are more, so that a block stays in a cache."""


class Columns(Protocol):
    """A summary of columns: arrays `[f]`, but for what is said of all values."""

    @property
    def nonzero(self) -> np.ndarray:
        """Vertices where a column is not 0."""

    @property
    def mean(self) -> np.ndarray:
        """Mean, float64."""

    @property
    def spread(self) -> np.ndarray:
        """Standard deviation, float64."""

    @property
    def varies(self) -> np.ndarray:
        """Columns whose values are not all the same, as a mask."""

    @property
    def low(self) -> np.ndarray:
        """Smallest value."""

    @property
    def high(self) -> np.ndarray:
        """Largest value."""

    @property
    def lowest(self) -> float:
        """Smallest value of all."""

    @property
    def whole(self) -> bool:
        """Tell whether all values are whole numbers."""


def is_sparse(x: Any) -> bool:
    """Tell whether features are in CSR form."""
    return bool(sp.issparse(x))


def is_stored(x: Any) -> bool:
    """Tell whether features stay in their file."""
    return isinstance(x, StoredFeatures)


def as_dense(x: Any) -> np.ndarray:
    """Features, dense or CSR, as a dense array `[n, f]`."""
    dense: np.ndarray = x.toarray() if sp.issparse(x) else x
    return dense


def values_of(x: Any) -> np.ndarray:
    """The numbers that features, dense or CSR, hold: zeros that CSR leaves out are not among
    them.
    """
    held: np.ndarray = x.data if sp.issparse(x) else x
    return held


def columns_of(x: Any) -> Columns:
    """The summary of the columns of features in any form."""
    return x.columns if isinstance(x, StoredFeatures) else _InMemory(x)


def column_blocks(x: np.ndarray, most: int = LARGE) -> list[slice]:
    """The columns of `x [n, f]` in blocks of up to `most` bytes, of 8 columns at least."""
    width = max(most // max(x.shape[0] * x.itemsize, 1), 8)
    return [slice(first, first + width) for first in range(0, x.shape[1], width)]


def row_blocks(x: np.ndarray) -> list[slice]:
    """The rows of `x [n]` or `[n, f]` in blocks of `MANY / 16` values."""
    rows = max(MANY // 16 // max(x.size // max(len(x), 1), 1), 1)
    return [slice(first, first + rows) for first in range(0, len(x), rows)]


class _InMemory:
    """A summary that is made as far as it is asked for."""

    def __init__(self, x: Any) -> None:
        self.x = x

    @property
    def nonzero(self) -> np.ndarray:
        return np.asarray((self.x != 0).sum(axis=0)).ravel()

    @cached_property
    def _dense(self) -> np.ndarray:
        return as_dense(self.x)

    @property
    def mean(self) -> np.ndarray:
        return np.asarray(self._dense.mean(axis=0, dtype=np.float64))

    @property
    def spread(self) -> np.ndarray:
        x = self._dense
        if x.size <= MANY:
            return np.asarray(x.std(axis=0, dtype=np.float64))
        squares, mean = np.zeros(x.shape[1]), self.mean
        for rows in row_blocks(x):
            away = x[rows] - mean
            squares += np.einsum("ij,ij->j", away, away)
        return np.sqrt(squares / len(x))

    @property
    def varies(self) -> np.ndarray:
        # A constant column's computed spread may be the rounding error of its mean.
        x = self._dense
        varies = np.zeros(x.shape[1], dtype=bool)
        for rows in row_blocks(x):
            varies |= (x[rows] != x[:1]).any(axis=0)
        return varies

    @property
    def low(self) -> np.ndarray:
        return np.asarray(self._dense.min(axis=0))

    @property
    def high(self) -> np.ndarray:
        return np.asarray(self._dense.max(axis=0))

    @property
    def lowest(self) -> float:
        return float(values_of(self.x).min(initial=0))

    @property
    def whole(self) -> bool:
        values = values_of(self.x)
        return bool((values == np.round(values)).all())
