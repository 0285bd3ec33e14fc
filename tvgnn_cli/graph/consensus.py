"""Partition that several labellings of the same vertices agree on.

Clusters of two labellings have no names in common, so they are matched one to one, such that most
vertices are in clusters that belong together (the Hungarian method); what is left over of the
larger number belongs to nothing. Given a partition, each labelling so matched votes for a cluster
of each vertex; given the votes, each vertex goes to the cluster that has most of them. The two
steps are taken in turn, from the labelling that the others are most like, until nothing changes.
Neither step lowers the number of votes that vertices have for where they are, which is what is
maximised: the partition is one of smallest mean distance to the labellings, where distance is the
share of vertices in clusters that are not matched.

Source: Dimitriadou, Weingessel & Hornik, "A combination scheme for fuzzy clustering", 2002, whose
votes are cast one after another, and Hornik, "A CLUE for CLUster Ensembles", 2005, Section 3, whose
fixed point this is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.labels import number_by_size
from tvgnn_cli.graph.matching import NONE, common, count_of, matching
from tvgnn_cli.graph.votes import attached, elected, translated

MOST_ROUNDS = 1000
"""Rounds that no case comes near: each but the last raises the number of votes."""

MOST_MERGED = 5000
"""Clusters up to which some can be merged: the pairs of them are held at once."""


@dataclass(frozen=True, eq=False)
class Agreed:
    """Partition that labellings agree on, and how far they do.

    Args:
        labels: cluster of each vertex, int64 `[n]`: 0 is the largest, ties go to the first vertex.
        stability: share of the labellings of a vertex in which it is in the cluster that is
            matched with its own here, float32 `[n]`, 0 to 1.
        matched: for each labelling the cluster that each of its clusters is matched with,
            `NONE` for none: int64 `[k]` each.
        agreement: mean adjusted Rand index between any two labellings; None of one.
    """

    labels: np.ndarray
    stability: np.ndarray
    matched: tuple[np.ndarray, ...]
    agreement: float | None


def agree(labellings: Sequence[np.ndarray], num_clusters: int | None = None) -> Agreed:
    """Find the partition that labellings agree on. It depends neither on their order nor on how
    their clusters are numbered.

    Args:
        labellings: clusters of the same vertices, `[n]` each, from 0; `NONE` for a vertex that a
            labelling does not have. Every vertex is in one of them at least.
        num_clusters: clusters at the start; None for the median of theirs. Votes may empty some,
            and vertices that have nothing in common with these add to them.

    Raises:
        UsageError: no labelling has so many clusters, or those that have more are too many to be
            merged.
    """
    given = [_compact(each) for each in labellings]
    # In an order of their content, as sums in another order may have other last digits.
    order = sorted(range(len(given)), key=lambda i: _digest(given[i][0]))
    found = [given[i][0] for i in order]
    likeness, share = _likeness(found)
    labels = _start(found, likeness * share, num_clusters)
    for _ in range(MOST_ROUNDS):
        matches = [matching(labels, each) for each in found]
        after = elected(labels, [translated(*pair) for pair in zip(found, matches, strict=True)])
        if (after < 0).any():
            after = attached(after, found)
        if np.array_equal(after, labels):
            break
        labels = after
    number = number_by_size(labels, count_of(labels))
    match_of = dict(zip(order, matches, strict=True))
    matched = tuple(
        translated(translated(before, match_of[i]), number) for i, (_, before) in enumerate(given)
    )
    pairs = likeness[np.triu_indices(len(found), 1)]
    labels = number[labels]
    agreement = float(pairs.mean()) if len(pairs) else None
    return Agreed(labels, stability(labels, labellings, matched), matched, agreement)


def stability(
    labels: np.ndarray, labellings: Sequence[np.ndarray], matched: Sequence[np.ndarray]
) -> np.ndarray:
    """Share of the labellings of a vertex in which it is in the cluster that is matched with its
    own, float32 `[n]`, 0 to 1.

    Args:
        labels: own clusters, `[n]`.
        labellings: others, `[n]` each, `NONE` for a vertex that one does not have.
        matched: as of `Agreed`.
    """
    together = np.zeros(len(labels), dtype=np.int32)
    having = np.zeros(len(labels), dtype=np.int32)
    for each, match in zip(labellings, matched, strict=True):
        together += translated(each, match) == labels
        having += each >= 0
    return (together / having).astype(np.float32)


def averaged(
    matched: Sequence[np.ndarray],
    shares: Callable[[int], np.ndarray],
    num_clusters: int,
    weights: Sequence[float],
) -> np.ndarray:
    """The weighted mean of soft assignments whose clusters are matched, float32
    `[n, num_clusters]`.

    Args:
        matched: for each of them where its clusters belong, one place each.
        shares: gives them by number, `[n, num_clusters]` each; one is held at a time.
        num_clusters: clusters of all.
        weights: of each; not all 0.
    """
    total = None
    for i, (match, weight) in enumerate(zip(matched, weights, strict=True)):
        found = shares(i)
        if total is None:
            total = np.zeros((len(found), num_clusters))
        for cluster in range(num_clusters):
            total[:, match[cluster]] += weight * found[:, cluster]
    assert total is not None
    return np.asarray(total / sum(weights), dtype=np.float32)


def _compact(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The labelling without empty clusters, larger ones first, int32 `[n]`, and the new number of
    each old one, `NONE` for those.
    """
    known = labels if labels.min(initial=0) >= 0 else labels[labels >= 0]
    number = number_by_size(known, count_of(known))
    number[np.bincount(known, minlength=len(number)) == 0] = NONE
    return translated(labels, number).astype(np.int32), number


