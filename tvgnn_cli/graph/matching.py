"""Clusters of two labellings of the same vertices, matched one to one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.agreement import counted_pairs

NONE = -1
"""Label of a vertex that a labelling does not have, and match of a cluster without one."""


@dataclass(frozen=True, eq=False)
class Overlap:
    """Vertices that clusters of two partitions share, of those that have a cluster in both.

    Args:
        one: cluster of the one partition, of each pair that shares any, `[p]`.
        other: that of the other partition, `[p]`.
        shared: vertices in both, int64 `[p]`.
        ones, others: clusters of either partition.
    """

    one: np.ndarray
    other: np.ndarray
    shared: np.ndarray
    ones: int
    others: int

    @property
    def of_one(self) -> np.ndarray:
        """Vertices of each cluster of the one partition that have a cluster in the other,
        `[ones]`.
        """
        return np.bincount(self.one, self.shared, self.ones).astype(np.int64)

    @property
    def of_other(self) -> np.ndarray:
        """The same of the other partition, `[others]`."""
        return np.bincount(self.other, self.shared, self.others).astype(np.int64)


def overlap_of(one: np.ndarray, other: np.ndarray, ones: int, others: int) -> Overlap:
    """Count the vertices that clusters share.

    Args:
        one: clusters of vertices, `[n]`; `NONE` for none.
        other: other clusters of the same ones.
        ones: number of the former clusters.
        others: number of the latter.
    """
    return Overlap(*common(one, other), ones, others)


def matching(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The cluster that each of the others is matched with, see `best_matching`, `[k]`.

    Args:
        labels: clusters, `[n]`, `NONE` for a vertex without.
        others: those to be matched, the same.
    """
    return best_matching(overlap_of(others, labels, count_of(others), count_of(labels)))


def best_matching(overlap: Overlap) -> np.ndarray:
    """The cluster of the other partition that each of the one is matched with, one to one, so that
    matched clusters share as many vertices as can be: int64 `[ones]`, `NONE` for none. Clusters
    that share no vertex are not matched.

    It takes memory by pairs that share a vertex, whatever the numbers of clusters: a shortest
    augmenting path on the sparse graph of these, where each cluster has one more partner, which is
    none. Pairs of which either cluster may be matched with the other alone are none of it.

    Source: Kuhn, "The Hungarian method for the assignment problem", 1955; Jonker & Volgenant, "A
    shortest augmenting path algorithm for dense and sparse linear assignment problems", 1987.
    """
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    pairs = np.stack([overlap.one, overlap.other, overlap.shared])
    pairs = pairs[:, _not_behind(pairs[0], pairs[1], pairs[2])]
    pairs = pairs[:, _not_behind(pairs[1], pairs[0], pairs[2])]
    found = np.full(overlap.ones, NONE, dtype=np.int64)
    one, other, shared = pairs
    is_only = (np.bincount(one)[one] == 1) & (np.bincount(other)[other] == 1)
    found[one[is_only]] = other[is_only]
    one, other, shared = one[~is_only], other[~is_only], shared[~is_only]
    rows, at = np.unique(one, return_inverse=True)
    if not len(rows):
        return found
    # Each may also go to a place of its own, which is to be alone. All pay one more, as a weight of
    # 0 would be no edge.
    count, own = len(rows), int(other.max()) + 1
    table = sp.csr_array(
        (
            np.concatenate([shared + 1.0, np.ones(count)]),
            (np.append(at, np.arange(count)), np.append(other, own + np.arange(count))),
        ),
        shape=(count, own + count),
    )
    row, place = min_weight_full_bipartite_matching(table, maximize=True)
    found[rows[row]] = np.where(place < own, place, NONE)
    return found


def _not_behind(ends: np.ndarray, others: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Tell of each pair whether it may be matched: of clusters that all have their one neighbour in
    common, the largest alone may. Without that, many clusters of one vertex would take for ever.
    """
    is_single = np.bincount(ends, minlength=1)[ends] == 1
    order = np.lexsort((ends, -counts, others, ~is_single))
    order = order[: np.count_nonzero(is_single)]
    _, first = np.unique(others[order], return_index=True)
    may = np.asarray(~is_single)
    may[order[first]] = True
    return may


def common(labels: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of clusters with common vertices, and how many."""
    both = (labels >= 0) & (others >= 0)
    if not both.all():
        labels, others = labels[both], others[both]
    if not len(labels):
        return tuple(np.zeros(0, dtype=np.int64) for _ in range(3))  # type: ignore[return-value]
    return counted_pairs(labels.astype(np.int64), others.astype(np.int64))


def count_of(labels: np.ndarray) -> int:
    """Count clusters, of which the last has a vertex."""
    return int(labels.max(initial=NONE)) + 1
