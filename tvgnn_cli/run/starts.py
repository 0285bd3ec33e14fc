"""Clusters that training starts from, or that some vertices keep, as they were given."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tvgnn_cli.errors import counted, some_of
from tvgnn_cli.graph.labels import UNKNOWN, number_by_size
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.shaping.numbering import numbers_after, titles_after
from tvgnn_cli.shaping.partition import Partition

REACHED = 0.95
"""Share of a given start below which the network has not learned it."""


@dataclass(frozen=True, eq=False)
class Start:
    """Clusters that training starts from.

    Args:
        labels: of the graph's vertices, int64 `[n]`, from 0, larger clusters first; -1 for none.
        k: clusters that have vertices of the graph.
        digest: of vertices and names.
        label: what they come from.
        told: which column of a file they are, where that was chosen.
    """

    labels: np.ndarray
    k: int
    digest: str
    label: str
    told: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Partition, ids: list[str]) -> Start:
        labels = given.of(ids)
        known = labels[labels != UNKNOWN]
        place = np.append(number_by_size(known, given.k), UNKNOWN)
        count = len(np.unique(known))
        return cls(place[labels], count, given.digest(ids), given.label, given.notes)

    def within(self, k: int) -> np.ndarray:
        """Clusters of the vertices, int64 `[n]`, of the k largest; -1 for none, or for another."""
        return np.where(self.labels < k, self.labels, UNKNOWN)

    def notes(self, k: int, restarts: int, reached: float | None) -> tuple[str, ...]:
        """Say what became of it.

        Args:
            k: clusters that were asked for.
            restarts: that were trained.
            reached: share of the vertices with a cluster here that the network begins with there.
        """
        n, lacking = len(self.labels), int((self.labels == UNKNOWN).sum())
        clusters = f"{self.k:,} cluster{'' if self.k == 1 else 's'}"
        notes = [
            *self.told,
            f"training starts from {self.label}: {clusters} of {counted(n - lacking, 'vertex')}",
        ]
        if lacking:
            notes.append(
                f"vertices without a cluster there: {lacking:,}; they start in that of the nearest "
                "mean features"
            )
        if k < self.k:
            notes.append(
                f"clusters beyond the {k:,} largest of the start: {self.k - k:,}; their vertices "
                "start in that of the nearest mean features"
            )
        if k > self.k:
            notes.append(f"clusters that the start lacks: {k - self.k:,}; its largest are split")
        if restarts > 1:
            notes.append("all restarts start from it: they differ in the network's first weights")
        if reached is not None:
            lead = "warning: " * (reached < REACHED)
            notes.append(
                f"{lead}the network begins with {reached:.1%} of these vertices as they are given"
            )
        return tuple(notes)


@dataclass(frozen=True, eq=False)
class Fixed:
    """Clusters that some vertices keep.

    Args:
        given: the clusters, those without a vertex of the graph left out.
        labels: of the graph's vertices, int64 `[n]`; -1 for those that are free.
        digest: of vertices and names.
    """

    given: Partition
    labels: np.ndarray
    digest: str

    @classmethod
    def of(cls, given: Partition, ids: list[str]) -> Fixed:
        labels = given.of(ids)
        known = np.unique(labels[labels != UNKNOWN])
        place = np.full(given.k + 1, UNKNOWN)
        place[known] = np.arange(len(known))
        digest = given.digest(ids)
        words = tuple(given.words[i] for i in known.tolist()) if given.words else ()
        names = tuple(given.names[i] for i in known.tolist())
        of_graph = replace(
            given, labels=place[given.labels], names=names, words=words, assignment=None
        )
        return cls(of_graph, place[labels], digest)

    @property
    def is_fixed(self) -> np.ndarray:
        """Vertices that keep their cluster, `[n]`."""
        found: np.ndarray = self.labels != UNKNOWN
        return found

    def held(self, clusters: Clustering) -> Clustering:
        """Clusters with these vertices in theirs, of which they are certain; the first clusters
        are the fixed ones.
        """
        rows, labels = np.flatnonzero(self.is_fixed), clusters.labels.copy()
        labels[rows] = self.labels[rows]
        soft = clusters.assignment
        if soft is not None:
            soft = soft.copy()
            soft[rows] = 0
            soft[rows, self.labels[rows]] = 1
        return replace(clusters, labels=labels, assignment=soft)

    def numbered(self, clusters: Clustering) -> Clustering:
        """Clusters by the numbers and titles of the fixed ones, whose places they have; others have
        numbers above.
        """
        fixed = np.arange(clusters.k)
        matched = np.where(clusters.numbers[fixed] < self.given.k, clusters.numbers[fixed], UNKNOWN)
        known = clusters.labels[clusters.labels != UNKNOWN]
        order = np.argsort(number_by_size(known, clusters.k))
        numbers = numbers_after(matched, self.given.numbers, order)
        return clusters.numbered(numbers, titles_after(numbers, matched, self.given.titles))

    def notes(self, before: np.ndarray) -> tuple[str, ...]:
        """Say how many there are, and what their clusters were `before`, `[n]`."""
        rows, given = self.is_fixed, self.given
        others = int((before[rows] != self.labels[rows]).sum())
        return (
            *given.notes,
            f"semi-supervised: {rows.sum():,} vertices keep the clusters of {given.label} "
            f"({some_of(given.titles or given.names)}), and count in all scores; the network has "
            f"{others:,} of them elsewhere",
        )
