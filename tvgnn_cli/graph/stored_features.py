"""Features that stay in their file and are read block by block, as often as they are needed.

Files are read and not mapped: mapped pages count as the process's memory while they are in use, and
a file that shrinks meanwhile would end the process without a word.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest

STORED_BYTES = 2**28
"""Bytes of features, as float32, from which they stay in their file."""

BLOCK_BYTES = 2**25
"""Bytes of a block, as float32."""

BLURRED = 1e-4
"""Error of float32, as a share of a column's range, from which float64 is needed."""


@dataclass(frozen=True, eq=False)
class Summary:
    """Statistics of each column from one pass over the features, arrays of `[f]`.

    Args:
        low, high: smallest and largest value.
        mean, spread: mean and standard deviation.
        nonzero: vertices where it is not 0.
        whole: whether all values are whole numbers.
    """

    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    nonzero: np.ndarray
    whole: bool

    @property
    def lowest(self) -> float:
        """Smallest value of all."""
        return float(self.low.min())

    @property
    def varies(self) -> np.ndarray:
        """Columns whose values are not all the same, as a mask."""
        return self.high > self.low

    def of_columns(self, order: np.ndarray) -> Summary:
        """Reorder to the columns of a graph: column i is that of `order[i]`."""
        low, high, mean = self.low[order], self.high[order], self.mean[order]
        return Summary(low, high, mean, self.spread[order], self.nonzero[order], self.whole)


@dataclass(frozen=True, eq=False)
class StoredFeatures(ABC):
    """Features `[n, f]` in a file.

    Args:
        label: the file, as the user named it.
        shape: `(n, f)`.
        vertices: the vertex of each of the file's rows, `[n]`.
        dtype: what values are read as: float32, or float64 where float32 would blur a column;
            None for what they are.
        summary: of the columns; `surveyed` makes it.
    """

    label: str
    shape: tuple[int, int]
    vertices: np.ndarray
    dtype: Any = np.float32
    summary: Summary | None = None

    @abstractmethod
    def rows(self, count: int) -> Iterator[np.ndarray]:
        """So many rows at a time, `[count, f]`, in the file's order and type."""

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Vertices `[b]` and their features `[b, f]`, every vertex once.

        Raises:
            InputError: the file has become shorter, or cannot be read any more.
        """
        n, width = self.shape
        first = 0
        for values in self.rows(max(BLOCK_BYTES // (4 * width), 1)):
            last = first + len(values)
            yield self.vertices[first:last], _as(values, self.dtype)
            first = last
        if first != n:
            raise InputError(f"{self.label}: {first:,} rows where there were {n:,}; it has changed")

    @property
    def columns(self) -> Summary:
        """The summary.

        Raises:
            ValueError: the features have not been `surveyed`.
        """
        if self.summary is None:
            raise ValueError(f"{self.label}: not surveyed")
        return self.summary

    def __getitem__(self, order: np.ndarray) -> Self:
        """The same file's features for vertices in another order: row i is that of `order[i]`."""
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        return replace(self, vertices=rank[self.vertices])

    def with_columns(self, order: np.ndarray) -> Self:
        """The same file's features with those of the columns, in that order.

        Raises:
            NotImplementedError: the file has no names to ask for them by.
        """
        raise NotImplementedError(f"{self.label}: columns without names")

    def surveyed(self, ids: np.ndarray) -> Self:
        """With the summary and the type of its values, by one pass over the file.

        Raises:
            InputError: values that are not finite numbers, naming the first vertex with one.
        """
        width = self.shape[1]
        low, high = np.full(width, np.inf), np.full(width, -np.inf)
        mean, squares, error = np.zeros(width), np.zeros(width), np.zeros(width)
        nonzero, seen, whole = np.zeros(width, dtype=np.int64), 0, True
        unusable: list[int] = []
        for vertices, values in replace(self, dtype=None).blocks():
            with np.errstate(over="ignore"):
                small = values.astype(np.float32, copy=False)
            if not np.isfinite(small).all():
                unusable += vertices[~np.isfinite(small).all(axis=1)].tolist()
                continue
            low, high = np.minimum(low, values.min(axis=0)), np.maximum(high, values.max(axis=0))
            nonzero += np.count_nonzero(values, axis=0)
            whole = whole and bool((values == np.round(values)).all())
            if np.can_cast(values.dtype, np.float32):
                values = small
            else:
                values = values.astype(np.float64)
                error = np.maximum(error, np.abs(values - small).max(axis=0))
            # Means and squares of two sets from those of each: Chan, Golub & LeVeque, "Updating
            # formulae and a pairwise algorithm for computing sample variances", 1979.
            count, block_mean = len(values), values.mean(axis=0, dtype=np.float64)
            centred = values - block_mean.astype(values.dtype)
            squares += np.square(centred, out=centred).sum(axis=0, dtype=np.float64)
            squares += (block_mean - mean) ** 2 * (seen * count / (seen + count))
            mean += (block_mean - mean) * (count / (seen + count))
            seen += count
        if unusable:
            culprits = first_and_rest([str(ids[i]) for i in sorted(unusable)])
            raise InputError(f"{self.label}: features of vertex {culprits} are not finite numbers")
        blurred = bool(((error > BLURRED * (high - low)) & (error > 0)).any())
        return replace(
            self,
            dtype=np.float64 if blurred else np.float32,
            summary=Summary(low, high, mean, np.sqrt(squares / seen), nonzero, whole),
        )


def _as(values: np.ndarray, dtype: Any) -> np.ndarray:
    return values if dtype is None else values.astype(dtype, copy=False)
