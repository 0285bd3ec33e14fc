"""Score a clustering that is already on file, ours or another tool's."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, first_and_rest
from tvgnn_cli.graph import Graph, encode_labels
from tvgnn_cli.io.companions import ARRAYS, attach_labels
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.tables import read_label_table
from tvgnn_cli.metrics import graph_metrics, label_metrics
from tvgnn_cli.missing import is_missing


def score_clusters(
    clusters: Source, graph: Graph | None = None, labels: Source | None = None
) -> dict[str, Any]:
    """Metrics of a two-column clustering: by true labels, by a graph, or by both.

    The true labels are those of `labels`, or else those that the graph carries.

    Raises:
        UsageError: neither a graph nor labels; labels in vertex order without a graph.
        InputError: vertices of one that the other lacks.
    """
    if graph is None and labels is None:
        raise UsageError("evaluate needs --labels, --graph or both to score against")
    if labels is not None and labels.suffix in ARRAYS:
        if graph is None:
            raise UsageError(
                f"--labels {labels.label}: is in the order of a graph's vertices; give --graph too"
            )
        graph, labels = attach_labels(graph, labels), None
    truth = None if labels is None else read_label_table(labels, "label", _ids(graph))
    known = [*_ids(graph), *(truth[0] if truth else ())]
    ids, names = read_label_table(clusters, "cluster", known)
    lacking = [vertex for vertex, name in zip(ids, names, strict=True) if is_missing(name)]
    if lacking:
        raise InputError(f"{clusters.label}: no cluster for vertex {first_and_rest(lacking)}")
    metrics: dict[str, Any] = {"num_vertices": len(ids)}
    if graph is not None:
        found = _aligned(ids, names, graph.ids.tolist(), clusters.label, graph.name)
        metrics.update(graph_metrics(graph, found))
        if truth is None and graph.y is not None:
            metrics.update(label_metrics(found, graph.y))
    if labels is not None and truth is not None:
        true_ids, true_names = truth
        found = _aligned(ids, names, true_ids, clusters.label, labels.label)
        metrics.update(label_metrics(found, encode_labels(true_names)[0]))
    return metrics


def _ids(graph: Graph | None) -> list[str]:
    return [] if graph is None else graph.ids.tolist()


def _aligned(
    ids: list[str], names: list[str], wanted: list[str], label: str, other: str
) -> np.ndarray:
    """Codes of the clusters of the `wanted` vertices, in their order."""
    name_of = dict(zip(ids, names, strict=True))
    known = set(wanted)
    lacking = [vertex for vertex in wanted if vertex not in name_of]
    if lacking:
        raise InputError(f"{label}: no row for vertex {first_and_rest(lacking)}, which {other} has")
    extra = [vertex for vertex in ids if vertex not in known]
    if extra:
        raise InputError(f"{label}: vertex {first_and_rest(extra)} is not in {other}")
    return encode_labels([name_of[vertex] for vertex in wanted])[0]
