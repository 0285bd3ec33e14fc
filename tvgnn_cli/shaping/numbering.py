"""Numbers of clusters: by size, or those of an earlier partition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.graph.labels import MOST_NUMBER, UNKNOWN, number_by_size
from tvgnn_cli.graph.matching import best_matching, overlap_of
from tvgnn_cli.shaping.changes import Changes
from tvgnn_cli.shaping.partition import Partition


@dataclass(frozen=True, eq=False)
class Numbering:
    """Numbers of clusters.

    Args:
        numbers: of each, distinct, int64 `[k]`.
        titles: what they are called beside that, `[k]`; empty for nothing else.
    """

    numbers: np.ndarray
    titles: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Titles, or else numbers, as text."""
        return self.titles or tuple(map(str, self.numbers.tolist()))


@dataclass(frozen=True, eq=False)
class Matched:
    """Clusters with the numbers of an earlier partition, and what has changed."""

    numbering: Numbering
    changes: Changes


def match_clusters(labels: np.ndarray, k: int, ids: Sequence[str], previous: Partition) -> Matched:
    """Number clusters by their best matching with an earlier partition.

    Args:
        labels: cluster of each vertex, int64 `[n]`, from 0 to k - 1; -1 for none.
        k: clusters.
        ids: vertices, `[n]`.
        previous: the earlier partition, which has some of these vertices.
    """
    before = previous.of(ids)
    overlap = overlap_of(labels, before, k, previous.k)
    matched = best_matching(overlap)
    there = labels != UNKNOWN
    sizes = np.bincount(labels[there], minlength=k)
    by_size = np.argsort(number_by_size(labels[there], k))
    numbers = numbers_after(matched, previous.numbers, by_size)
    numbering = Numbering(numbers, titles_after(numbers, matched, previous.titles))
    both = there & (before != UNKNOWN)
    known = set(np.asarray(ids, dtype=object)[there].tolist())
    had = previous.ids[previous.labels != UNKNOWN].tolist()
    changes = Changes(
        names=numbering.names,
        earlier=Numbering(previous.numbers, previous.titles).names,
        overlap=overlap,
        matched=matched,
        sizes=sizes,
        moved=int((matched[labels[both]] != before[both]).sum()),
        added=int((there & (before == UNKNOWN)).sum()),
        removed=sum(vertex not in known for vertex in had),
        label=previous.label,
    )
    return Matched(numbering, changes)


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


def titles_after(
    numbers: np.ndarray, matched: np.ndarray, earlier: tuple[str, ...]
) -> tuple[str, ...]:
    """Titles of the clusters that clusters are matched with; of a new one `new 7`, by its
    number.
    """
    if not earlier:
        return ()
    taken, found = set(earlier), []
    for number, old in zip(numbers.tolist(), matched.tolist(), strict=True):
        title = f"new {number}" if old == UNKNOWN else earlier[old]
        while old == UNKNOWN and title in taken:
            title = f"{title}'"
        found.append(title)
    return tuple(found)
