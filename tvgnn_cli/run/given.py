"""Partitions that a run is given beside its graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tvgnn_cli.config import NONE, SETTINGS, ClusterConfig, settings_of
from tvgnn_cli.errors import UsageError, did_you_mean, shown
from tvgnn_cli.evaluation.grouping import is_path
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.places import is_there
from tvgnn_cli.run.starts import Fixed, Start
from tvgnn_cli.shaping.partition import Partition, read_partition
from tvgnn_cli.train.given_start import Partitions


@dataclass(frozen=True, eq=False)
class Given:
    """Partitions beside a graph.

    Args:
        previous: that whose numbers clusters get; None to number them by size.
        start: that which training starts from; None for k-means, or none.
        fixed: vertices that keep their cluster; None for none.
    """

    previous: Partition | None = None
    start: Start | None = None
    fixed: Fixed | None = None

    def settled(self, config: ClusterConfig, classes: int = 0) -> ClusterConfig:
        """Settings with what these partitions decide: the number of clusters, where it is not
        given, and what stands for the partitions. Fixed clusters are no fewer than true `classes`,
        where these are known.

        Raises:
            UsageError: settings of a run whose partitions are not given again; fewer clusters than
            are fixed.
        """
        start, fixed = self.start, self.fixed
        for name, given, is_asked in [
            ("init", start, config.start_is_given),
            ("fixed", fixed, config.fixed != NONE),
        ]:
            if given is None and is_asked:
                raise UsageError(f"`{name}` is given:...: give the clusters that it stands for")
        k = config.num_clusters
        if start is not None:
            k = start.k if k is None else k
            if config.num_clusters is None and k < 2:
                raise UsageError(
                    f"{start.label} (`init`) has {k} cluster for the vertices of the graph; a "
                    "clustering needs at least 2 clusters: give `num_clusters`"
                )
            config = replace(config, init=f"given:{start.digest}")
        if fixed is not None:
            k = max(fixed.given.k, classes) if k is None else k
            if config.num_clusters is None and k < 2:
                raise UsageError(
                    f"{fixed.given.label} (`fixed`) has {k} cluster for the vertices of the graph; "
                    "a clustering needs at least 2 clusters: give `num_clusters`"
                )
            if k < fixed.given.k:
                raise UsageError(
                    f"`num_clusters` is {k}, but {fixed.given.label} (`fixed`) has "
                    f"{fixed.given.k:,} clusters"
                )
            config = replace(config, fixed=f"given:{fixed.digest}")
        return replace(config, num_clusters=k)

    def partitions(self, config: ClusterConfig) -> Partitions:
        """The clusters that training is given."""
        start = None if self.start is None else self.start.within(config.clusters)
        return Partitions(start, None if self.fixed is None else self.fixed.labels)

    def notes(self, config: ClusterConfig, reached: float | None) -> tuple[str, ...]:
        """Say what became of the start; its share that the network begins with is `reached`."""
        if self.start is None:
            return ()
        return self.start.notes(config.clusters, config.restarts, reached)


def check_given(
    config: ClusterConfig,
    match: Any = None,
    init: Any = None,
    fixed: Any = None,
    is_part: bool = False,
    consensus: bool = False,
) -> None:
    """Refuse partitions that a run cannot have, before its graph is read.

    Raises:
        UsageError: a start, or fixed clusters, for a method that takes none; a start that is
            neither a file nor a choice; two partitions that numbers are to come from, or one for a
            part of the restarts.
    """
    if match is not None and is_part:
        raise UsageError("`match`: a part of the restarts has no numbers yet; give it to the merge")
    if fixed is not None and "fixed" not in settings_of(config.method):
        raise UsageError(f"`fixed`: `method` {config.method} takes no fixed clusters; leave it out")
    if fixed is not None and consensus:
        raise UsageError("`fixed`: a consensus takes no fixed clusters; leave one of them out")
    if fixed is not None and match is not None:
        raise UsageError("`match`: clusters have the numbers of `fixed`; leave one of them out")
    if fixed is not None and config.batch == "parts":
        raise UsageError("`fixed`: `batch` parts trains without it; leave one of them out")
    if init is None:
        return
    if "init" not in settings_of(config.method):
        raise UsageError(f"`init`: `method` {config.method} takes no start; leave it out")
    if is_path(init) and not is_there(Path(init)):
        known = did_you_mean(str(init), SETTINGS["init"].choices)
        raise UsageError(f"`init` is {shown(init)}.{known} There is no file of that name")


def read_given(graph: Graph, match: Any = None, init: Any = None, fixed: Any = None) -> Given:
    """Read the partitions that are given, before any work.

    Args:
        graph: the graph.
        match: clusters to take the numbers of, as those of `evaluate`; None for none.
        init: clusters to start from, in the same forms; None for none.
        fixed: clusters that some vertices keep, in the same forms; None for none.

    Raises:
        InputError: a file that cannot be read, or that has no vertex of the graph.
    """
    ids = graph.ids.tolist()
    return Given(
        previous=None if match is None else partition_of(ids, match, graph.name),
        start=None if init is None else Start.of(partition_of(ids, init, graph.name), ids),
        fixed=None if fixed is None else Fixed.of(partition_of(ids, fixed, graph.name), ids),
    )


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
    return found.noting_others(ids, name)
