"""Clusters that overlap: all that a vertex has a probability above a bound of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.shaping.clustering import Clustering


@dataclass(frozen=True, eq=False)
class Memberships:
    """Clusters of vertices.

    Args:
        kinds: sets of clusters that occur, as tuples of rising numbers, object array `[kinds]`.
        of: kind of each vertex, `[n]`.
    """

    kinds: np.ndarray
    of: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """Clusters that each vertex is in, `[n]`."""
        counts = np.array([len(kind) for kind in self.kinds.tolist()], dtype=np.int64)
        found: np.ndarray = counts[self.of]
        return found

    def column(self) -> np.ndarray:
        """The clusters of each vertex, object array `[n]` of tuples."""
        found: np.ndarray = self.kinds[self.of]
        return found


def memberships(clusters: Clustering, above: float) -> Memberships:
    """The clusters of each vertex: those of a probability above a bound, and its hard cluster, if
    it has one.

    Args:
        clusters: with a soft assignment.
        above: the bound, 0 to 1.
    """
    assert clusters.assignment is not None
    is_in = clusters.assignment > above
    rows = np.flatnonzero(clusters.labels != UNKNOWN)
    is_in[rows, clusters.labels[rows]] = True
    packed = np.packbits(is_in, axis=1)
    words = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").ravel()
    _, first, of = np.unique(words, return_index=True, return_inverse=True)
    kinds = np.empty(len(first), dtype=object)
    kinds[:] = [tuple(clusters.numbers[is_in[row]].tolist()) for row in first.tolist()]
    return Memberships(kinds, of)
