"""Clusters of one piece each, none of which is too small.

Pieces come first, then sizes: a cluster that merges into a neighbour stays one piece with it, and a
piece that has become a cluster may be too small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tvgnn_cli.config import SPLIT
from tvgnn_cli.errors import counted
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import UNKNOWN, number_by_size
from tvgnn_cli.shaping.clustering import Clustering, summed_columns
from tvgnn_cli.shaping.merging import absorbed
from tvgnn_cli.shaping.pieces import joined_to_neighbours, pieces_of, weights_between

MOST_SHARES = 2**28
"""Numbers of a soft assignment, at most, that is made of clusters which were split."""


@dataclass(frozen=True, eq=False)
class Shaped:
    """Clusters that were shaped.

    Args:
        clusters: they, with the numbers of before; new ones have numbers above.
        is_other: whether any vertex is in another cluster.
        metrics: counts by name.
        notes: sentences that the summary shows.
    """

    clusters: Clustering
    is_other: bool
    metrics: dict[str, Any]
    notes: tuple[str, ...]


def shape_clusters(
    graph: Graph,
    clusters: Clustering,
    min_size: int = 1,
    connected: str = "no",
    fixed: np.ndarray | None = None,
) -> Shaped:
    """Make each cluster one piece, and merge those that are too small.

    Args:
        graph: the graph.
        clusters: of its vertices.
        min_size: fewest vertices of a cluster; smaller ones merge into the neighbour with the
            largest weight of edges between them, the smallest first.
        connected: "merge" for pieces other than the largest of a cluster to go to the neighbouring
            cluster with the largest weight of edges, "split" for them to be clusters, "no" for
            neither.
        fixed: which vertices keep their cluster, `[n]`; None for none.
    """
    fixed = np.zeros(len(clusters.labels), dtype=bool) if fixed is None else fixed
    metrics: dict[str, Any] = {}
    notes: list[str] = []
    labels, k = clusters.labels, clusters.k
    if connected != "no":
        labels, k, told, said = _of_one_piece(graph, labels, k, connected == SPLIT, fixed)
        metrics, notes = metrics | told, [*notes, *said]
    into = np.arange(k)
    if min_size > 1:
        stays = np.zeros(k, dtype=bool)
        stays[labels[fixed]] = True
        sizes = np.bincount(labels[labels != UNKNOWN], minlength=k)
        into = absorbed(weights_between(graph, labels, k), sizes, min_size, stays)
        told, said = _told_of_sizes(sizes, into, min_size)
        metrics, notes = metrics | told, [*notes, *said]
    final = np.append(into, UNKNOWN)[labels]
    made = _made(clusters, final, into)
    if made.assignment is None and clusters.assignment is not None:
        notes.append(
            f"soft assignments: left out, of {made.k:,} clusters they would take "
            f"{len(labels) * made.k * 4 / 1e6:,.0f} MB; `min_size` or `connected` merge makes fewer"
        )
    return Shaped(made, bool((final != clusters.labels).any()), metrics, tuple(notes))


def _of_one_piece(
    graph: Graph, labels: np.ndarray, k: int, splits: bool, fixed: np.ndarray
) -> tuple[np.ndarray, int, dict[str, Any], list[str]]:
    """Labels and number of clusters when each is one piece, as far as can be; what became of them,
    in numbers and in words.
    """
    pieces = pieces_of(graph, labels)
    held = np.zeros(len(pieces.cluster), dtype=bool)
    held[pieces.of[fixed & (labels != UNKNOWN)]] = True
    stays = pieces.is_main | held
    if splits:
        new = np.flatnonzero(~stays)
        new = new[np.argsort(-pieces.sizes[new], kind="stable")]
        cluster = pieces.cluster.copy()
        cluster[new] = k + np.arange(len(new))
        k += len(new)
    else:
        cluster = joined_to_neighbours(pieces, stays)
    found = np.append(cluster, UNKNOWN)[pieces.of]
    moved = int((found != labels).sum())
    notes, metrics = list[str](), {"vertices_joined": moved}
    if splits:
        metrics = {"clusters_split_off": len(new)}
        notes += [f"pieces that are clusters of their own now: {len(new):,}"] * bool(len(new))
    elif moved:
        count = int((cluster != pieces.cluster).sum())
        notes.append(
            f"pieces that joined a neighbouring cluster: {count:,}, of {counted(moved, 'vertex')}"
        )
    kept = held & ~pieces.is_main
    if kept.any():
        notes.append(
            f"pieces apart from their cluster that stay, with fixed vertices: {kept.sum():,}"
        )
    lone = ~stays & (cluster == pieces.cluster)
    if lone.any():
        notes.append(
            f"pieces apart from their cluster that no edges lead out of to another: {lone.sum():,},"
            f" of {counted(int(pieces.sizes[lone].sum()), 'vertex')}; they stay in it"
        )
    return found, k, metrics, notes


def _told_of_sizes(
    sizes: np.ndarray, into: np.ndarray, min_size: int
) -> tuple[dict[str, Any], list[str]]:
    """Count what was merged, and what is too small still."""
    merged = into != np.arange(len(into))
    after = np.bincount(into, sizes, len(into))
    small = int(((after > 0) & (after < min_size)).sum())
    notes = []
    if merged.any():
        notes.append(
            f"clusters of fewer than {min_size:,} vertices that merged into a neighbour: "
            f"{merged.sum():,}, of {counted(int(sizes[merged].sum()), 'vertex')}"
        )
    if small:
        notes.append(
            f"clusters of fewer than {min_size:,} vertices that stay: {small:,}; no edge leads to "
            "another, or their vertices are fixed"
        )
    return {"clusters_absorbed": int(merged.sum())}, notes


def _made(clusters: Clustering, final: np.ndarray, into: np.ndarray) -> Clustering:
    """Clusters by their final places, with their numbers and their soft assignment."""
    there = np.flatnonzero(into == np.arange(len(into)))
    place = np.zeros(len(into), dtype=np.int64)
    place[there] = np.arange(len(there))
    old, k = clusters.k, len(there)
    new = there[there >= old]
    above = int(clusters.numbers.max(initial=-1)) + 1
    numbers = np.concatenate([clusters.numbers[there[there < old]], above + np.arange(len(new))])
    titles: tuple[str, ...] = ()
    if clusters.titles:
        kept = (clusters.titles[i] for i in there[there < old].tolist())
        titles = (*kept, *(f"new {above + i}" for i in range(len(new))))
    labels = np.append(place, UNKNOWN)[final]
    of_column = place[into[:old]]
    soft = _moved(clusters, labels, of_column, k)
    return Clustering(labels, soft, numbers, of_column[clusters.found], titles)


def _moved(
    clusters: Clustering, labels: np.ndarray, of_column: np.ndarray, k: int
) -> np.ndarray | None:
    """The soft assignment, `[n, k]`: columns of merged clusters are summed, and a vertex that went
    elsewhere takes the probability of its cluster along.
    """
    soft, before = clusters.assignment, clusters.labels
    if soft is None or (k > clusters.k and len(labels) * k > MOST_SHARES):
        return None
    summed = summed_columns(soft, of_column, k)
    was = np.append(of_column, UNKNOWN)[before]
    rows = np.flatnonzero(was != labels)
    if not len(rows):
        return summed
    summed = summed.copy() if summed is soft else summed
    share = soft[rows, before[rows]]
    summed[rows, was[rows]] = np.maximum(summed[rows, was[rows]] - share, 0)
    summed[rows, labels[rows]] += share
    return summed


def by_size(clusters: Clustering) -> Clustering:
    """The same clusters, numbered by size."""
    known = clusters.labels[clusters.labels != UNKNOWN]
    return clusters.numbered(number_by_size(known, clusters.k), clusters.titles)
