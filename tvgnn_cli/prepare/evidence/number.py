"""Choice of the number of clusters, from what k-means finds for several of them.

Losses, modularity and evidence all change with the number of clusters, most of them in one
direction. Two measures have their best value at the number that a graph was made with. Where
clusters are sought in edges alone, it is the length of a description of the edges that names the
clusters first. Where features count, it is the share of a vertex's cluster that edges and features
tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tvgnn_cli.config import AUTO, BOTH, EDGES, ClusterConfig
from tvgnn_cli.graph.description import bits_saved
from tvgnn_cli.graph.features import is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import DEFAULT, METHODS
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.optima import OPTIMA
from tvgnn_cli.prepare.evidence.support import Judge
from tvgnn_cli.prepare.evidence.views import (
    FEWEST_EDGES,
    FEWEST_VERTICES,
    choose_encoder,
    grouped,
    measure_views,
    probe_of,
)
from tvgnn_cli.prepare.feature_scaling import unit_rows
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe
from tvgnn_cli.prepare.kmeans import initialisations
from tvgnn_cli.prepare.structural import ROUGH, leading_vectors

SIZE = 3
"""Vertices of a cluster, on average, down to which numbers are tried."""

NUMBERS = 5 * 10**7
"""Numbers that the eigenvectors of a graph may have together: up to so many clusters times
vertices.
"""

FIRST, WIDER = 16, 2.5
"""Numbers that are tried in any case, and the factor of the best so far up to which others are."""

EACH, STEP = 8, 1.2
"""Numbers up to which each one is tried at first, and the factor between those after it."""

PILOT = 8
"""Clusters by which it is decided what clusters are sought in, before their number is known."""

STARTS = 20
"""k-means starts of each number, at most."""

NEAR = 0.99
"""Share of the best support from which a larger number is as good."""


@dataclass(frozen=True)
class Tried:
    """Clusters of one number.

    Args:
        num_clusters: K.
        bits: by which they shorten a description of the edges, of an edge.
        support: share of a vertex's cluster that edges and features tell; None where features do
            not count.
    """

    num_clusters: int
    bits: float
    support: float | None = None

    @property
    def score(self) -> float:
        """Number by which it is compared with others, the larger the better."""
        return self.bits if self.support is None else self.support


@dataclass(frozen=True)
class Choice:
    """Choice of a number of clusters.

    Args:
        num_clusters: the one that is taken.
        tried: all that were, the smallest first.
        view: what the clusters were sought in.
        is_sure: whether anything speaks for clusters at all.
        is_open: whether larger numbers were left out.
    """

    num_clusters: int
    tried: tuple[Tried, ...]
    view: str
    is_sure: bool
    is_open: bool = False

    @property
    def taken(self) -> Tried:
        """The one that is taken."""
        return next(each for each in self.tried if each.num_clusters == self.num_clusters)

    @property
    def next_best(self) -> tuple[Tried, ...]:
        """The two best of the others."""
        others = [each for each in self.tried if each is not self.taken]
        return tuple(sorted(others, key=lambda each: -each.score)[:2])

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what was chosen, by what, and what came close."""
        by_edges = self.taken.support is None
        what = (
            "bits an edge that they save in a description of the edges"
            if by_edges
            else "share of a vertex's cluster that edges and features tell"
        )
        others = "; ".join(f"{each.num_clusters}: {each.score:.3f}" for each in self.next_best)
        span = f"{self.tried[0].num_clusters} to {self.tried[-1].num_clusters}"
        found = [
            f"number of clusters: {self.num_clusters} of {span}, by {what}: "
            f"{self.taken.score:.3f}" + (f" (next: {others})" if others else "")
        ]
        if self.is_open and self.num_clusters == self.tried[-1].num_clusters:
            found.append(
                "warning: that is the largest number that was tried; give `num_clusters` a wider "
                "range"
            )
        if not self.is_sure and by_edges:
            found.append(
                "warning: no number of clusters is better than one cluster by that: to name them "
                "costs more than it saves"
            )
        elif not self.is_sure:
            found.append(
                "warning: no number of clusters has evidence: they foretell no edge and no feature "
                "better than chance"
            )
        return tuple(found)


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
        evidence = measure_views(graph, pilot)
        view, is_sure = evidence.view, evidence.is_sure
    view = BOTH if view == AUTO else view
    if view == EDGES:
        return _by_edges(graph, config, known, observer)
    pilot = replace(pilot, view=view)
    seeks = view == BOTH and config.encoder == AUTO
    encoding = choose_encoder(graph, pilot, judge) if seeks and judge is not None else None
    recipe = learn_recipe(graph, pilot) if encoding is None else encoding.recipe
    x = apply_recipe(graph, recipe, pilot)
    search = _Search(lambda _: x, graph, pilot, observer, judge)
    return replace(search.choice(search.run(known), view), is_sure=is_sure)


