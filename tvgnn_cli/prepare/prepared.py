"""From a graph as it was read to what the network is given: vertex order, weights, features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import InputError, UsageError, counted
from tvgnn_cli.graph.features import is_sparse
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.edge_weights import Clipped, with_scaled_weights
from tvgnn_cli.prepare.evidence.decision import decide
from tvgnn_cli.prepare.evidence.encoding import Encoding
from tvgnn_cli.prepare.evidence.support import Judge, Support
from tvgnn_cli.prepare.evidence.views import Evidence
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe, matching_features
from tvgnn_cli.prepare.nearest import nearest_pairs
from tvgnn_cli.prepare.partition import partition
from tvgnn_cli.prepare.vertex_order import neighbours_near

NEIGHBOURS, MOST_NEAR = 10, 200_000
"""Nearest vertices by features whose pairs the loss counts, by default, and vertices of a graph up
to which it does: beyond, finding them takes minutes.
"""


DENSE = "; give `components`, so that they are reduced, or another `structural` than identity"
"""Remedy where features are sparse."""


@dataclass(frozen=True)
class Prepared:
    """A graph in the order and form that training sees.

    Args:
        x: features `[n, f]`, float32, dense or CSR.
        edge_index: undirected edges, int64 `[2, e]`.
        edge_weight: float32 `[e]` with mean 1, or None for 1.
        order: input position of each row, `[n]`.
        recipe: how `x` was made.
        part_bounds: where each part begins in this order, `[parts + 1]`; None for a graph that is
            trained whole.
        num_batches: batches that the parts are for.
        near: pairs of vertices with features near each other, int64 `[2, m]`, which the loss
            counts; None for none.
        evidence: what its views foretell; None where that is not measured.
        unmeasured: why it is not; empty where the settings do not ask for it.
        encoding: the directions that were chosen of the features; None where nothing was.
        judge: holds clusters against edges and features; None where they are not judged.
        judged: input position of each of the judge's vertices, `[n]`, which go by id.
        clipped: what was clipped of the weights; None where nothing was.
    """

    x: Any
    edge_index: np.ndarray
    edge_weight: np.ndarray | None
    order: np.ndarray
    recipe: FeatureRecipe
    part_bounds: np.ndarray | None = None
    num_batches: int = 1
    near: np.ndarray | None = None
    evidence: Evidence | None = None
    unmeasured: str = ""
    encoding: Encoding | None = None
    judge: Judge | None = None
    judged: np.ndarray | None = None
    clipped: Clipped | None = None

    @property
    def choices(self) -> str:
        """Name what evidence decided: the view, and the encoder."""
        view = "" if self.evidence is None else self.evidence.view
        return f"{view} {'' if self.encoding is None else self.encoding.encoder}"

    def support(self, labels: np.ndarray) -> Support:
        """Measure how far edges and features support clusters `[n]`, in input order, which has to
        have a judge.
        """
        assert self.judge is not None
        return self.judge.support(labels[self.judged])

    def in_input_order(self, values: np.ndarray) -> np.ndarray:
        """Values `[n, ...]` in the order of training, in that of the input."""
        found = np.empty_like(values)
        found[self.order] = values
        return found


def prepare(
    graph: Graph,
    config: ClusterConfig,
    recipe: FeatureRecipe | None = None,
    processes: int = 1,
    observer: Observer | None = None,
    judged: bool = True,
    trains: bool = False,
) -> Prepared:
    """Order the vertices, scale the weights, make the features, by a given recipe or a new one.
    A new one is of the view that the configuration names, or else evidence.

    Vertices go by id, so that the order of the input's lines changes nothing, and then so that
    neighbours are near each other; a graph to train by batches, which is one without a recipe, also
    by part. Edge weights are clipped where single ones outweigh all others, and divided by their
    mean, so that their unit changes nothing. Batches are made for so many processes that train
    together. The observer is told of each phase. What is not `judged` has no judge of its clusters.
    With a recipe a graph is not trained on, unless it `trains`.

    Raises:
        InputError: a graph that nothing can be learned from, or of other features than the
            recipe's.
    """
    observer, trains = observer or Observer(), trains or recipe is None
    ordered, order, clipped = in_order(graph, config.clip_weights)
    decided = decide(ordered, config, recipe, observer, judged)
    config = decided.config
    observer.phase("features")
    recipe = decided.recipe or learn_recipe(ordered, config)
    ordered = matching_features(ordered, recipe)
    near = neighbours_near(ordered.adjacency, ordered.edge_index)
    bounds = None
    if trains and config.batch == "parts":
        by_part, bounds = _by_part(
            _reordered(replace(ordered, x=None), near), config, processes, observer
        )
        near = near[by_part]
        observer.phase("features")
    final = _reordered(replace(ordered, x=apply_recipe(ordered, recipe, config)), near)
    weight, encoding = final.edge_weight, decided.encoding
    is_judged = decided.judge is not None
    neighbours = _neighbours(final, config, is_judged, bounds is None) if trains else 0
    return Prepared(
        x=final.x,
        edge_index=final.edge_index,
        edge_weight=None if weight is None else weight.astype(np.float32),
        order=order[near],
        recipe=recipe,
        part_bounds=bounds,
        num_batches=parts_and_batches(graph.num_vertices, config, processes)[1],
        near=nearest_pairs(final.x, neighbours) if neighbours else None,
        evidence=decided.evidence,
        unmeasured=decided.unmeasured or "",
        encoding=None if encoding is None else replace(encoding, labels=encoding.labels[near]),
        judge=decided.judge,
        judged=order,
        clipped=clipped,
    )


def _neighbours(graph: Graph, config: ClusterConfig, is_judged: bool, is_whole: bool) -> int:
    """Nearest vertices by features, of each, whose pairs count.

    Raises:
        UsageError: some are asked for, and features are sparse.
    """
    is_dense = not is_sparse(graph.x)
    if config.neighbours is None:
        counted = is_judged and is_whole and is_dense
        return NEIGHBOURS * (counted and graph.num_vertices <= MOST_NEAR)
    if config.neighbours and not is_dense:
        raise UsageError(f"`neighbours` needs features that are dense{DENSE}")
    return config.neighbours


def require_edges(graph: Graph) -> None:
    """Refuse a graph without edges.

    Raises:
        InputError: it has none.
    """
    if graph.num_edges == 0:
        raise InputError(
            f"{graph.name}: the graph has no edges between different vertices; "
            "clustering needs some"
        )


class Ordered(NamedTuple):
    """A graph whose vertices are in the order of their ids, with weights of mean 1.

    Args:
        graph: without labels.
        order: input position of each vertex, `[n]`.
        clipped: what was clipped of the weights; None where nothing was.
    """

    graph: Graph
    order: np.ndarray
    clipped: Clipped | None


def in_order(graph: Graph, clips: bool = True) -> Ordered:
    """The graph in the order that what comes after is the same for any order of the input's lines,
    with weights that it `clips` where some outweigh all others.

    Raises:
        InputError: it has no edges.
    """
    require_edges(graph)
    order = np.argsort(graph.ids) if graph.explicit_ids else np.arange(graph.num_vertices)
    # A graph of its own, whose adjacency matrix ends with it.
    ordered = _reordered(graph, order) if graph.explicit_ids else replace(graph, y=None)
    scaled, clipped = with_scaled_weights(ordered, clips)
    return Ordered(scaled, order, clipped)


def parts_and_batches(
    num_vertices: int, config: ClusterConfig, processes: int = 1
) -> tuple[int, int]:
    """Parts that a graph is cut into, of two vertices at least, and batches that they are for: as
    many for each process.

    Raises:
        UsageError: more processes than such batches.
    """
    most = num_vertices // 2 // processes
    if processes > 1 and most == 0:
        raise UsageError(f"{processes} processes are too many for {num_vertices} vertices")
    batches = max(1, round(num_vertices / config.batch_size / processes))
    batches = processes * min(batches, max(1, most))
    return batches * min(config.parts_per_batch, max(1, num_vertices // (2 * batches))), batches


def told_batches(num_vertices: int, config: ClusterConfig, processes: int = 1) -> str:
    """Say into how many batches a graph is cut: `2 batches of 32 parts`."""
    parts, batches = parts_and_batches(num_vertices, config, processes)
    return f"{counted(batches, 'batch')} of {counted(parts // batches, 'part')}"


def _by_part(
    graph: Graph, config: ClusterConfig, processes: int, observer: Observer
) -> tuple[np.ndarray, np.ndarray]:
    """The vertices part by part, `[n]`, and where each part begins, `[parts + 1]`."""
    count, _ = parts_and_batches(graph.num_vertices, config, processes)
    observer.phase("parts")
    parts = partition(graph.adjacency, count, config.seed, partial(observer.phase, "parts"))
    bounds = np.concatenate([[0], np.cumsum(np.bincount(parts, minlength=count))])
    return np.argsort(parts, kind="stable"), bounds


def _reordered(graph: Graph, order: np.ndarray) -> Graph:
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    low, high = np.sort(rank[graph.edge_index], axis=0)
    sorting = np.lexsort((high, low))
    return replace(
        graph,
        ids=graph.ids[order],
        edge_index=np.stack([low, high])[:, sorting],
        edge_weight=None if graph.edge_weight is None else graph.edge_weight[sorting],
        x=None if graph.x is None else graph.x[order],
        y=None,
    )
