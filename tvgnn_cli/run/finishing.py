"""Clusters that were found, made those that are written: numbered, scored, told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tvgnn_cli.evaluation.metrics import evaluate
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.shaping.clustering import Clustering


@dataclass(frozen=True, eq=False)
class Finished:
    """Clusters as they are written.

    Args:
        clusters: numbers and all.
        scores: of these clusters, by column name.
        notes: sentences that the summary shows.
    """

    clusters: Clustering
    scores: dict[str, Any]
    notes: tuple[str, ...] = ()

    def numbers_of_columns(self) -> tuple[int, ...]:
        """The number of each column that the network has; empty for 0, 1, 2, ..."""
        found = self.clusters.numbers[self.clusters.found]
        plain = not self.clusters.titles and np.array_equal(found, np.arange(len(found)))
        return () if plain else tuple(found.tolist())

    def titles_of_columns(self) -> tuple[str, ...]:
        """Titles of each column's cluster; empty for nothing beside the number."""
        titles = self.clusters.titles
        return tuple(titles[i] for i in self.clusters.found.tolist()) if titles else ()


def finish(graph: Graph, clusters: Clustering) -> Finished:
    """Score clusters as they were found.

    Args:
        graph: the graph, with its edges.
        clusters: as they were found.
    """
    return Finished(clusters, evaluate(graph, clusters.labels, clusters.assignment))
