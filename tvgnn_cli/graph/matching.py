"""Clusters of two labellings of the same vertices, matched one to one."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.agreement import counted_pairs

NONE = -1
"""Label of a vertex that a labelling does not have, and match of a cluster without one."""


def matching(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The cluster that each of the others is matched with, one to one, so that most vertices are in
    clusters that belong together, `[k]`; `NONE` where nothing is left, or nothing in common.

    Args:
        labels: clusters, `[n]`, `NONE` for a vertex without.
        others: those to be matched, the same.
    """
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    pairs = np.stack(common(labels, others))
    pairs = pairs[:, _not_behind(pairs[1], pairs[0], pairs[2])]
    pairs = pairs[:, _not_behind(pairs[0], pairs[1], pairs[2])]
    found = np.full(count_of(others), NONE, dtype=np.int64)
    one, other, counts = pairs
    is_only = (np.bincount(one)[one] == 1) & (np.bincount(other)[other] == 1)
    found[other[is_only]] = one[is_only]
    one, other, counts = one[~is_only], other[~is_only], counts[~is_only]
    rows, at = np.unique(other, return_inverse=True)
    if not len(rows):
        return found
    # Each may also go to a place of its own, which is to be alone. All pay one more, as a weight of
    # 0 would be no edge.
    count, own = len(rows), int(one.max()) + 1
    table = sp.csr_array(
        (
            np.concatenate([counts + 1.0, np.ones(count)]),
            (np.append(at, np.arange(count)), np.append(one, own + np.arange(count))),
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
