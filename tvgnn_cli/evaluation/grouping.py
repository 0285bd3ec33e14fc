"""Clusters and classes of vertices in whatever form they are given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, counted, first_and_rest
from tvgnn_cli.graph.graph import index_ids
from tvgnn_cli.graph.labels import encode_labels
from tvgnn_cli.graph.missing import is_missing
from tvgnn_cli.graph.property_graph import as_text, is_gap
from tvgnn_cli.io.companions import ARRAYS
from tvgnn_cli.io.content import first_bytes, form_of
from tvgnn_cli.io.given_arrays import as_array
from tvgnn_cli.io.groupings import read_grouping
from tvgnn_cli.io.id_match import as_known, difference, rows_by_number
from tvgnn_cli.io.names import CLUSTER
from tvgnn_cli.io.places import is_file
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.tables import distinct, in_order


@dataclass(frozen=True)
class Named:
    """A name for each vertex, of its cluster or class, what messages call them, and what is said
    of a choice among columns.
    """

    ids: list[str]
    names: list[str]
    label: str
    notes: tuple[str, ...] = ()


@runtime_checkable
class Clustered(Protocol):
    """Clusters by vertex id, as a `ClusterResult` has them."""

    ids: np.ndarray
    labels: np.ndarray


def is_path(given: Any) -> bool:
    return isinstance(given, str | os.PathLike)


def is_in_order(given: Any) -> bool:
    """Tell whether names come in the order of the vertices, without ids."""
    if is_path(given):
        source = Source(os.fspath(given))
        is_plain = is_file(source.path)  # a pipe is read once, and not here
        return ((is_plain and form_of(first_bytes(source))) or source.suffix) in ARRAYS
    return not isinstance(given, Clustered) and not hasattr(given, "items")


def named(
    given: Any, column: str, known: Sequence[str], own: Sequence[str], asked: str | None = None
) -> Named:
    """A name for each vertex, whatever they come as.

    Args:
        given: as for `evaluate`, or a file as a `Source`.
        column: "cluster" or "label": of a table, which column has the names.
        known: vertex ids that a table may hold.
        own: those of the graph, if there is one.
        asked: the column that a user names.

    Raises:
        InputError: a file that cannot be read, a vertex twice, names that are no list.
        UsageError: a column of clusters that have none.
    """
    if is_path(given) or isinstance(given, Source):
        source = given if isinstance(given, Source) else Source(os.fspath(given))
        found = read_grouping(source, column, known, own, asked)
        return Named(found.ids, found.names, source.label, found.notes)
    what = f"{column}s"
    if asked is not None and column == CLUSTER:
        raise UsageError("`cluster_attr`: clusters in memory have no columns; leave it out")
    if isinstance(given, Clustered):
        return Named(given.ids.tolist(), list(map(as_text, given.labels.tolist())), what)
    if hasattr(given, "items") and getattr(given, "ndim", 1) == 1:
        pairs = list(given.items())
        ids = distinct(as_known([vertex for vertex, _ in pairs], known), Source(what))
        return Named(ids, _names([name for _, name in pairs], what), what)
    names = _names(as_array(given, what).tolist(), what)
    if own and len(names) != len(own):
        raise InputError(f"{what}: {len(names):,} values for {counted(len(own), 'vertex')}")
    return Named(list(own) or index_ids(len(names)).tolist(), names, what, _on_order(own, what))


def _on_order(own: Sequence[str], what: str) -> tuple[str, ...]:
    """A note where vertices are numbers that come in another order than their own."""
    is_plain = rows_by_number(own, len(own)) in (None, list(own))
    return () if is_plain else (in_order(what, own),)


def _names(values: Any, what: str) -> list[str]:
    """Names as text, "" for none.

    Raises:
        InputError: they are no list of numbers and texts.
    """
    plain = (str, int, float, np.generic)
    are_listed = isinstance(values, list)
    if not are_listed or not all(isinstance(value, plain) or is_gap(value) for value in values):
        raise InputError(
            f"{what}: need one number or name for each vertex, by id (a mapping, a pandas Series) "
            "or in vertex order (an array)"
        )
    return ["" if is_gap(value) else as_text(value) for value in values]


def refuse_lacking(found: Named) -> None:
    """Refuse vertices without a cluster.

    Raises:
        InputError: naming the first of them.
    """
    lacking = [v for v, name in zip(found.ids, found.names, strict=True) if is_missing(name)]
    if lacking:
        raise InputError(
            f"{found.label}: no cluster for vertex {first_and_rest(lacking)}; -1 says that "
            "a vertex is in none"
        )


def aligned(found: Named, wanted: list[str], other: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Codes of the clusters of the `wanted` vertices, in their order, and the clusters' names.

    Args:
        found: the clusters.
        wanted: vertex ids.
        other: what has these vertices, in messages.

    Raises:
        InputError: vertices of one that the other lacks.
    """
    name_of = dict(zip(found.ids, found.names, strict=True))
    known = set(wanted)
    lacking = [vertex for vertex in wanted if vertex not in name_of]
    if lacking:
        differ = difference(wanted, found.ids, found.label, other)
        raise InputError(
            f"{found.label}: no row for vertex {first_and_rest(lacking)}, which {other} has{differ}"
        )
    extra = [vertex for vertex in found.ids if vertex not in known]
    if extra:
        raise InputError(f"{found.label}: vertex {first_and_rest(extra)} is not in {other}")
    return encode_labels([name_of[vertex] for vertex in wanted])
