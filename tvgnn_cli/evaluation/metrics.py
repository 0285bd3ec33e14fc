"""Measures of a clustering: by the graph alone, and against true classes.

Every function takes hard labels `[n]` as int64 codes from 0 (`evaluate` also vertices without one);
none of them changes its arguments, and none depends on how clusters or classes are numbered.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli.graph.agreement import adjusted_rand_index, contingency
from tvgnn_cli.graph.description import bits_saved
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import UNKNOWN


def cut_fraction(graph: Graph, labels: np.ndarray) -> float:
    """Weight of the edges between clusters over the weight of all, in [0, 1]; 0 without edges."""
    total = float(graph.weights.sum())
    tail, head = labels[graph.edge_index]
    return float(graph.weights[tail != head].sum()) / total if total else 0.0


def modularity(graph: Graph, labels: np.ndarray) -> float:
    """Newman's modularity at resolution 1, in [-1/2, 1); 0 without edges."""
    volume = np.bincount(labels, graph.degrees)
    total = float(volume.sum())
    if not total:
        return 0.0
    return 1 - cut_fraction(graph, labels) - float(((volume / total) ** 2).sum())


def mean_conductance(graph: Graph, labels: np.ndarray) -> float:
    """Mean over clusters of `cut / min(volume, volume of the rest)`, in [0, 1].

    Clusters without members or without edges, and one that holds every edge, count 0.
    """
    sizes, volume = np.bincount(labels), np.bincount(labels, graph.degrees)
    tail, head = labels[graph.edge_index]
    crossing = tail != head
    ends = np.concatenate([tail[crossing], head[crossing]])
    weight = np.tile(graph.weights[crossing], 2)
    cut = np.bincount(ends, weight, len(volume)).astype(np.float64)
    smaller = np.minimum(volume, volume.sum() - volume)
    values = np.divide(cut, smaller, out=np.zeros_like(cut), where=smaller > 0)
    return float(values[sizes > 0].mean())


def sharpness(assignment: np.ndarray) -> float:
    """Mean over vertices of the largest probability, in [1/k, 1]."""
    return float(assignment.max(axis=1).mean(dtype=np.float64))


def off_diagonal_mass(assignment: np.ndarray) -> float:
    """Share of `S S^T` that lies between vertices of different hard clusters, in [0, 1).

    0 for sharp assignments. From sums over clusters, `C_k = sum_{i in k} s_i`: the whole of
    `S S^T` is `|sum_k C_k|^2`, what lies within clusters `sum_k |C_k|^2`.
    """
    labels, k = assignment.argmax(axis=1), assignment.shape[1]
    sums = np.zeros((k, k))
    np.add.at(sums, labels, assignment)
    whole = float(np.square(sums.sum(axis=0)).sum())
    return 1 - float(np.square(sums).sum()) / whole


def matching_classes(labels: np.ndarray, classes: np.ndarray, num_clusters: int) -> np.ndarray:
    """The class that each cluster is matched with, `[num_clusters]`, as for ACC; numbers after
    those of the classes for clusters that match none.
    """
    from scipy.optimize import linear_sum_assignment

    found = contingency(labels, classes)
    table = np.zeros((max(num_clusters, len(found)), found.shape[1]), dtype=np.int64)
    table[: len(found)] = found
    rows, columns = linear_sum_assignment(table, maximize=True)
    matched = np.full(len(table), -1)
    matched[rows] = columns
    spare = matched < 0
    matched[spare] = table.shape[1] + np.arange(spare.sum())
    return matched


def clustering_accuracy(labels: np.ndarray, classes: np.ndarray) -> float:
    """ACC: share of vertices in the class that their cluster is matched with, in [0, 1].

    Clusters and classes are matched one to one so that the share is largest (Hungarian
    method); with more clusters than classes, or fewer, those left over match nothing.
    """
    from scipy.optimize import linear_sum_assignment

    table = contingency(labels, classes)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum()) / len(labels)


