"""Points, and what k-means asks of them: distances, the nearest of some centres, means.

Distances are rounded and ties broken as by scikit-learn's `KMeans` (see `kmeans.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.features import is_sparse

if TYPE_CHECKING:
    from tvgnn_cli.kernels import Steps

TOLERANCE = 1e-4
"""Squared shift of all centres, over the mean variance of a feature, at which they have settled."""

BLOCK = 2**12
"""Points whose distances to all centres are held at once."""

KEPT = 2**21
"""Numbers of dense points up to which they are kept in double precision too."""

NO_LABELS = np.empty(0, dtype=np.int64)

SIDE_BY_SIDE = 4
"""Squares of differences that are added to each other before they are added to the others."""


class Points:
    """Points `[n, f]`, and what every start needs of them.

    Args:
        x: float32 or float64, dense or CSR. Dense points are moved so that their mean is 0, which
            keeps digits of the distances.
    """

    def __init__(self, x: Any) -> None:
        self.is_sparse = is_sparse(x)
        if self.is_sparse:
            self.x = sp.csr_array(x)
            mean = self.x.mean(axis=0)
            variance = self.x.multiply(self.x).mean(axis=0) - mean**2
        else:
            self.x = np.ascontiguousarray(x) - x.mean(axis=0)
            variance = np.var(self.x, axis=0)
        self.tolerance = float(np.mean(variance) * TOLERANCE)
        self._kept: list[tuple[slice, Any, np.ndarray]] | None = None

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def rows(self, which: np.ndarray) -> np.ndarray:
        """Some points, dense, `[len(which), f]`."""
        found = self.x[which]
        return np.asarray(found.toarray() if self.is_sparse else found)

    def blocks(self) -> Iterator[tuple[slice, Any]]:
        """All points, in blocks, with their places."""
        for first in range(0, len(self), BLOCK):
            place = slice(first, first + BLOCK)
            yield place, self.x[place]

    def squared_distances(self, others: np.ndarray) -> np.ndarray:
        """From `others` `[m, f]` to all points, `[m, n]`, computed in double precision."""
        ends = others.astype(np.float64)
        found = np.empty((len(others), len(self)), dtype=self.x.dtype)
        for place, block, norms in self._doubles():
            between = -2 * _transposed_product(ends, block)
            between += _squared_norms(ends)[:, None]
            between += norms[None, :]
            found[:, place] = between
        return np.maximum(found, 0, out=found)

    def lloyd(self, labels: np.ndarray, centres: np.ndarray, most: int) -> Steps | None:
        """Take steps of Lloyd's iteration, up to `most`, that compiled passes can take; labels and
        centres are changed in place.
        """
        if self.is_sparse or not _kernels_are_near():
            return None
        from tvgnn_cli.kernels import lloyd

        return lloyd(self.x, labels, centres, self.tolerance, most)

    def _doubles(self) -> Iterable[tuple[slice, Any, np.ndarray]]:
        """All points in double precision, in blocks, with their places and squared lengths."""
        if self.is_sparse or self.x.size > KEPT:
            return map(_double, self.blocks())
        if self._kept is None:
            self._kept = [_double(block) for block in self.blocks()]
        return self._kept


def _double(found: tuple[slice, Any]) -> tuple[slice, Any, np.ndarray]:
    place, block = found
    block = block.astype(np.float64, copy=False)
    return place, block, _squared_norms(block)


def nearest(points: Points, centres: np.ndarray) -> np.ndarray:
    """The nearest of the centres `[k, f]` to each point, the first of several, int64 `[n]`."""
    norms = _squared_norms(centres)
    found = [_nearest_of(block @ centres.T, norms) for _, block in points.blocks()]
    return found[0] if len(found) == 1 else np.concatenate([*found, NO_LABELS])


def _nearest_of(inner: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """The same, given the products of points and centres `[n, k]`."""
    if _kernels_are_near():
        from tvgnn_cli.kernels import nearest_centres

        found = nearest_centres(inner, norms)
        if found is not None:
            return found
    return np.asarray(np.argmin(norms - 2 * inner, axis=1))


def means(points: Points, labels: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The mean of each cluster's points, `[k, f]`; a cluster that none is nearest to takes the
    point that is farthest from its own centre.
    """
    sums, sizes = _sums(points, labels, len(centres))
    if (sizes == 0).any():
        _fill_empty(points, labels, centres, sums, sizes)
    scale = 1 / np.maximum(sizes, 1).astype(sums.dtype)
    return np.asarray(sums * scale[:, None])


