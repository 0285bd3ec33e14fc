"""Scores of any clustering: of another tool's on file, or one in memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, first_and_rest
from tvgnn_cli.evaluation.metrics import graph_metrics, label_metrics
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.graph.labels import encode_labels
from tvgnn_cli.graph.missing import is_missing
from tvgnn_cli.graph.property_graph import as_text
from tvgnn_cli.io.classes import classes_of
from tvgnn_cli.io.companions import ARRAYS
from tvgnn_cli.io.content import first_bytes, form_of
from tvgnn_cli.io.groupings import read_grouping
from tvgnn_cli.io.places import is_file
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.tables import distinct
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


@dataclass(frozen=True)
class Named:
    """A name for each vertex, of its cluster or class, and what messages call them."""

    ids: list[str]
    names: list[str]
    label: str


def evaluate(clusters: Any, *, graph: Any = None, labels: Any = None, **options: Any) -> Evaluation:
    """Score any clustering: by true labels, by a graph, or by both.

        tvgnn_cli.evaluate("clusters.csv", graph="edges.csv", labels="truth.csv").metrics["nmi"]

    Args:
        clusters: a file (a table, a graph file with an attribute `cluster`, an array), a mapping or
            pandas Series by vertex id, an array `[n]` in vertex order, or a `ClusterResult`.
        graph: as for `cluster`; its own true labels count where `labels` are not given.
        labels: true classes: a file, a mapping or pandas Series by vertex id, or an array `[n]` in
            vertex order.
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: neither a graph nor labels; labels in vertex order without a graph, where the
            clusters go by id.
        InputError: a file that cannot be read; vertices of one that the other lacks.
    """
    if graph is None and labels is None:
        raise UsageError("evaluate needs `labels`, `graph` or both to score against")
    reading = {**options, "label_attr": None} if labels is not None else options
    read = None if graph is None else read_graph(graph, **reading)
    if read is None:
        _refuse_order_of_no_graph(clusters, labels)
    elif labels is not None and _is_in_order(labels):
        read, labels = read_graph(read, labels=labels), None
    own = [] if read is None else read.ids.tolist()
    asked = options.get("label_attr")
    truth = None if labels is None else _named(labels, "label", own, own, asked)
    truth, notes = _of_graph(truth, own)
    found = _named(clusters, "cluster", [*own, *(truth.ids if truth else ())], own)
    lacking = [v for v, name in zip(found.ids, found.names, strict=True) if is_missing(name)]
    if lacking:
        raise InputError(f"{found.label}: no cluster for vertex {first_and_rest(lacking)}")
    metrics = {"num_vertices": len(found.ids), **_scores(found, read, truth)}
    return Evaluation(metrics, (*notes, *_on_classes(truth)))


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
    if truth is None or not known or not known < set(truth.ids):
        return truth, ()
    pairs = [pair for pair in zip(truth.ids, truth.names, strict=True) if pair[0] in known]
    note = (
        f"rows of {truth.label} for vertices that the graph lacks, left out: "
        f"{len(truth.ids) - len(pairs):,}"
    )
    return Named([v for v, _ in pairs], [name for _, name in pairs], truth.label), (note,)


def _scores(found: Named, graph: Graph | None, truth: Named | None) -> dict[str, Any]:
    metrics: dict[str, Any] = {}
    if graph is not None:
        codes = _aligned(found, graph.ids.tolist(), graph.name)
        metrics.update(graph_metrics(graph, codes))
        if truth is None and graph.y is not None:
            metrics.update(label_metrics(codes, graph.y))
    if truth is not None:
        codes, classes = _aligned(found, truth.ids, truth.label), classes_of(truth.names)
        if classes.codes is not None:
            metrics.update(label_metrics(codes, classes.codes))
    return metrics


def _refuse_order_of_no_graph(clusters: Any, labels: Any) -> None:
    """Refuse names in the order of vertices beside names by vertex id.

    Raises:
        UsageError: saying which.
    """
    if _is_in_order(labels) and (_is_path(labels) or not _is_in_order(clusters)):
        label = f"`labels` {labels}" if _is_path(labels) else "`labels`"
        raise UsageError(f"{label}: is in the order of a graph's vertices; give `graph` too")
    if _is_in_order(clusters) and (_is_path(clusters) or not _is_in_order(labels)):
        label = clusters if _is_path(clusters) else "clusters"
        raise UsageError(f"{label}: is in the order of a graph's vertices; give `graph` too")


@runtime_checkable
class Clustered(Protocol):
    """Clusters by vertex id, as a `ClusterResult` has them."""

    ids: np.ndarray
    labels: np.ndarray


def _is_path(given: Any) -> bool:
    return isinstance(given, str | os.PathLike)


def _is_in_order(given: Any) -> bool:
    """Tell whether names come in the order of the vertices, without ids."""
    if _is_path(given):
        source = Source(os.fspath(given))
        is_plain = is_file(source.path)  # a pipe is read once, and not here
        return ((is_plain and form_of(first_bytes(source))) or source.suffix) in ARRAYS
    return not isinstance(given, Clustered) and not hasattr(given, "items")


def _named(
    given: Any, column: str, known: Sequence[str], own: Sequence[str], asked: str | None = None
) -> Named:
    """A name for each vertex, whatever they come as.

    Args:
        given: as for `evaluate`.
        column: "cluster" or "label": of a table, which column has the names.
        known: vertex ids that a table may hold.
        own: those of the graph, if there is one.
        asked: the column that a user names.

    Raises:
        InputError: a file that cannot be read, a vertex twice, names that are no list.
    """
    if _is_path(given):
        source = Source(os.fspath(given))
        return Named(*read_grouping(source, column, known, own, asked), source.label)
    what = f"{column}s"
    if isinstance(given, Clustered):
        return Named(given.ids.tolist(), list(map(as_text, given.labels.tolist())), what)
    if hasattr(given, "items") and getattr(given, "ndim", 1) == 1:
        pairs = list(given.items())
        ids = distinct([str(vertex).strip() for vertex, _ in pairs], Source(what))
        return Named(ids, _names([name for _, name in pairs], what), what)
    names = _names(np.asarray(given).tolist(), what)
    if own and len(names) != len(own):
        raise InputError(f"{what}: {len(names)} values for {len(own)} vertices")
    return Named(list(own) or index_ids(len(names)).tolist(), names, what)


def _names(values: Any, what: str) -> list[str]:
    """Names as text, "" for none.

    Raises:
        InputError: they are no list of numbers and texts.
    """
    plain = (str, int, float, np.generic, type(None))
    if not isinstance(values, list) or not all(isinstance(value, plain) for value in values):
        raise InputError(
            f"{what}: need one number or name for each vertex, by id (a mapping, a pandas Series) "
            "or in vertex order (an array)"
        )
    return ["" if value is None else as_text(value) for value in values]


def _aligned(found: Named, wanted: list[str], other: str) -> np.ndarray:
    """Codes of the clusters of the `wanted` vertices, in their order."""
    name_of = dict(zip(found.ids, found.names, strict=True))
    known = set(wanted)
    lacking = [vertex for vertex in wanted if vertex not in name_of]
    if lacking:
        raise InputError(
            f"{found.label}: no row for vertex {first_and_rest(lacking)}, which {other} has"
        )
    extra = [vertex for vertex in found.ids if vertex not in known]
    if extra:
        raise InputError(f"{found.label}: vertex {first_and_rest(extra)} is not in {other}")
    return encode_labels([name_of[vertex] for vertex in wanted])[0]