def _likeness(found: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The adjusted Rand index between any two labellings, over the vertices of both, and the share
    of all vertices that these are, `[r, r]` each.
    """
    likeness, share = np.ones((len(found), len(found))), np.ones((len(found), len(found)))
    for i, j in combinations(range(len(found)), 2):
        both = (found[i] >= 0) & (found[j] >= 0)
        first, second = (each if both.all() else each[both] for each in (found[i], found[j]))
        is_any = bool(len(first))
        same = adjusted_rand_index(first.astype("i8"), second.astype("i8")) if is_any else 0.0
        likeness[i, j] = likeness[j, i] = same
        share[i, j] = share[j, i] = both.mean()
    return likeness, share


def _start(
    found: Sequence[np.ndarray], likeness: np.ndarray, num_clusters: int | None
) -> np.ndarray:
    """The labelling of as many clusters as are wanted that the others are most like, of equals the
    first; of the fewest above that where none has as many, with clusters merged.
    """
    counts = np.array([count_of(each) for each in found])
    wanted = int(np.sort(counts)[(len(counts) - 1) // 2]) if num_clusters is None else num_clusters
    if counts.max() < wanted:
        raise UsageError(
            f"`num_clusters` is {wanted:,}, and no clustering has more than {counts.max():,}"
        )
    fitting = counts == counts[counts >= wanted].min()
    labels = found[int(np.argmax(np.where(fitting, likeness.mean(axis=1), -np.inf)))]
    return labels if count_of(labels) == wanted else _merged(labels, found, wanted)


def _digest(labels: np.ndarray) -> bytes:
    return hashlib.sha256(labels.tobytes()).digest()


def _merged(labels: np.ndarray, found: Sequence[np.ndarray], wanted: int) -> np.ndarray:
    """The labelling with those of its clusters merged that the others have most in common, by
    average linkage.
    """
    from scipy.cluster.hierarchy import cut_tree, linkage
    from scipy.spatial.distance import squareform

    count = count_of(labels)
    if count > MOST_MERGED:
        raise UsageError(
            f"`num_clusters` is {wanted:,}, and the next larger number is {count:,}, too many "
            f"to be merged: {MOST_MERGED:,} at most"
        )
    alike = np.zeros((count, count))
    for each in found:
        one, other, counts = common(labels, each)
        shares = sp.csr_array(
            (counts.astype(np.float64), (one, other)), shape=(count, count_of(each))
        )
        whole = np.maximum(shares.sum(axis=1), 1)
        shares = sp.diags_array(1 / whole) @ shares
        alike += (shares @ shares.T).toarray()
    apart = 1 - alike / len(found)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform((apart + apart.T) / 2, checks=False), "average")
    return _compact(translated(labels, cut_tree(tree, wanted)[:, 0]))[0]
