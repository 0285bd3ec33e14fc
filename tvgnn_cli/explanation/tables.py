"""Tables of an explanation: of clusters, their features, vertices and neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvgnn_cli.explanation.given import Clusters
from tvgnn_cli.explanation.marks import NUMBER, Mark
from tvgnn_cli.explanation.structure import Structure
from tvgnn_cli.explanation.subject import Subject
from tvgnn_cli.explanation.vertices import (
    BOUNDARY,
    REPRESENTATIVE,
    boundaries,
    representatives,
)
from tvgnn_cli.graph.graph import Graph

TABLES = ("clusters", "features", "vertices", "cuts")
"""The tables of an explanation, the one that stands for it first."""

SMALL = 0.2
"""Effect from which the table of clusters names a feature of numbers. Source: Cohen, "Statistical
power analysis for the behavioral sciences", 1988, calls this one small.
"""

SHOWN = 5
"""Features and vertices that the table of clusters names, at most."""

Columns = dict[str, Any]


def tables_of(subject: Subject, marks: list[Mark], top: int) -> dict[str, Columns]:
    """The tables by `TABLES`, each of columns by name.

    Args:
        subject: graph and clusters.
        marks: features that set the clusters apart.
        top: representative and boundary vertices of each cluster, at most.
    """
    found, placed = subject.clusters, subject.placed
    best = representatives(found.labels, found.k, placed, found.measures.get("confidence"), top)
    near = boundaries(found.labels, found.k, placed, top)
    return {
        "clusters": _of_clusters(subject, marks, best),
        "features": _of_features(subject, marks),
        "vertices": _of_vertices(subject, best, near),
        "cuts": _of_cuts(subject),
    }


def _feature_name(graph: Graph, column: int) -> str:
    return str(graph.feature_names[column]) if graph.feature_names else str(column)


def _of_clusters(subject: Subject, marks: list[Mark], best: list[np.ndarray]) -> Columns:
    graph, found, structure = subject.graph, subject.clusters, subject.structure
    sizes = structure.sizes
    columns: Columns = {
        "cluster": _texts(found.names),
        "size": sizes,
        "share": sizes / sizes.sum(),
        "edges": structure.edges,
        "cut": structure.cut,
        "conductance": structure.conductance,
        "density": structure.density,
        "pieces": structure.pieces,
        "largest_piece": structure.largest,
        "margin": _means(subject.placed.margin, found.labels, sizes),
    }
    if found.assignment is not None:
        columns["sharpness"] = _means(found.assignment.max(axis=1), found.labels, sizes)
    for name, values in found.measures.items():
        columns[name] = _means(values, found.labels, sizes)
    named: list[list[str]] = [[] for _ in range(found.k)]
    for mark in marks:
        if mark.is_sure and (mark.kind != NUMBER or abs(mark.effect) >= SMALL):
            named[mark.cluster].append(_told(graph, mark))
    columns["features"] = _texts(", ".join(each[:SHOWN]) for each in named)
    columns["representatives"] = _texts(
        ", ".join(map(str, graph.ids[each[:SHOWN]])) for each in best
    )
    columns["nearest"], columns["nearest_over_chance"] = _nearest(found, structure)
    return columns


def _told(graph: Graph, mark: Mark) -> str:
    """A feature as the table of clusters names it: of numbers with the way and size of its
    effect.
    """
    name = _feature_name(graph, mark.column)
    return f"{name} ({mark.effect:+.2f})" if mark.kind == NUMBER else name


def _nearest(found: Clusters, structure: Structure) -> tuple[np.ndarray, np.ndarray]:
    """The cluster to which each has most edges against chance, and how many times as many."""
    of, other, weight, expected = structure.pairs()
    over = np.divide(weight, expected, out=np.zeros(len(weight)), where=expected > 0)
    names, times = np.full(found.k, "", dtype=object), np.zeros(found.k)
    order = np.lexsort((other, -over, of))
    of, first = np.unique(of[order], return_index=True)
    names[of] = _texts(found.names)[other[order][first]]
    times[of] = over[order][first]
    return names, times


def _of_features(subject: Subject, marks: list[Mark]) -> Columns:
    graph, names = subject.graph, _texts(subject.clusters.names)
    of = np.array([mark.cluster for mark in marks], dtype=np.int64)
    numbers = ("score", "effect", "inside", "outside", "share_inside", "share_outside", "chance")
    return {
        "cluster": names[of],
        "feature": _texts(_feature_name(graph, mark.column) for mark in marks),
        "kind": _texts(mark.kind for mark in marks),
        **{name: np.array([getattr(mark, name) for mark in marks], float) for name in numbers},
        "is_sure": np.array([mark.is_sure for mark in marks], dtype=bool),
    }


def _of_vertices(subject: Subject, best: list[np.ndarray], near: list[np.ndarray]) -> Columns:
    graph, found, placed = subject.graph, subject.clusters, subject.placed
    chosen = [(REPRESENTATIVE, each) for each in best] + [(BOUNDARY, each) for each in near]
    rows = np.concatenate([each for _, each in chosen])
    names = np.append(_texts(found.names), "")
    own = {} if graph.names is None else {"name": graph.names[rows]}
    return {
        "cluster": names[found.labels[rows]],
        "role": np.repeat(_texts(role for role, _ in chosen), [len(each) for _, each in chosen]),
        "vertex": graph.ids[rows],
        **own,
        "degree_inside": placed.inside[rows],
        "margin": placed.margin[rows],
        "leans_to": names[placed.leans_to[rows]],
        **{name: values[rows] for name, values in found.measures.items()},
    }


def _of_cuts(subject: Subject) -> Columns:
    of, other, weight, expected = subject.structure.pairs()
    order = np.lexsort((other, of))
    names = _texts(subject.clusters.names)
    over = np.divide(weight, expected, out=np.zeros(len(weight)), where=expected > 0)
    return {
        "cluster": names[of[order]],
        "other": names[other[order]],
        "weight": weight[order],
        "expected": expected[order],
        "over_chance": over[order],
    }


def _means(values: np.ndarray, labels: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Mean over each cluster, `[k]`."""
    found: np.ndarray = np.bincount(labels, values, len(sizes)) / np.maximum(sizes, 1)
    return found


def _texts(values: Any) -> np.ndarray:
    found = list(values)
    made = np.empty(len(found), dtype=object)
    made[:] = found
    return made