def normalized_mutual_information(labels: np.ndarray, classes: np.ndarray) -> float:
    """NMI with the arithmetic mean of the entropies, in [0, 1]; 1 for one cluster of one class."""
    table = _filled(contingency(labels, classes))
    sizes, class_sizes = table.sum(axis=1), table.sum(axis=0)
    if len(sizes) == 1 or len(class_sizes) == 1:
        return float(len(sizes) == len(class_sizes))
    of_class, cluster = table.T.nonzero()
    shared, n, log_n = table[cluster, of_class], len(labels), math.log(len(labels))
    over_chance = log_n - np.log(sizes[cluster] * class_sizes[of_class]) + log_n
    terms = shared / n * (np.log(shared) - log_n) + shared / n * over_chance
    tiny = np.finfo(np.float64).eps  # what is rounded, of independent ones
    information = max(float(np.where(np.abs(terms) < tiny, 0, terms).sum()), 0.0)
    return information / ((_entropy(class_sizes) + _entropy(sizes)) / 2)


def _filled(table: np.ndarray) -> np.ndarray:
    """The rows and columns of a table that are not empty."""
    filled: np.ndarray = table[table.any(axis=1)][:, table.any(axis=0)]
    return filled


def _entropy(sizes: np.ndarray) -> float:
    """Entropy of a partition with parts of these sizes, in nats."""
    n = sizes.sum()
    return -float((sizes / n * (np.log(sizes) - math.log(n))).sum())


def graph_metrics(graph: Graph, labels: np.ndarray) -> dict[str, float | int]:
    """Measure a clustering by its graph: cut, modularity, conductance, the bits that it saves,
    cluster sizes.
    """
    sizes = np.bincount(labels)
    return {
        "clusters_used": int((sizes > 0).sum()),
        "cut_fraction": cut_fraction(graph, labels),
        "modularity": modularity(graph, labels),
        "mean_conductance": mean_conductance(graph, labels),
        "bits_saved": bits_saved(labels, graph.edge_index, graph.edge_weight),
        "smallest_cluster": int(sizes[sizes > 0].min()),
        "largest_cluster": int(sizes.max()),
    }


def label_metrics(labels: np.ndarray, classes: np.ndarray) -> dict[str, float | int]:
    """Measure a clustering by true classes: NMI, ACC, ARI.

    Vertices of unknown class (`UNKNOWN`) are left out; nothing is said where all are.
    """
    known = classes >= 0
    if not known.all():
        labels, classes = labels[known], classes[known]
    if not len(classes):
        return {}
    return {
        "num_labelled": len(classes),
        "nmi": normalized_mutual_information(labels, classes),
        "acc": clustering_accuracy(labels, classes),
        "ari": adjusted_rand_index(labels, classes),
    }


def evaluate(
    graph: Graph, labels: np.ndarray, assignment: np.ndarray | None = None
) -> dict[str, Any]:
    """Score hard clusters `[n]` and, where there is one, the soft assignment `[n, k]`: by the
    graph, and by its true labels where it has them. Vertices without a cluster (`UNKNOWN`) are left
    out, with their edges.
    """
    there = labels != UNKNOWN
    if not there.any():
        return {"clusters_used": 0, "smallest_cluster": 0, "largest_cluster": 0}
    if not there.all():
        graph, labels = _part(graph, there), labels[there]
        assignment = None if assignment is None else assignment[there]
    metrics: dict[str, Any] = dict(graph_metrics(graph, labels))
    if assignment is not None:
        metrics["sharpness"] = sharpness(assignment)
        metrics["off_diagonal_mass"] = off_diagonal_mass(assignment)
    if graph.y is not None:
        metrics.update(label_metrics(labels, graph.y))
    return metrics


def _part(graph: Graph, there: np.ndarray) -> Graph:
    """Those vertices of a graph, with their classes, and the edges between them."""
    place = np.cumsum(there) - 1
    inside = there[graph.edge_index].all(axis=0)
    return replace(
        graph,
        ids=graph.ids[there],
        edge_index=place[graph.edge_index[:, inside]],
        edge_weight=None if graph.edge_weight is None else graph.edge_weight[inside],
        x=None,
        y=None if graph.y is None else graph.y[there],
        names=None,
        origin=None,
    )
