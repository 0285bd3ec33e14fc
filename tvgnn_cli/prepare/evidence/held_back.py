"""Measures of a view by what it has not seen: some of the edges, half of the features."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from tvgnn_cli.config import BOTH, EDGES, FEATURES, JOINT, NONE, ClusterConfig
from tvgnn_cli.graph.features import as_dense
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.prepare.evidence.guesser import Guesser
from tvgnn_cli.prepare.evidence.optima import SAMPLED, grouped
from tvgnn_cli.prepare.evidence.support import Measure, Support, of_edges, of_features
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe, learn_recipes
from tvgnn_cli.prepare.joint import beside_eigenvectors, embedded
from tvgnn_cli.prepare.kmeans import initialisations

SHARE = 0.2
"""Share of the edges that is kept back at a time."""

PROBED = 128
"""Directions of the features that clusters are guessed from."""

STARTS, STARTED = 10, 2 * 10**5
"""k-means starts on a view, at most, and vertices of all starts together, above that of one."""

CHANCES = 40
"""Random graphs and permutations that chance is measured on."""


class Way(NamedTuple):
    """Way in which clusters are sought.

    Args:
        view: of the sources.
        encoder: of the features, where the view has both sources.
    """

    view: str
    encoder: str = NONE


Trials = dict[Way, list[np.ndarray]]
"""Clusterings of each way that were found without some of the edges or features."""

Edges = tuple[np.ndarray, np.ndarray | None]
"""Ends of edges, `[2, e]`, and their weights, `[e]`, None for 1."""


def probe_of(graph: Graph, config: ClusterConfig) -> np.ndarray:
    """The features as a vertex alone has them: scaled, not averaged over neighbours, reduced to
    `PROBED` directions; float32 `[n, p]`.
    """
    alone = replace(config, view=FEATURES, components=PROBED)
    x = apply_recipe(graph, learn_recipe(graph, alone), alone)
    return np.asarray(as_dense(x), dtype=np.float32)


class HeldBack:
    """Edges and features of a graph that are kept back in turn: a fifth, and half of them. Whatever
    is sought, it is the same edges and features.

    Args:
        graph: with vertices in an order that does not depend on its file's.
        config: `num_clusters`, `seed`, and how features are made.

    Attributes:
        parts: the graph without some of its edges, and these. The first clusterings of a way that
            sees edges are of these graphs, in their order.
    """

    def __init__(self, graph: Graph, config: ClusterConfig) -> None:
        self.graph, self.config = graph, config
        self._random = np.random.default_rng(config.seed)
        self.parts = list(_parted(graph, self._random))
        order = self._random.permutation(graph.num_features)
        self._halves = [np.sort(half) for half in np.array_split(order, [len(order) // 2])]

    def foretold(self, *ways: Way) -> tuple[dict[Way, Support], Trials]:
        """Measure what clusters that are sought in these ways foretell of what was kept back, and
        give these clusters.
        """
        trials: Trials = {way: [] for way in ways}
        edges = self._edges(trials)
        features = None if self.graph.x is None else self._features(trials)
        return {
            way: Support(edges[way], None if features is None else features[way]) for way in ways
        }, trials

    def _edges(self, trials: Trials) -> dict[Way, Measure]:
        """Measure ways by edges that they have not seen, and add what they found to the trials."""
        found: dict[Way, list[Measure]] = {way: [] for way in trials}
        graph, random = self.graph, self._random
        see_edges = [way for way in trials if way.view != FEATURES]
        for seen, unseen in self.parts:
            for way, labels in _clusterings(seen, self.config, see_edges):
                trials[way].append(labels)
                found[way].append(of_edges(labels, *unseen, random, CHANCES))
        blind = [way for way in trials if way.view == FEATURES]  # which have seen no edge at all
        for way, labels in _clusterings(graph, self.config, blind):
            every = graph.edge_index, graph.edge_weight
            found[way].append(of_edges(labels, *every, random, CHANCES))
        return {way: Measure.mean(measures) for way, measures in found.items()}

    def _features(self, trials: Trials) -> dict[Way, Measure]:
        """Measure ways by features that they have not seen, and add what they found to the
        trials.
        """
        found: dict[Way, list[Measure]] = {way: [] for way in trials}
        graph, config, random = self.graph, self.config, self._random
        see_features = [way for way in trials if way.view != EDGES]
        blind = [way for way in trials if way.view == EDGES]  # which have seen no feature at all
        of_blind = list(_clusterings(graph, config, blind))
        for seen, unseen in (self._halves, self._halves[::-1]):
            if not len(seen) or not len(unseen):
                return {way: Measure(0.0, 0.0) for way in trials}
            guesser = Guesser(probe_of(_with_columns(graph, unseen), config), random)
            for way, labels in _clusterings(_with_columns(graph, seen), config, see_features):
                trials[way].append(labels)
                found[way].append(of_features(labels, guesser, random, CHANCES))
            for way, labels in of_blind:
                found[way].append(of_features(labels, guesser, random, CHANCES))
        return {way: Measure.mean(measures) for way, measures in found.items()}


def _parted(graph: Graph, random: np.random.Generator) -> Iterator[tuple[Graph, Edges]]:
    """The graph without a share of its edges, and these; large graphs fewer times."""
    m = graph.num_edges
    times = 5 if m <= 20_000 else 2 if m <= 200_000 else 1
    part, weight = random.permutation(m) % round(1 / SHARE), graph.edge_weight
    for kept_back in range(times):
        edges = [
            (graph.edge_index[:, which], None if weight is None else weight[which])
            for which in (part != kept_back, part == kept_back)
        ]
        (index, kept), unseen = edges
        yield replace(graph, edge_index=index, edge_weight=kept), unseen


def _with_columns(graph: Graph, columns: np.ndarray) -> Graph:
    names = graph.feature_names
    kept = tuple(names[i] for i in columns) if names else ()
    x = graph.x
    # An index would lay the copy out by columns, which all that reads rows is slower on.
    x = np.take(x, columns, axis=1) if isinstance(x, np.ndarray) else x[:, columns]
    return replace(graph, x=x, feature_names=kept, fills=None)


def _clusterings(
    graph: Graph, config: ClusterConfig, ways: Iterable[Way]
) -> Iterator[tuple[Way, np.ndarray]]:
    """The clusters that k-means finds in each of these ways; what encoders share is found once."""
    ways = list(ways)
    encoders = dict.fromkeys(way.encoder for way in ways if way.view in (BOTH, JOINT))
    for encoder, recipe in learn_recipes(graph, replace(config, view=BOTH), encoders, rough=True):
        x = apply_recipe(graph, recipe, config)
        if Way(BOTH, encoder) in ways:
            yield Way(BOTH, encoder), _clusters(x, config)
        if Way(JOINT, encoder) in ways:
            beside = beside_eigenvectors(x, graph, config.clusters, config.seed)
            yield Way(JOINT, encoder), _clusters(beside, config)
    for way in ways:
        if way.view in (FEATURES, EDGES):
            yield way, _clusters(_of_one_source(graph, replace(config, view=way.view)), config)


def _of_one_source(graph: Graph, config: ClusterConfig) -> Any:
    """Find features of a view that has but one source."""
    if config.view == EDGES and config.structural == "spectral":
        return embedded(graph, config.clusters, config.seed)
    return apply_recipe(graph, learn_recipe(graph, config, rough=True), config)


def _clusters(x: Any, config: ClusterConfig) -> np.ndarray:
    """The clusters that k-means finds in features `[n, f]`."""
    half = initialisations(x, config.clusters) // 2
    seen = min(x.shape[0], SAMPLED)
    starts = max(1, min(STARTS, STARTED // seen, half))
    return grouped(x, config, starts, most=1).found[0].labels
