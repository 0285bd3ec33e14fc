"""Partitions that a run is given beside its graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.shaping.partition import Partition, read_partition


@dataclass(frozen=True, eq=False)
class Given:
    """Partitions beside a graph.

    Args:
        previous: that whose numbers clusters get; None to number them by size.
    """

    previous: Partition | None = None


def read_given(graph: Graph, match: Any = None) -> Given:
    """Read the partitions that are given, before any work.

    Args:
        graph: the graph.
        match: clusters to take the numbers of, as those of `evaluate`; None for none.

    Raises:
        InputError: a file that cannot be read, or that has no vertex of the graph.
    """
    ids = graph.ids.tolist()
    return Given(previous=None if match is None else partition_of(ids, match, graph.name))


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
