"""A partition of any tool: the cluster of each vertex that has one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.evaluation.grouping import is_in_order, is_path, named
from tvgnn_cli.graph.graph import index_ids
from tvgnn_cli.graph.labels import UNKNOWN, encode_labels, whole_numbers, without_noise
from tvgnn_cli.io.content import held
from tvgnn_cli.io.groupings import SHARE, SURE, read_measures
from tvgnn_cli.io.id_match import difference
from tvgnn_cli.io.names import fold
from tvgnn_cli.io.source import Source

TITLES = "cluster_label"
"""Column of what clusters are called, where that is no number."""

ROUNDED = 1e-3
"""Distance from 1 that shares of a vertex may have together, as they are written."""


@dataclass(frozen=True, eq=False)
class Partition:
    """The clusters of vertices, of which some may be without one.

    Args:
        ids: vertices, `[n]`.
        labels: cluster of each, int64 `[n]`, from 0 to k - 1; -1 for none.
        names: of the clusters, numbers in numeric order.
        label: what they come from, for messages.
        assignment: soft assignment, float32 `[n, k]`, columns by cluster; None where none is given
            of every cluster.
        sure: by `SURE`, how sure each vertex's cluster is, `[n]` from 0 to 1; those that are given.
        words: what people call the clusters beside their numbers, `[k]`; empty for nothing else.
        notes: which column of a file they are, where that was chosen.
    """

    ids: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    label: str
    assignment: np.ndarray | None = None
    sure: Mapping[str, np.ndarray] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        return len(self.names)

    @property
    def numbers(self) -> np.ndarray:
        """The number that each cluster is known by, int64 `[k]`, rising: its name, where all names
        are whole numbers from 0; else its place among the names.
        """
        own = whole_numbers(self.names)
        return np.arange(self.k) if own is None else own

    @property
    def titles(self) -> tuple[str, ...]:
        """Names of clusters beside their numbers, `[k]`; empty for nothing else."""
        return self.words if whole_numbers(self.names) is not None else self.names

    def of(self, ids: Sequence[str]) -> np.ndarray:
        """Clusters of these vertices, int64; -1 for those that have none here."""
        code_of = dict(zip(self.ids.tolist(), self.labels.tolist(), strict=True))
        return np.array([code_of.get(vertex, UNKNOWN) for vertex in ids], dtype=np.int64)

    def digest(self, ids: Sequence[str]) -> str:
        """SHA-256 over these vertices and their clusters' names, in no order of lines."""
        labels = self.of(ids)
        text = hashlib.sha256()
        for vertex, code in sorted(zip(ids, labels.tolist(), strict=True)):
            if code != UNKNOWN:
                text.update(f"{len(vertex)} {vertex} {self.names[code]}\n".encode(errors="replace"))
        text.update(f"{self.k}".encode())
        return text.hexdigest()

    def require_shared(self, ids: Sequence[str], other: str) -> None:
        """Refuse clusters of other vertices.

        Args:
            ids: those that they are for.
            other: what has these, in messages.

        Raises:
            InputError: no vertex has a cluster.
        """
        if not (self.of(ids) >= 0).any():
            differ = difference(list(ids), self.ids.tolist(), self.label, other)
            raise InputError(f"{self.label}: no cluster for any vertex of {other}{differ}")

    def noting_others(self, ids: Sequence[str], other: str) -> Partition:
        """The same with a note, where vertices have no row here and ids may only be written in
        another way.

        Args:
            ids: vertices that they are for.
            other: what has these.
        """
        lacking = len(set(ids) - set(self.ids.tolist()))
        differ = difference(list(ids), self.ids.tolist(), self.label, other) if lacking else ""
        if not differ:
            return self
        note = f"vertices of {other} without a row in {self.label}: {lacking:,}{differ}"
        return replace(self, notes=(*self.notes, note))


def read_partition(
    given: Any,
    known: Sequence[str] = (),
    own: Sequence[str] | None = None,
    asked: str | None = None,
) -> Partition:
    """Clusters in whatever form they are given.

    A table or graph file has them in the column or attribute `cluster`; one that has none of that
    name, but columns `p_0`, `p_1`, ..., has a soft assignment, of which each vertex's largest share
    counts. A cluster `-1` is none, where all others are whole numbers from 0, as tools write it
    that leave vertices out.

    Args:
        given: as the clusters of `evaluate`; or a soft assignment `[n, k]` in vertex order.
        known: vertex ids that a table may hold; a first line with one of them is no header.
        own: ids of the vertices, for what is in their order; None where that is not known.
        asked: the column or attribute with the clusters that a user names.

    Raises:
        UsageError: values in the order of vertices that are not known; a column of clusters that
            have none.
        InputError: a file that cannot be read, no vertex with a cluster, shares that are none.
    """
    if is_in_order(given) and own is None:
        if is_path(given):
            raise UsageError(f"{given}: has no vertex ids; write them beside the clusters")
        own = index_ids(len(given)).tolist() if np.ndim(given) else ()
    own = list(own or ())
    if not is_path(given):
        return _held(given, known, own, asked)
    source = held(Source(os.fspath(given)))
    beside = read_measures(source, _is_measure, known, asked)
    ids, columns = beside.ids, beside.columns
    is_soft = "cluster" not in beside.names and any(map(SHARE.fullmatch, beside.names))
    sure = {name: columns.pop(name) for name in SURE if name in columns}
    if is_soft:
        soft = _of_shares(np.array(ids, dtype=object), columns, source.label)
        return replace(soft, sure=_from_0_to_1(sure))
    found = named(source, "cluster", known, own, asked)
    hard = replace(_of_names(found.ids, found.names, source.label), notes=found.notes)
    if fold(TITLES) in beside.names:
        titles = named(source, fold(TITLES), known, own, asked).names
        hard = _with_titles(hard, titles)
    sure = _from_0_to_1(sure) if ids == hard.ids.tolist() else {}
    return replace(_with_shares(hard, ids, columns), sure=sure)