def _judge(graph: Graph, config: ClusterConfig) -> Judge:
    return Judge(graph.edge_index, graph.edge_weight, probe_of(graph, config), config.seed)


def _by_edges(
    graph: Graph, config: ClusterConfig, known: list[int] | None, observer: Observer
) -> Choice:
    search = _Search(_InEdges(graph, config, _most(graph, known)), graph, config, observer)
    return search.choice(search.run(known), EDGES)


def _sought(config: ClusterConfig) -> ClusterConfig:
    """The configuration of the method whose features are made, for those that make none."""
    config = replace(config, choose_from=None)
    method = METHODS[config.method]
    if method.is_judged:
        return config
    return replace(config, method=DEFAULT, view=AUTO if method.features else EDGES, init="kmeans")


def _most(graph: Graph, known: list[int] | None) -> int:
    """The largest number that may be tried."""
    n = max(graph.num_vertices, 2)
    if known:
        return min(known[-1], n)
    return max(2, min(n // SIZE, NUMBERS // n))


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


@dataclass(eq=False)
class _Search:
    """Search for the number of clusters that scores best.

    Args:
        features: of each number, `[n, f]`.
        graph: whose edges score.
        config: the seed.
        observer: told of each number.
        judge: of edges and features; None where only edges score.
    """

    features: Callable[[int], Any]
    graph: Graph
    config: ClusterConfig
    observer: Observer
    judge: Judge | None = None
    tried: dict[int, Tried] = field(default_factory=dict)
    is_open: bool = False

    def run(self, numbers: list[int] | None) -> Tried:
        """Try all of the numbers, or those that lead to the best one; the best."""
        if numbers is not None:
            for number in numbers:
                self._try(number)
            self.is_open = numbers[-1] < self.graph.num_vertices // SIZE
            return self.best
        most = _most(self.graph, None)
        for number in _steps(most):
            if number > max(FIRST, WIDER * self._highest):
                break
            self._try(number)
        else:
            self.is_open = most < self.graph.num_vertices // SIZE
        self._refine()
        return self.best

    @property
    def best(self) -> Tried:
        """The best so far: of equal ones the smallest. Support may be a little less than the best
        for a larger number, which says more.
        """
        found = sorted(self.tried.values(), key=lambda each: each.num_clusters)
        top = max(found, key=lambda each: each.score)
        if self.judge is None or top.score <= 0:
            return top
        return next(each for each in reversed(found) if each.score >= NEAR * top.score)

    @property
    def _highest(self) -> int:
        return (
            max(self.tried.values(), key=lambda each: each.score).num_clusters if self.tried else 0
        )

    def _refine(self) -> None:
        """Halve the gaps beside the best until there are none."""
        while True:
            known, at = sorted(self.tried), self._highest
            place = known.index(at)
            gaps = [(known[i], known[i + 1]) for i in (place - 1, place) if 0 <= i < len(known) - 1]
            middles = [(low + high) // 2 for low, high in gaps if high - low > 1]
            if not middles:
                return
            for number in middles:
                self._try(number)

    def _try(self, number: int) -> None:
        self.observer.phase("number of clusters", number)
        config = replace(self.config, num_clusters=number)
        x = self.features(number)
        starts = max(1, min(STARTS, initialisations(x, number)))
        found = [each.labels for each in grouped(x, config, starts, OPTIMA).found]
        index, weight = self.graph.edge_index, self.graph.edge_weight
        bits = [bits_saved(labels, index, weight) for labels in found]
        support = None
        if self.judge is not None:
            support = max(self.judge.support(labels).share for labels in found[:2])
        self.tried[number] = Tried(number, max(bits), support)

    def choice(self, best: Tried, view: str) -> Choice:
        """Make the choice of what came of it."""
        tried = tuple(self.tried[number] for number in sorted(self.tried))
        return Choice(best.num_clusters, tried, view, best.bits > 0, self.is_open)


def _steps(most: int) -> list[int]:
    """Numbers from 2 up, each one at first, further and further apart then, and the largest."""
    found, number = [], 2
    while number < most:
        found.append(number)
        number += 1 if number < EACH else max(1, math.ceil((STEP - 1) * number))
    return [*found, most]
