"""Scores of any clustering: of another tool's on file, or one in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, counted
from tvgnn_cli.evaluation.grouping import (
    Named,
    aligned,
    is_in_order,
    is_path,
    named,
    refuse_lacking,
)
from tvgnn_cli.evaluation.metrics import evaluate as metrics_of
from tvgnn_cli.evaluation.metrics import label_metrics
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import UNKNOWN, without_noise
from tvgnn_cli.io.classes import classes_of
from tvgnn_cli.io.id_match import difference
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.tables import extra_rows
from tvgnn_cli.io.writers import write_metrics


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Scores of a clustering.

    Args:
        metrics: `num_vertices`, and by column name what docs/output.md defines of the graph and of
            the true labels, where these were given.
        notes: sentences that the summary shows.
    """

    metrics: dict[str, Any]
    notes: tuple[str, ...] = ()

    def write(self, path: str | Path) -> None:
        """Write the row of metrics to a `.csv`, `.parquet` or `.json` file.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written.
        """
        write_metrics(self.metrics, str(path))


def evaluate(
    clusters: Any,
    *,
    graph: Any = None,
    labels: Any = None,
    cluster_attr: str | None = None,
    **options: Any,
) -> Evaluation:
    """Score any clustering: by true labels, by a graph, or by both.

        tvgnn_cli.evaluate("clusters.csv", graph="edges.csv", labels="truth.csv").metrics["nmi"]

    Args:
        clusters: a file (a table, a graph file with an attribute `cluster`, an AnnData file, an
            array), a mapping or pandas Series by vertex id, an array `[n]` in vertex order, or a
            `ClusterResult`.
            Vertices of cluster -1, where all others are whole numbers from 0, are in none: scores
            are of the others and the edges between them.
        graph: as for `cluster`; its own true labels count where `labels` are not given.
        labels: true classes: a file, a mapping or pandas Series by vertex id, or an array `[n]` in
            vertex order.
        cluster_attr: column or attribute with the clusters; None for `cluster`, or else for the
            column of a table that is named as clusters are, or the second one; in an AnnData file
            that of `tvgnn cluster` or of other tools.
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: neither a graph nor labels; labels in vertex order without a graph, where the
            clusters go by id; a column of clusters that have none.
        InputError: a file that cannot be read; vertices of one that the other lacks; no vertex with
            a cluster.
    """
    if graph is None and labels is None:
        raise UsageError("evaluate needs `labels`, `graph` or both to score against")
    for name in _OF_GRAPH if graph is None else ():
        if options.get(name) is not None:
            raise UsageError(f"`{name}`: says how a graph is read; give `graph` too")
    reading = {**options, "label_attr": None} if labels is not None else options
    read = None if graph is None else read_graph(graph, **reading)
    if read is None:
        _refuse_order_of_no_graph(clusters, labels)
    elif labels is not None and is_in_order(labels):
        read, labels = read_graph(read, labels=labels), None
    own = [] if read is None else read.ids.tolist()
    asked = options.get("label_attr")
    truth = None if labels is None else named(labels, "label", own, own, asked)
    truth, notes = _of_graph(truth, own)
    ids = [*own, *(truth.ids if truth else ())]
    found = named(clusters, "cluster", ids, own, cluster_attr)
    in_order = read is None and truth is not None and is_in_order(labels)
    if in_order and truth is not None and len(truth.ids) != len(found.ids):
        raise InputError(
            f"labels: {len(truth.ids):,} values for {counted(len(found.ids), 'cluster')}, both in "
            "the order of vertices"
        )
    refuse_lacking(found)
    truth, unknown = _with_unknown(truth, own or found.ids)
    scores, told = _scores(found, read, truth)
    metrics = {"num_vertices": len(found.ids), **scores}
    of_edges = () if read is None else _on_edges(read)
    notes = (*of_edges, *found.notes, *notes, *unknown, *_on_classes(truth), *told)
    return Evaluation(metrics, notes)


def _on_edges(read: Graph) -> tuple[str, ...]:
    """Notes on the reading of a graph whose features are not looked at."""
    return tuple(note for note in read.all_notes if not note.startswith(_OF_FEATURES))