def _is_measure(name: str) -> bool:
    return name in SURE or SHARE.fullmatch(name) is not None


def _from_0_to_1(measures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Those of them that are shares of every vertex."""
    return {name: v for name, v in measures.items() if bool(((v >= 0) & (v <= 1)).all())}


def _with_titles(hard: Partition, titles: Sequence[str]) -> Partition:
    """The same with what its clusters are called, where each vertex of a cluster says the same."""
    said = dict(zip(hard.labels.tolist(), titles, strict=True))
    agree = all(
        said[code] == title for code, title in zip(hard.labels.tolist(), titles, strict=True)
    )
    words = tuple(said.get(code, "") for code in range(hard.k))
    return replace(hard, words=words) if agree and all(words) else hard


def _held(given: Any, known: Sequence[str], own: list[str], asked: str | None) -> Partition:
    """Clusters in memory."""
    if getattr(given, "ndim", 1) == 2 and not hasattr(given, "items"):
        shares = np.asarray(given, dtype=np.float32)
        if len(shares) != len(own):
            raise InputError(f"clusters: {len(shares)} rows for {len(own)} vertices")
        columns = {f"p{i}": shares[:, i] for i in range(shares.shape[1])}
        return _of_shares(np.array(own, dtype=object), columns, "clusters")
    found = named(given, "cluster", known, own, asked)
    hard = replace(_of_names(found.ids, found.names, found.label), notes=found.notes)
    soft = getattr(given, "assignment", None)
    told = {name: getattr(given, name, None) for name in SURE}
    sure = {name: np.asarray(values) for name, values in told.items() if values is not None}
    if soft is None:
        return replace(hard, sure=sure)
    numbers = getattr(given, "columns_of", None)
    numbers = range(soft.shape[1]) if numbers is None else numbers.tolist()
    columns = {f"p{number}": soft[:, i] for i, number in enumerate(numbers)}
    return replace(_with_shares(hard, hard.ids.tolist(), columns), sure=sure)


def _of_names(ids: Sequence[str], names: Sequence[str], label: str) -> Partition:
    """Clusters by their names; what is missing, or noise, is none."""
    labels, known = without_noise(*encode_labels(names))
    if not known:
        raise InputError(f"{label}: no vertex has a cluster")
    return Partition(np.array(list(ids), dtype=object), labels, known, label)


def _of_shares(ids: np.ndarray, columns: dict[str, np.ndarray], label: str) -> Partition:
    """Clusters of the largest shares; a vertex that lacks one has none."""
    names = sorted((name[1:] for name in columns), key=int)
    if not names or whole_numbers(names) is None:
        raise InputError(f"{label}: columns p_0, p_1, ... are not all numbers")
    shares = np.stack([columns[f"p{name}"] for name in names], axis=1)
    there = np.isfinite(shares).all(axis=1)
    known = shares[there]
    rows = np.flatnonzero((known < 0).any(axis=1) | (np.abs(known.sum(axis=1) - 1) > ROUNDED))
    if len(rows):
        vertex = ids[there][rows[0]]
        raise InputError(f"{label}: vertex '{vertex}': p_0, p_1, ... are no probabilities")
    if not there.any():
        raise InputError(f"{label}: no vertex has a cluster")
    labels = np.full(len(ids), UNKNOWN)
    labels[there] = known.argmax(axis=1)
    soft = shares.astype(np.float32) if there.all() else None
    return Partition(ids, labels, tuple(names), label, soft)


def _with_shares(hard: Partition, ids: Sequence[str], columns: dict[str, np.ndarray]) -> Partition:
    """The same with its soft assignment, where there is a share of every cluster for every vertex;
    clusters without vertices among them.
    """
    numbers = whole_numbers(hard.names)
    soft = sorted((name[1:] for name in columns), key=int)
    if numbers is None or not {*hard.names} <= {*soft} or list(ids) != hard.ids.tolist():
        return hard
    shares = np.stack([columns[f"p{name}"] for name in soft], axis=1)
    are_shares = whole_numbers(soft) is not None and bool(
        np.isfinite(shares).all()
        and (shares >= 0).all()
        and (np.abs(shares.sum(axis=1) - 1) < ROUNDED).all()
    )
    if not are_shares:
        return hard
    place = np.array([soft.index(name) for name in hard.names], dtype=np.int64)
    labels = np.where(hard.labels < 0, UNKNOWN, place[hard.labels])
    title = dict(zip(hard.names, hard.words, strict=False))
    words = tuple(title.get(name, name) for name in soft) if title else ()
    found = replace(hard, labels=labels, names=tuple(soft), words=words)
    return replace(found, assignment=shares.astype(np.float32))
