"""Clusters of a graph's vertices on their way from what was found to what is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tvgnn_cli.graph.labels import UNKNOWN


@dataclass(frozen=True, eq=False)
class Clustering:
    """Clusters, with the numbers that they go by.

    Args:
        labels: place of each vertex's cluster, int64 `[n]`, from 0 to k - 1; -1 for none.
        assignment: soft assignment S, float32 `[n, k]`; None of a method that has none.
        numbers: of the clusters, rising, int64 `[k]`.
        found: place of each cluster that was found, int64 `[found]`: several of those that were
            merged are one.
        titles: what clusters are called beside their numbers, `[k]`; empty for nothing else.
    """

    labels: np.ndarray
    assignment: np.ndarray | None
    numbers: np.ndarray
    found: np.ndarray
    titles: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, labels: np.ndarray, assignment: np.ndarray | None, k: int | None = None
    ) -> Clustering:
        """The clusters as they were found, numbered from 0.

        Args:
            labels: `[n]`.
            assignment: `[n, k]`, or None.
            k: clusters; None for as many as S has columns, or labels have numbers.
        """
        if k is None:
            k = int(labels.max()) + 1 if assignment is None else assignment.shape[1]
        return cls(labels, assignment, np.arange(k), np.arange(k))

    @classmethod
    def of_columns(
        cls, assignment: np.ndarray, numbers: Sequence[int], titles: Sequence[str] = ()
    ) -> Clustering:
        """The clusters of a network whose columns have numbers; those of one number are one
        cluster, whose probability is their sum.

        Args:
            assignment: `[n, columns]`.
            numbers: of the columns; empty for 0, 1, 2, ...
            titles: what each column's cluster is called; empty for nothing else.
        """
        if not len(numbers):
            return cls.of(assignment.argmax(axis=1), assignment)
        known, first, found = np.unique(
            np.asarray(numbers, dtype=np.int64), return_index=True, return_inverse=True
        )
        summed = summed_columns(assignment, found, len(known))
        called = tuple(titles[i] for i in first) if len(titles) else ()
        return cls(found[assignment.argmax(axis=1)], summed, known, found, called)

    @property
    def k(self) -> int:
        return len(self.numbers)

    @property
    def by_number(self) -> np.ndarray:
        """The number of each vertex's cluster, int64 `[n]`; -1 for none."""
        if self.is_plain:
            return self.labels
        found: np.ndarray = np.append(self.numbers, UNKNOWN)[self.labels]
        return found

    @property
    def is_plain(self) -> bool:
        """Tell whether clusters are numbered 0, 1, 2, ..."""
        return bool((self.numbers == np.arange(self.k)).all())

    def numbered(self, numbers: np.ndarray, titles: Sequence[str] = ()) -> Clustering:
        """The same clusters by other numbers, distinct, `[k]`; and what they are called."""
        order = np.argsort(numbers)
        place = np.argsort(order)
        return replace(
            self,
            labels=np.append(place, UNKNOWN)[self.labels],
            assignment=None if self.assignment is None else self.assignment[:, order],
            numbers=numbers[order],
            found=place[self.found],
            titles=tuple(titles[i] for i in order) if len(titles) else (),
        )


def summed_columns(assignment: np.ndarray, place: np.ndarray, k: int) -> np.ndarray:
    """Columns of a soft assignment with those of one place summed, float32 `[n, k]`.

    Args:
        assignment: `[n, columns]`.
        place: of each column, from 0 to k - 1, `[columns]`.
        k: places.
    """
    if np.array_equal(place, np.arange(k)):
        return assignment
    summed = np.zeros((len(assignment), k), dtype=assignment.dtype)
    for column, to in enumerate(place.tolist()):
        summed[:, to] += assignment[:, column]
    return summed
