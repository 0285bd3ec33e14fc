"""The best matching of clusters with those of an earlier partition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from tvgnn_cli.graph.agreement import counted_pairs
from tvgnn_cli.graph.labels import MOST_NUMBER, UNKNOWN

NOBODY = np.empty(0, dtype=np.int64)


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
        one: clusters of vertices, int64 `[n]`; -1 for none.
        other: other clusters of the same ones.
        ones: number of the former clusters.
        others: number of the latter.
    """
    there = (one != UNKNOWN) & (other != UNKNOWN)
    if not there.any():
        return Overlap(NOBODY, NOBODY, NOBODY, ones, others)
    return Overlap(*counted_pairs(one[there], other[there]), ones, others)


def best_matching(overlap: Overlap) -> np.ndarray:
    """The cluster of the other partition that each of the one is matched with, one to one, so that
    matched clusters share as many vertices as can be: int64 `[ones]`, -1 for none. Clusters that
    share no vertex are not matched.

    It takes memory by pairs that share a vertex, whatever the numbers of clusters: a shortest
    augmenting path on the sparse graph of these, where each cluster has one more partner, which is
    none.

    Source: Kuhn, "The Hungarian method for the assignment problem", 1955; Jonker & Volgenant, "A
    shortest augmenting path algorithm for dense and sparse linear assignment problems", 1987.
    """
    ones, others = overlap.ones, overlap.others
    if not len(overlap.one):
        return np.full(ones, UNKNOWN)
    # An explicit 0 would be no edge: what is shared is taken from one more than the most.
    most = float(overlap.shared.max()) + 1
    rows = np.concatenate([overlap.one, np.arange(ones)])
    columns = np.concatenate([overlap.other, others + np.arange(ones)])
    cost = np.concatenate([most - overlap.shared, np.full(ones, most)])
    graph = sp.csr_array((cost, (rows, columns)), shape=(ones, others + ones))
    matched_rows, matched = min_weight_full_bipartite_matching(graph)
    found = np.full(ones, UNKNOWN)
    found[matched_rows] = np.where(matched < others, matched, UNKNOWN)
    return found


def numbers_after(
    matched: np.ndarray, numbers: np.ndarray, order: np.ndarray | None = None
) -> np.ndarray:
    """The number of each cluster: that of the earlier cluster which it is matched with, and for
    others the next ones above all earlier numbers, int64 `[k]`; the smallest that are free where
    those would be beyond `MOST_NUMBER`. Numbers of clusters that are gone are given to no other.

    Args:
        matched: the earlier cluster of each, `[k]`; -1 for none.
        numbers: of the earlier clusters.
        order: clusters in the order in which new ones are numbered; None for as they are.
    """
    found = np.where(matched == UNKNOWN, UNKNOWN, np.append(numbers, UNKNOWN)[matched])
    order = np.arange(len(matched)) if order is None else order
    new = order[matched[order] == UNKNOWN]
    found[new] = _free_numbers(numbers, len(new))
    return found


def _free_numbers(taken: np.ndarray, count: int) -> np.ndarray:
    """So many numbers that are not taken, rising: the next ones above, if `MOST_NUMBER` allows."""
    first = int(taken.max(initial=-1)) + 1
    if first + count - 1 <= MOST_NUMBER:
        return first + np.arange(count)
    return np.setdiff1d(np.arange(count + len(taken)), taken)[:count]
