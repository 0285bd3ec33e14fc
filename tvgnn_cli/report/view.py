"""A graph and its clusters as far as a picture can show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import encode_labels
from tvgnn_cli.plots.palette import hues_of
from tvgnn_cli.report.attributes import Attribute, attributes_of
from tvgnn_cli.report.places import (
    cluster_weights,
    leanings,
    place_clusters,
    place_vertices,
    principal,
)
from tvgnn_cli.report.sampling import chosen_vertices, edges_among


@dataclass(frozen=True)
class Limits:
    """Sizes from which a picture shows a sample.

    Args:
        vertices, edges: shown at most.
        seed: of the sample, and of the places.
    """

    vertices: int = 100_000
    edges: int = 200_000
    seed: int = 0


@dataclass(frozen=True, eq=False)
class GraphView:
    """Vertices and edges to be shown.

    Args:
        ids: of the vertices, object array `[n]`.
        names: what people call them, object array `[n]`; None where that is their ids.
        positions: float32 `[n, 2]`.
        labels: cluster of each vertex, int64 `[n]`.
        cluster_names: of the `k` clusters.
        cluster_sizes: vertices of each in the whole graph, `[k]`.
        colours: of the clusters, `#rrggbb`.
        edges: between the vertices, int64 `[2, m]`.
        degrees: edges of each vertex in the whole graph, int64 `[n]`.
        confidence: of each vertex in its cluster, float64 `[n]`, or None.
        stability: share of the clusterings in which each vertex is in its cluster, float64 `[n]`,
            or None.
        classes: true class of each vertex, codes `[n]`, -1 where unknown, or None.
        class_names: what the codes stand for.
        attributes: what else is known of the vertices.
        total: vertices and edges of the whole graph.
        notes: what is not shown, in words.
    """

    ids: np.ndarray
    names: np.ndarray | None
    positions: np.ndarray
    labels: np.ndarray
    cluster_names: tuple[str, ...]
    cluster_sizes: np.ndarray
    colours: tuple[str, ...]
    edges: np.ndarray
    degrees: np.ndarray
    confidence: np.ndarray | None = None
    stability: np.ndarray | None = None
    classes: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    total: tuple[int, int] = (0, 0)
    notes: tuple[str, ...] = field(default=())


def view_of(
    graph: Graph,
    labels: np.ndarray,
    names: Sequence[str],
    *,
    confidence: np.ndarray | None = None,
    stability: np.ndarray | None = None,
    embedding: np.ndarray | None = None,
    classes: Sequence[str] | np.ndarray | None = None,
    limits: Limits | None = None,
) -> GraphView:
    """Choose what a picture of a graph shows, and place it.

    Args:
        graph: with its origin where attributes of its file are to be shown.
        labels: cluster of each vertex, `[n]`, from 0.
        names: of the clusters.
        confidence: of each vertex in its cluster, `[n]`.
        stability: of each vertex in its cluster, `[n]`, where several clusterings agree on these.
        embedding: `[n, d]`, whose two leading directions become the places; None for a layout.
        classes: true class of each vertex by name, `[n]`, "" where it is unknown; shown only.
        limits: how much is shown.

    Raises:
        UsageError: limits that are no numbers from 1; labels that are not those of the vertices.
    """
    limits, k, n = limits or Limits(), len(names), graph.num_vertices
    labels = np.asarray(labels)
    _check(labels, k, n, limits)
    random = np.random.default_rng(limits.seed)
    chosen = chosen_vertices(labels, k, limits.vertices, random)
    of, sizes = labels[chosen].astype(np.int64), np.bincount(labels, minlength=k)
    edges, among = edges_among(graph.edge_index, chosen, n, limits.edges, random)
    attributes, notes = attributes_of(graph, chosen, of, k)
    codes, class_names = _classes(classes, chosen)
    samples = _samples(graph, len(chosen), edges.shape[1], among)
    return GraphView(
        ids=graph.ids[chosen],
        names=None if graph.names is None else graph.names[chosen],
        positions=_places(graph, labels, k, chosen, edges, embedding, random),
        labels=of,
        cluster_names=tuple(names),
        cluster_sizes=sizes,
        colours=hues_of(names),
        edges=edges,
        degrees=np.bincount(graph.edge_index.reshape(-1), minlength=n)[chosen],
        confidence=_chosen(confidence, chosen),
        stability=_chosen(stability, chosen),
        classes=codes,
        class_names=class_names,
        attributes=tuple(attributes),
        total=(n, graph.num_edges),
        notes=(*samples, *_unseen(sizes, np.bincount(of, minlength=k)), *notes),
    )


def _check(labels: np.ndarray, k: int, n: int, limits: Limits) -> None:
    if min(limits.vertices, limits.edges) < 1:
        raise UsageError("a picture needs room for one vertex and one edge at least")
    if labels.shape != (n,) or not n or labels.min() < 0 or labels.max() >= k:
        raise UsageError(f"labels of {n:,} vertices need to be from 0 to {k - 1}, one for each")


def _chosen(values: np.ndarray | None, chosen: np.ndarray) -> np.ndarray | None:
    """The numbers of the chosen vertices; None where there are none."""
    return None if values is None else np.asarray(values, dtype=float)[chosen]


def _classes(
    classes: Sequence[str] | np.ndarray | None, chosen: np.ndarray
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Codes of the chosen vertices' classes, and their names; None where none is known."""
    if classes is None:
        return None, ()
    codes, names = encode_labels(np.asarray(classes, dtype=object)[chosen].tolist())
    return (codes, names) if names else (None, ())


def _unseen(sizes: np.ndarray, shown: np.ndarray) -> tuple[str, ...]:
    """A sentence on clusters without a vertex in the picture."""
    occupied, seen = int((sizes > 0).sum()), int((shown > 0).sum())
    if seen == occupied:
        return ()
    return (f"clusters in the picture: the {seen:,} largest of {occupied:,}, a vertex of each",)


def _samples(graph: Graph, shown: int, drawn: int, among: int) -> tuple[str, ...]:
    """Sentences on what was drawn from the graph."""
    notes = []
    if shown < graph.num_vertices:
        notes.append(
            f"picture: {shown:,} of {graph.num_vertices:,} vertices, drawn at random from each "
            f"cluster by its size, and the {among:,} of {graph.num_edges:,} edges between them"
        )
    if drawn < among:
        notes.append(f"edges in the picture: {drawn:,} of these {among:,}, drawn at random")
    return tuple(notes)


def _places(
    graph: Graph,
    labels: np.ndarray,
    k: int,
    chosen: np.ndarray,
    edges: np.ndarray,
    embedding: np.ndarray | None,
    random: np.random.Generator,
) -> np.ndarray:
    """Places of the chosen vertices, `[c, 2]`: by the embedding, if it tells any two apart."""
    if embedding is not None and embedding.shape[1]:
        found = principal(np.asarray(embedding)[chosen])
        if bool((np.ptp(found, axis=0) > 0).any()):
            return found
    of = labels[chosen]
    between = cluster_weights(graph.edge_index, graph.weights, labels, k)
    discs = place_clusters(between, np.bincount(of, minlength=k))
    leaning = leanings(graph.edge_index, graph.weights, labels, discs.centre)[chosen]
    return place_vertices(of, discs, leaning, edges, random)
