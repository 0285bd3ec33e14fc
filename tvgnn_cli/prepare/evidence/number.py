"""Choice of the number of clusters, from what k-means finds for several of them.

Losses, modularity and evidence all change with the number of clusters, most of them in one
direction. Two measures have their best value at the number that a graph was made with. Where
clusters are sought in edges alone, it is the length of a description of the edges that names the
clusters first. Where features count, it is the share of a vertex's cluster that edges and features
tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tvgnn_cli.config import AUTO, BOTH, EDGES, JOINT, ClusterConfig
from tvgnn_cli.graph.features import is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import DEFAULT, METHODS
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.encoding import choose_encoder
from tvgnn_cli.prepare.evidence.held_back import probe_of
from tvgnn_cli.prepare.evidence.number_search import FIRST, Search, most_of
from tvgnn_cli.prepare.evidence.support import Judge
from tvgnn_cli.prepare.evidence.tried import Choice
from tvgnn_cli.prepare.evidence.views import (
    FEWEST_EDGES,
    FEWEST_VERTICES,
    measure_views,
)
from tvgnn_cli.prepare.feature_scaling import unit_rows
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe
from tvgnn_cli.prepare.structural import ROUGH, leading_vectors

PILOT = 8
"""Clusters by which it is decided what clusters are sought in, before their number is known."""


def choose_number(
    graph: Graph,
    config: ClusterConfig,
    numbers: Iterable[int] | None = None,
    observer: Observer | None = None,
) -> Choice:
    """Choose the number of clusters of a graph whose vertices are in the order of their ids.

    Without labels, and without training: of each number k-means finds clusters, in the features
    that training would start from.

    Args:
        graph: as `in_order` gives it.
        config: the seed, and how features are made.
        numbers: to choose from; None for all that the graph's size allows.
        observer: told of each number that is tried.

    Raises:
        TrainingError: values too large for distances between them.
    """
    observer = observer or Observer()
    config = _sought(config)
    known = None if numbers is None else sorted(set(numbers))
    if graph.x is None or config.view == EDGES:
        return _by_edges(graph, config, known, observer)
    pilot = replace(config, num_clusters=min(PILOT, max(graph.num_vertices, 2)))
    view, is_sure = config.view, True
    measured = not is_stored(graph.x) and _is_large_enough(graph, pilot)
    judge = _judge(graph, config) if measured else None
    if view == AUTO and measured:
        observer.phase("evidence")
        evidence = measure_views(graph, pilot, joins=False)  # of another number of clusters
        view, is_sure = evidence.view, evidence.is_sure
    view = BOTH if view == AUTO else view
    if view == EDGES:
        return _by_edges(graph, config, known, observer)
    pilot = replace(pilot, view=view)
    seeks = view in (BOTH, JOINT) and config.encoder == AUTO
    encoding = choose_encoder(graph, pilot, judge) if seeks and judge is not None else None
    recipe = learn_recipe(graph, pilot) if encoding is None else encoding.recipe
    x = apply_recipe(graph, recipe, pilot)
    search = Search(lambda _: x, graph, pilot, observer, judge)
    return replace(search.choice(search.run(known), view), is_sure=is_sure)


def _judge(graph: Graph, config: ClusterConfig) -> Judge:
    return Judge(graph.edge_index, graph.edge_weight, probe_of(graph, config), config.seed)


def _by_edges(
    graph: Graph, config: ClusterConfig, known: list[int] | None, observer: Observer
) -> Choice:
    search = Search(_InEdges(graph, config, most_of(graph, known)), graph, config, observer)
    return search.choice(search.run(known), EDGES)


def _sought(config: ClusterConfig) -> ClusterConfig:
    """The configuration of the method whose features are made, for those that make none."""
    config = replace(config, choose_from=None)
    method = METHODS[config.method]
    if method.is_judged:
        return config
    return replace(config, method=DEFAULT, view=AUTO if method.features else EDGES, init="kmeans")


def _is_large_enough(graph: Graph, config: ClusterConfig) -> bool:
    enough = graph.num_vertices >= FEWEST_VERTICES * config.clusters
    return enough and graph.num_edges >= FEWEST_EDGES


@dataclass(eq=False)
class _InEdges:
    """Features that edges alone give for each number of clusters; eigenvectors are found for many
    numbers at once.

    Args:
        graph: the edges.
        config: the seed, and what stands for features.
        most: numbers that may be asked for.
    """

    graph: Graph
    config: ClusterConfig
    most: int
    _vectors: np.ndarray | None = None

    def __call__(self, k: int) -> Any:
        if self.config.structural != "spectral":
            config = replace(self.config, num_clusters=k, view=EDGES)
            return apply_recipe(self.graph, learn_recipe(self.graph, config), config)
        if self._vectors is None or self._vectors.shape[1] < k:
            size = min(max(k, 1 + int(1.5 * FIRST), 2 * k * (k > FIRST)), max(self.most, k))
            seed = self.config.seed
            self._vectors = leading_vectors(self.graph, size, seed, tolerance=ROUGH)
        return np.asarray(unit_rows(self._vectors[:, :k]), dtype=np.float32)