def _sums(points: Points, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The sum of each cluster's points, added in their order, `[k, f]`, and how many it has."""
    if not points.is_sparse and _kernels_are_near():
        from tvgnn_cli.kernels import sums_of_clusters

        found = sums_of_clusters(points.x, labels, k)
        if found is not None:
            return found
    sizes = np.bincount(labels, minlength=k)
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    members = np.argsort(labels, kind="stable")
    one = np.ones(len(labels), dtype=points.x.dtype)
    sums = sp.csr_array((one, members, bounds), shape=(k, len(labels))) @ points.x
    return (sums.toarray() if points.is_sparse else sums), sizes


def _kernels_are_near() -> bool:
    """Tell whether compiled passes can be had without the import of torch, which takes longer than
    to cluster a small graph without them.
    """
    return "torch" in sys.modules


def _fill_empty(
    points: Points, labels: np.ndarray, centres: np.ndarray, sums: np.ndarray, sizes: np.ndarray
) -> None:
    """Move the farthest points into the clusters that are empty, one each."""
    empty = np.flatnonzero(sizes == 0)
    distances = _to_own_centre(points, labels, centres)
    if not distances.max() > 0:
        return  # fewer distinct points than clusters
    far = np.argpartition(distances, -len(empty))[: -len(empty) - 1 : -1]
    rows = points.rows(far)
    for new, point, row in zip(empty, far, rows, strict=True):
        sums[labels[point]] -= row
        sums[new] = row
        sizes[labels[point]] -= 1
        sizes[new] = 1


def _to_own_centre(points: Points, labels: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The squared distance of each point to the centre of its cluster, `[n]`."""
    found = np.empty(len(points), dtype=points.x.dtype)
    for place, block in points.blocks():
        own = labels[place]
        if points.is_sparse:
            inner = block.multiply(centres[own]).sum(axis=1)
            found[place] = _squared_norms(block) - 2 * inner + _squared_norms(centres)[own]
        else:
            found[place] = _squares(block - centres[own])
    return np.maximum(found, 0, out=found)


def inertia(points: Points, labels: np.ndarray, centres: np.ndarray) -> float:
    """Summed in the order of the points, in their precision: starts that find the same clusters
    differ by what is rounded, and the one that is kept must not depend on the machine.
    """
    return float(np.add.accumulate(_to_own_centre(points, labels, centres))[-1])


def _squares(rows: np.ndarray) -> np.ndarray:
    """The squared length of each row, added up from the left by fours, `[n]`."""
    squared = rows * rows
    total = np.zeros(len(rows), dtype=rows.dtype)
    whole = rows.shape[1] // SIDE_BY_SIDE * SIDE_BY_SIDE
    for first in range(0, whole, SIDE_BY_SIDE):
        a, b, c, d = squared[:, first : first + SIDE_BY_SIDE].T
        total += a + b + c + d
    for column in range(whole, rows.shape[1]):
        total += squared[:, column]
    return total


def lengths(rows: np.ndarray) -> np.ndarray:
    """Length of each row, `[n]`."""
    return np.asarray(np.sqrt(_squares(rows)))


def _squared_norms(rows: Any) -> np.ndarray:
    """The squared length of each row, dense or CSR, `[n]`."""
    if is_sparse(rows):
        return np.asarray(rows.multiply(rows).sum(axis=1))
    return np.asarray(np.einsum("ij,ij->i", rows, rows))


def _transposed_product(left: np.ndarray, right: Any) -> np.ndarray:
    """`left @ right.T` for dense `left` `[m, f]` and dense or CSR `right` `[n, f]`."""
    return np.asarray((right @ left.T).T if is_sparse(right) else left @ right.T)
