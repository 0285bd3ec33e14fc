"""Measures of a view by what it has not seen: some of the edges, half of the features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tvgnn_cli.config import EDGES, FEATURES, ClusterConfig
from tvgnn_cli.graph.features import as_dense
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.prepare.evidence.guesser import Guesser
from tvgnn_cli.prepare.evidence.optima import SAMPLED, grouped
from tvgnn_cli.prepare.evidence.support import Measure, of_edges, of_features
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe
from tvgnn_cli.prepare.kmeans import initialisations

SHARE = 0.2
"""Share of the edges that is kept back at a time."""

PROBED = 128
"""Directions of the features that clusters are guessed from."""

STARTS, STARTED = 10, 2 * 10**5
"""k-means starts on a view, at most, and vertices of all starts together, above that of one."""

CHANCES = 40
"""Random graphs and permutations that chance is measured on."""

Trials = dict[str, list[np.ndarray]]
"""Clusterings of each view that were found without some of the edges or features."""


def probe_of(graph: Graph, config: ClusterConfig) -> np.ndarray:
    """The features as a vertex alone has them: scaled, not averaged over neighbours, reduced to
    `PROBED` directions; float32 `[n, p]`.
    """
    alone = replace(config, view=FEATURES, components=PROBED)
    x = apply_recipe(graph, learn_recipe(graph, alone), alone)
    return np.asarray(as_dense(x), dtype=np.float32)


def foretold_edges(
    graph: Graph, config: ClusterConfig, trials: Trials, random: np.random.Generator
) -> dict[str, Measure]:
    """Measure the views by edges that they have not seen, and add what they found to the trials."""
    views = tuple(trials)
    found: dict[str, list[Measure]] = {view: [] for view in views}
    for seen, unseen in _parted(graph, random):
        for view in views:
            if view != FEATURES:
                labels = _clusters(seen, replace(config, view=view))
                trials[view].append(labels)
                found[view].append(of_edges(labels, *unseen, random, CHANCES))
    if FEATURES in views:  # which has seen no edge at all
        labels = _clusters(graph, replace(config, view=FEATURES))
        found[FEATURES].append(
            of_edges(labels, graph.edge_index, graph.edge_weight, random, CHANCES)
        )
    return {view: Measure.mean(measures) for view, measures in found.items()}


Edges = tuple[np.ndarray, np.ndarray | None]
"""Ends of edges, `[2, e]`, and their weights, `[e]`, None for 1."""


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


def foretold_features(
    graph: Graph,
    config: ClusterConfig,
    trials: Trials,
    order: np.ndarray,
    random: np.random.Generator,
) -> dict[str, Measure]:
    """Measure the views by features that they have not seen, the first half in that order and the
    others, and add what they found to the trials.
    """
    views = tuple(trials)
    found: dict[str, list[Measure]] = {view: [] for view in views}
    halves = [np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])]
    for seen, unseen in (halves, halves[::-1]):
        if not len(seen):
            return {view: Measure(0.0, 0.0) for view in views}
        guesser = Guesser(probe_of(_with_columns(graph, unseen), config), random)
        for view in views:
            if view == EDGES and found[EDGES]:
                continue  # the same clusters: other features, that they have not seen either
            labels = _clusters(_with_columns(graph, seen), replace(config, view=view))
            if view != EDGES:  # which lacks nothing here
                trials[view].append(labels)
            found[view].append(of_features(labels, guesser, random, CHANCES))
    return {view: Measure.mean(measures) for view, measures in found.items()}


def _with_columns(graph: Graph, columns: np.ndarray) -> Graph:
    names = graph.feature_names
    kept = tuple(names[i] for i in columns) if names else ()
    x = graph.x
    # An index would lay the copy out by columns, which all that reads rows is slower on.
    x = np.take(x, columns, axis=1) if isinstance(x, np.ndarray) else x[:, columns]
    return replace(graph, x=x, feature_names=kept)


def _clusters(graph: Graph, config: ClusterConfig) -> np.ndarray:
    """The clusters that k-means finds in a view."""
    x = apply_recipe(graph, learn_recipe(graph, config, rough=True), config)
    half = initialisations(x, config.clusters) // 2
    seen = min(graph.num_vertices, SAMPLED)
    starts = max(1, min(STARTS, STARTED // seen, half))
    return grouped(x, config, starts, most=1).found[0].labels
