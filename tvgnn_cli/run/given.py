"""Partitions that a run is given beside its graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.config import SETTINGS, ClusterConfig, settings_of
from tvgnn_cli.errors import UsageError, did_you_mean, shown
from tvgnn_cli.evaluation.grouping import is_path
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import UNKNOWN, number_by_size
from tvgnn_cli.io.places import is_there
from tvgnn_cli.shaping.partition import Partition, read_partition


@dataclass(frozen=True, eq=False)
class Given:
    """Partitions beside a graph.

    Args:
        previous: that whose numbers clusters get; None to number them by size.
        start: that which training starts from; None for k-means, or none.
    """

    previous: Partition | None = None
    start: Start | None = None

    def settled(self, config: ClusterConfig) -> ClusterConfig:
        """Settings with what these partitions decide: the number of clusters, where it is not
        given, and what the start is.

        Raises:
            UsageError: settings of a run whose start is not given again.
        """
        start = self.start
        if start is None and config.start_is_given:
            raise UsageError(
                f"`init` is {config.init[:12]}...: give the clusters that it stands for"
            )
        if start is None:
            return config
        k = start.k if config.num_clusters is None else config.num_clusters
        return replace(config, num_clusters=k, init=f"given:{start.digest}")

    def notes(self, config: ClusterConfig, reached: float | None) -> tuple[str, ...]:
        """Say what became of the start; its share that the network begins with is `reached`."""
        if self.start is None:
            return ()
        return self.start.notes(config.clusters, config.restarts, reached)


def check_given(config: ClusterConfig, init: Any = None) -> None:
    """Refuse partitions that a run cannot have, before its graph is read.

    Raises:
        UsageError: a start for a method that takes none, or that is neither a file nor a choice.
    """
    if init is None:
        return
    if "init" not in settings_of(config.method):
        raise UsageError(f"`init`: `method` {config.method} takes no start; leave it out")
    if is_path(init) and not is_there(Path(init)):
        known = did_you_mean(str(init), SETTINGS["init"].choices)
        raise UsageError(f"`init` is {shown(init)}.{known} There is no file of that name")


REACHED = 0.95
"""Share of a given start below which the network has not learned it."""


def read_given(graph: Graph, match: Any = None, init: Any = None) -> Given:
    """Read the partitions that are given, before any work.

    Args:
        graph: the graph.
        match: clusters to take the numbers of, as those of `evaluate`; None for none.
        init: clusters to start from, in the same forms; None for none.

    Raises:
        InputError: a file that cannot be read, or that has no vertex of the graph.
    """
    ids = graph.ids.tolist()
    return Given(
        previous=None if match is None else partition_of(ids, match, graph.name),
        start=None if init is None else Start.of(partition_of(ids, init, graph.name), ids),
    )


@dataclass(frozen=True, eq=False)
class Start:
    """Clusters that training starts from.

    Args:
        labels: of the graph's vertices, int64 `[n]`, from 0, larger clusters first; -1 for none.
        k: clusters that have vertices of the graph.
        digest: of vertices and names.
        label: what they come from.
    """

    labels: np.ndarray
    k: int
    digest: str
    label: str

    @classmethod
    def of(cls, given: Partition, ids: list[str]) -> Start:
        labels = given.of(ids)
        known = labels[labels != UNKNOWN]
        place = np.append(number_by_size(known, given.k), UNKNOWN)
        return cls(place[labels], len(np.unique(known)), given.digest(ids), given.label)

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
        notes = [
            f"training starts from {self.label}: {self.k:,} clusters of {n - lacking:,} vertices"
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


def partition_of(ids: list[str], given: Any, name: str) -> Partition:
    """Read clusters, some of which are of these vertices.

    Args:
        ids: of the vertices.
        given: as the clusters of `evaluate`.
        name: of what has the vertices, for messages.

    Raises:
        InputError: a file that cannot be read, or that has none of them.
    """
    found = read_partition(given, ids, ids)
    found.require_shared(ids, name)
    return found
