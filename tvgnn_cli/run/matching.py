"""A result with the numbers of an earlier one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.run.result import ClusterResult
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.shaping.numbering import match_clusters
from tvgnn_cli.shaping.partition import Partition


def matched(result: ClusterResult, previous: Partition | None) -> ClusterResult:
    """Number the clusters of a result by the best matching with earlier ones, if there are any."""
    if previous is None:
        return result
    clusters = _clusters_of(result)
    found = match_clusters(clusters.labels, clusters.k, result.ids.tolist(), previous)
    before = clusters.numbers
    clusters = clusters.numbered(found.numbering.numbers, found.numbering.titles)
    between, model = result.between, result.model
    metrics = {**result.metrics, **found.changes.metrics()}
    if model is not None:
        own = np.array(model.numbers or range(model.config.clusters))
        known = np.arange(clusters.k) if result.columns_of is None else result.columns_of
        place = clusters.found[np.searchsorted(known, own)]
        titles = tuple(clusters.titles[i] for i in place) if clusters.titles else ()
        model = replace(model, numbers=tuple(clusters.numbers[place].tolist()), titles=titles)
        metrics["model_fingerprint"] = model.fingerprint()
    return replace(
        result,
        labels=clusters.by_number,
        assignment=clusters.assignment,
        columns_of=None if clusters.is_plain else clusters.numbers,
        titles=clusters.titles,
        changes=found.changes,
        between=between and between.renumbered(before, found.numbering.numbers),
        metrics=metrics,
        model=model,
        notes=(*result.notes, *previous.notes, *found.changes.notes()),
    )


def _clusters_of(result: ClusterResult) -> Clustering:
    """The clusters of a result by their places."""
    if result.columns_of is None:
        found = max(int(result.metrics["num_clusters"]), int(result.labels.max()) + 1)
        k = None if result.assignment is not None else found
        return Clustering.of(result.labels, result.assignment, k)
    places = np.searchsorted(result.columns_of, result.labels)
    labels = np.where(result.labels == UNKNOWN, UNKNOWN, places)
    plain = np.arange(len(result.columns_of))
    return Clustering(labels, result.assignment, result.columns_of, plain, result.titles)
