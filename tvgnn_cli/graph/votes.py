"""Votes of labellings for the cluster of each vertex, and where vertices go by them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tvgnn_cli.graph.matching import NONE, common, count_of

AT_ONCE = 2**16
"""Vertices whose votes are counted at a time."""


def translated(labels: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Each label by its number, `[n]`; `NONE` stays.

    Args:
        labels: clusters, `[n]`.
        number: of each cluster, `[k]`.
    """
    return np.asarray(np.append(number, NONE)[labels])


def elected(labels: np.ndarray, votes: Sequence[np.ndarray]) -> np.ndarray:
    """The cluster that most votes of a vertex are for, int64 `[n]`; of equals that in which it is,
    else the first. A vertex without votes stays.

    Args:
        labels: where each vertex is, `[n]`, `NONE` for nowhere.
        votes: the clusters that each voter is for, `[n]`, `NONE` for no vote.
    """
    found = labels.astype(np.int64)
    for first in range(0, len(labels), AT_ONCE):
        rows = slice(first, first + AT_ONCE)
        cast = np.sort(np.stack([each[rows] for each in votes]), axis=0)
        best = (cast == found[rows]).sum(axis=0) * (found[rows] >= 0)
        chosen, count = found[rows].copy(), np.zeros_like(best)
        for i, vote in enumerate(cast):
            count = np.where(vote == cast[i - 1], count + 1, 1) if i else count + 1
            is_more = (vote >= 0) & (count > best)
            best, chosen = np.where(is_more, count, best), np.where(is_more, vote, chosen)
        found[rows] = chosen
    return found


def attached(labels: np.ndarray, found: Sequence[np.ndarray]) -> np.ndarray:
    """The partition with vertices that have no cluster in those which most of their own clusters
    is in; what has nothing in common with any becomes a cluster, the largest part first.

    Args:
        labels: where each vertex is, `[n]`, `NONE` for nowhere.
        found: the clusters that each labelling has, `[n]`, `NONE` for none.
    """
    while True:
        votes = []
        for each in found:
            one, other, counts = common(labels, each)
            order = np.lexsort((-one, counts))  # of equals the first, which is written last
            most = np.full(count_of(each), NONE, dtype=np.int64)
            most[other[order]] = one[order]
            votes.append(np.where(labels < 0, translated(each, most), NONE))
        after = elected(labels, votes)
        is_bare = after < 0
        if not is_bare.any():
            return after
        if np.array_equal(after, labels):
            parts = [np.bincount(each[is_bare & (each >= 0)], minlength=1) for each in found]
            largest = max(range(len(parts)), key=lambda i: int(parts[i].max()))
            is_of_it = is_bare & (found[largest] == parts[largest].argmax())
            after[is_of_it] = count_of(labels)
        labels = after