_OF_GRAPH = ("weight", "source", "target", "id_attr", "header")
_OF_FEATURES = ("features", "vertex attributes", "values that")


def _on_classes(truth: Named | None) -> tuple[str, ...]:
    """Notes on classes that may be none."""
    if truth is None:
        return ()
    classes = classes_of(truth.names)
    none = (classes.said(truth.label),) if classes.codes is None else ()
    return (*none, *classes.notes)


def _of_graph(truth: Named | None, own: Sequence[str]) -> tuple[Named | None, tuple[str, ...]]:
    """The true labels of the graph's vertices, as `cluster` takes them, and what is said of others;
    all of them where there is no graph.
    """
    known = set(own)
    there = set() if truth is None else set(truth.ids)
    if truth is None or there <= known or known.isdisjoint(there):
        return truth, ()
    pairs = [pair for pair in zip(truth.ids, truth.names, strict=True) if pair[0] in known]
    note = extra_rows(len(truth.ids) - len(pairs), truth.label)
    return Named([v for v, _ in pairs], [name for _, name in pairs], truth.label), (note,)


def _with_unknown(truth: Named | None, ids: Sequence[str]) -> tuple[Named | None, tuple[str, ...]]:
    """The true labels with vertices that they lack, whose class is unknown, and what is said of
    these; as they are where the ids of both may only be written in another way.
    """
    if truth is None:
        return None, ()
    there = set(truth.ids)
    lacking = [vertex for vertex in ids if vertex not in there]
    if not lacking or difference(ids, truth.ids, truth.label):
        return truth, ()
    shown = f"{len(lacking):,} of {len(ids):,} ('{lacking[0]}', say)"
    note = f"vertices without a row in {truth.label}: {shown}; their class is unknown"
    names = [*truth.names, *[""] * len(lacking)]
    return replace(truth, ids=[*truth.ids, *lacking], names=names), (note,)


def _scores(
    found: Named, graph: Graph | None, truth: Named | None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Scores, and what is said of vertices without a cluster.

    Raises:
        InputError: vertices of one that the other lacks; no vertex with a cluster.
    """
    metrics: dict[str, Any] = {}
    codes = np.empty(0, dtype=np.int64)
    if graph is not None:
        codes = _clusters(found, graph.ids.tolist(), graph.name)
        metrics.update(metrics_of(graph if truth is None else replace(graph, y=None), codes))
    if truth is not None:
        codes, classes = _clusters(found, truth.ids, truth.label), classes_of(truth.names)
        if classes.codes is not None:
            there = codes != UNKNOWN
            metrics.update(label_metrics(codes[there], classes.codes[there]))
    bare = int((codes == UNKNOWN).sum())
    if not bare:
        return metrics, ()
    note = (
        f"vertices of cluster -1: {bare:,}; they are in no cluster, and all scores are of the "
        f"other {len(codes) - bare:,}"
    )
    return {"unassigned": bare, **metrics}, (note,)


def _clusters(found: Named, ids: list[str], other: str) -> np.ndarray:
    """Codes of these vertices' clusters, `UNKNOWN` for none."""
    codes, _ = without_noise(*aligned(found, ids, other))
    if not (codes != UNKNOWN).any():
        raise InputError(f"{found.label}: no vertex has a cluster")
    return codes


def _refuse_order_of_no_graph(clusters: Any, labels: Any) -> None:
    """Refuse names in the order of vertices beside names by vertex id.

    Raises:
        UsageError: saying which.
    """
    if is_in_order(labels) and (is_path(labels) or not is_in_order(clusters)):
        label = f"`labels` {labels}" if is_path(labels) else "`labels`"
        raise UsageError(f"{label}: is in the order of a graph's vertices; give `graph` too")
    if is_in_order(clusters) and (is_path(clusters) or not is_in_order(labels)):
        label = clusters if is_path(clusters) else "clusters"
        raise UsageError(f"{label}: is in the order of a graph's vertices; give `graph` too")
