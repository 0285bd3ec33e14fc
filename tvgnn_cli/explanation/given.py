"""Clusters to explain, of any tool, with what their file says of how sure they are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.evaluation.grouping import aligned, is_path, named, refuse_lacking
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import UNKNOWN, without_noise
from tvgnn_cli.io.content import held
from tvgnn_cli.io.groupings import SHARE, SURE, read_measures
from tvgnn_cli.io.source import Source

ROUNDED = 1e-3
"""Excess over 1 that shares of a vertex may have together, as they are written."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """The clusters of a graph's vertices, arrays in their order.

    Args:
        labels: cluster of each vertex, `[n]`, from 0.
        names: of the clusters, numbers in numeric order.
        assignment: soft assignment, float32 `[n, k]`, columns by cluster; None where none is
            given of every cluster.
        measures: numbers by `SURE`, float64 `[n]`, those that are given.
        label: what they come from, for messages.
        notes: sentences that the summary shows.
    """

    labels: np.ndarray
    names: tuple[str, ...]
    assignment: np.ndarray | None
    measures: dict[str, np.ndarray]
    label: str
    notes: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        return len(self.names)


def clusters_of(given: Any, graph: Graph, asked: str | None = None) -> Clusters:
    """Clusters in whatever form they are given.

    Args:
        given: as the clusters of `evaluate`.
        graph: whose vertices they are of.
        asked: the column or attribute with the clusters that a user names.

    Raises:
        InputError: a file that cannot be read; vertices of one that the other lacks, or without a
            cluster.
        UsageError: a column of clusters that have none.
    """
    ids = graph.ids.tolist()
    source = held(Source(os.fspath(given))) if is_path(given) else None
    found = named(given if source is None else source, "cluster", ids, ids, asked)
    refuse_lacking(found)
    labels, names = aligned(found, ids, graph.name)
    if source is None:
        of, columns = _held(given)
    else:
        beside = read_measures(source, _is_measure, ids, asked)
        of, columns = beside.ids, beside.columns
    given_of, columns = set(columns), _in_order(of, columns, ids)
    measures = {name: columns[name] for name in SURE if name in columns}
    measures = {name: v for name, v in measures.items() if bool(((v >= 0) & (v <= 1)).all())}
    notes = found.notes + tuple(
        f"{name} of {found.label}: not a number from 0 to 1 for every vertex; left out"
        for name in SURE
        if name in given_of and name not in measures
    )
    kept, _ = without_noise(labels, names)
    bare = int((kept == UNKNOWN).sum())
    if bare:
        notes += (f"vertices without a cluster (-1 in {found.label}): {bare:,}, shown as one",)
    return Clusters(labels, names, _assignment(columns, names), measures, found.label, notes)


def _is_measure(name: str) -> bool:
    return name in SURE or SHARE.fullmatch(name) is not None


def _held(given: Any) -> tuple[list[str], dict[str, np.ndarray]]:
    """Ids, and numbers of a result in memory beside its labels."""
    assignment, sure = getattr(given, "assignment", None), getattr(given, "confidence", None)
    numbers = getattr(given, "columns_of", None)
    columns = {}
    if assignment is not None:
        known = range(assignment.shape[1]) if numbers is None else numbers.tolist()
        columns = {f"p{number}": p for number, p in zip(known, assignment.T, strict=True)}
    if sure is None and assignment is not None:
        sure = assignment.max(axis=1)  # as the table of a result has it
    if sure is not None:
        columns["confidence"] = np.asarray(sure, dtype=np.float64)
    stable = getattr(given, "stability", None)
    if stable is not None:
        columns["stability"] = np.asarray(stable, dtype=np.float64)
    return (given.ids.tolist() if columns else []), columns


def _in_order(
    ids: list[str], columns: dict[str, np.ndarray], wanted: list[str]
) -> dict[str, np.ndarray]:
    """The columns that have a number for every vertex, by vertex."""
    if not columns:
        return {}
    place = {vertex: i for i, vertex in enumerate(ids)}
    lacking = [vertex for vertex in wanted if vertex not in place]
    if lacking:
        raise InputError(f"no row for vertex {first_and_rest(lacking)}")
    rows = np.array([place[vertex] for vertex in wanted], dtype=np.int64)
    sorted_ = {name: values[rows] for name, values in columns.items()}
    return {name: values for name, values in sorted_.items() if np.isfinite(values).all()}


def _assignment(columns: dict[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray | None:
    """The soft assignment to the clusters that have vertices."""
    wanted = [f"p{name}" for name in names]
    if any(name not in columns for name in wanted):
        return None
    found = np.stack([columns[name] for name in wanted], axis=1).astype(np.float32)
    are_shares = bool((found >= 0).all() and (found.sum(axis=1) < 1 + ROUNDED).all())
    return found if are_shares else None
