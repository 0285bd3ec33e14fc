"""Clusters that were found, made those that are written: fixed, shaped, numbered, scored.

In this order: vertices whose cluster is given have it; clusters become one piece; small ones merge;
they are numbered; those of little confidence lose theirs. True classes enter last, for scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tvgnn_cli.config import NONE, ClusterConfig
from tvgnn_cli.evaluation.metrics import evaluate
from tvgnn_cli.explanation.between import Between, between_of
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.run.starts import Fixed
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.shaping.overlap import memberships
from tvgnn_cli.shaping.shaped import by_size, shape_clusters

Sure = Callable[[np.ndarray], np.ndarray | None]
"""Function of clusters `[n]`, from 0, which gives the probability of each vertex's."""


@dataclass(frozen=True, eq=False)
class Finished:
    """Clusters as they are written.

    Args:
        clusters: numbers and all.
        scores: of these clusters, by column name.
        confidence: probability of each vertex's cluster, float32 `[n]`; None where it is not
            measured.
        shaped: places of the clusters that are to be judged again, `[n]`, since they are others
            than those that were found; None where they are not.
        notes: sentences that the summary shows.
        between: the edges between the largest of them.
    """

    clusters: Clustering
    scores: dict[str, Any]
    confidence: np.ndarray | None
    shaped: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    between: Between | None = None

    def numbers_of_columns(self) -> tuple[int, ...]:
        """The number of each column that the network has; empty for 0, 1, 2, ..."""
        found = self.clusters.numbers[self.clusters.found]
        plain = not self.clusters.titles and np.array_equal(found, np.arange(len(found)))
        return () if plain else tuple(found.tolist())

    def titles_of_columns(self) -> tuple[str, ...]:
        """Titles of each column's cluster; empty for nothing beside the number."""
        titles = self.clusters.titles
        return tuple(titles[i] for i in self.clusters.found.tolist()) if titles else ()


def finish(
    graph: Graph,
    config: ClusterConfig,
    clusters: Clustering,
    sure: Sure = lambda _: None,
    confidence: np.ndarray | None = None,
    fixed: Fixed | None = None,
    keeps_numbers: bool = False,
) -> Finished:
    """Make clusters as the settings ask for them, and score them.

    Args:
        graph: the graph, with its edges.
        config: settings.
        clusters: as they were found, columns of fixed clusters first.
        sure: what gives the confidence of others.
        confidence: of those that were found, `[n]`; None where it is not measured.
        fixed: vertices that keep their cluster; None for none.
        keeps_numbers: whether clusters have the numbers of a model, which stay.
    """
    before, is_fixed = clusters.labels, None
    notes: tuple[str, ...] = ()
    metrics: dict[str, Any] = {}
    if fixed is not None:
        clusters, is_fixed = fixed.held(clusters), fixed.is_fixed
        metrics, notes = {"fixed": int(is_fixed.sum())}, fixed.notes(before)
    elif keeps_numbers and config.fixed != NONE:
        notes = ("the model was trained with vertices whose cluster is given; here none is",)
    found = len(np.unique(clusters.labels))
    shaped = shape_clusters(graph, clusters, config.min_size, config.connected, is_fixed)
    if config.min_size > 1 or config.connected != "no" or config.min_confidence:
        metrics |= {"clusters_found": found, **shaped.metrics}
    clusters, notes = shaped.clusters, notes + shaped.notes
    if shaped.is_other and fixed is None and not keeps_numbers:
        clusters = by_size(clusters)
    elif fixed is not None:
        clusters = fixed.numbered(clusters)
    is_other = shaped.is_other or bool((before != clusters.labels).any())
    places = clusters.labels
    confidence = sure(places) if is_other else confidence
    if is_fixed is not None and confidence is not None:
        confidence = np.where(is_fixed, np.float32(1), confidence)
    if config.min_confidence:
        clusters, told, said = _held_back(clusters, confidence, config.min_confidence)
        metrics, notes = metrics | told, notes + said
    if config.overlap is not None and clusters.assignment is not None:
        several = memberships(clusters, config.overlap).counts > 1
        metrics["vertices_overlapping"] = int(several.sum())
    scores = {**evaluate(graph, clusters.labels, clusters.assignment), **metrics}
    between = between_of(graph, clusters.labels, clusters.numbers)
    return Finished(clusters, scores, confidence, places if is_other else None, notes, between)


def _held_back(
    clusters: Clustering, confidence: np.ndarray | None, least: float
) -> tuple[Clustering, dict[str, Any], tuple[str, ...]]:
    """Clusters without the vertices of little confidence; how many these are."""
    if confidence is None and clusters.assignment is not None:
        confidence = clusters.assignment.max(axis=1)
    if confidence is None:
        return clusters, {}, ("confidence: none is measured; no vertex is left out",)
    low = confidence < least
    labels = np.where(low, UNKNOWN, clusters.labels)
    count, rest = int(low.sum()), int((~low).sum())
    note = (
        f"vertices of a confidence below {least:g}: {count:,}; they are in no cluster (-1), and "
        f"all scores are of the other {rest:,}"
    )
    return replace(clusters, labels=labels), {"unassigned": count}, (note,) * bool(count)
