"""Evidence for clusters, without labels: how well they foretell what they were not found from.

A view is what clusters are sought in: features averaged over near vertices, features alone, or
edges alone. Each is judged by what it has not seen. Clusters that are found without some of the
edges should tell which vertices these edges join, and clusters that are found from half of the
features should show in the other half. Noise does neither, however well k-means separates it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from tvgnn_cli.config import AUTO, BOTH, EDGES, FEATURES, ClusterConfig
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.features import as_dense, is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import METHODS
from tvgnn_cli.prepare.evidence.guesser import Guesser
from tvgnn_cli.prepare.evidence.optima import SAMPLED, grouped
from tvgnn_cli.prepare.evidence.support import (
    Measure,
    Support,
    of_edges,
    of_features,
    sure,
)
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe
from tvgnn_cli.prepare.kmeans import initialisations

SHARE = 0.2
"""Share of the edges that is kept back at a time."""

PROBED = 128
"""Directions of the features that clusters are guessed from."""

STARTS, STARTED = 10, 2 * 10**5
"""k-means starts on a view, at most, and vertices of all starts together, above that of one."""

FEWEST_EDGES, FEWEST_VERTICES = 20, 2
"""Edges, and vertices of a cluster on average, below which nothing can be kept back."""

CHANCES = 40
"""Random graphs and permutations that chance is measured on."""

CLEARLY = 1.25
"""Factor by which less than all must foretell more before something is left out."""

NO_EVIDENCE = "no evidence for clusters: what they foretell of edges and features may be chance"


@dataclass(frozen=True)
class Evidence:
    """The support of each view by what it has not seen, and the view that is taken.

    Args:
        view: the one that is taken.
        support: of the clusters of each view that was tried.
        agreements: of each view whose clusters were sought more than once, without different parts
            of the edges or features: mean ARI between any two of these clusterings.
    """

    view: str
    support: dict[str, Support]
    agreements: dict[str, float]

    @property
    def of_view(self) -> Support:
        """The support of the view that is taken."""
        return self.support[self.view]

    @property
    def stability(self) -> float | None:
        """Agreement of the clusterings of the view that is taken; None where it has but one."""
        return self.agreements.get(self.view)

    @property
    def agreement(self) -> str:
        """Say it in words; empty where it is not known."""
        if self.stability is None:
            return ""
        return (
            f"clusterings that each lack another part of the data agree (ARI {self.stability:.2f})"
        )

    @property
    def is_sure(self) -> bool:
        """Tell whether any view foretells more than chance."""
        return any(each.is_sure for each in self.support.values())


def why_unmeasured(graph: Graph, config: ClusterConfig) -> str | None:
    """Say why no evidence is measured: "" where the settings decide, else what is too large or too
    small; None where it is measured.
    """
    is_asked = config.starts_from_labels and config.view == AUTO
    if not METHODS[config.method].is_judged or not is_asked:
        return ""
    if is_stored(graph.x):
        return "features that stay in their file"
    if graph.num_edges < FEWEST_EDGES:
        return f"fewer than {FEWEST_EDGES} edges"
    if graph.num_vertices < FEWEST_VERTICES * (config.num_clusters or 0):
        return f"fewer than {FEWEST_VERTICES} vertices a cluster"
    return None


def measure_views(graph: Graph, config: ClusterConfig) -> Evidence:
    """Measure what the views of a graph foretell, and choose one of them.

    A source that no view foretells is noise, and left out. So are features that tell nothing of the
    edges, nor these of them: they are about something else than the graph. Where both belong
    together, one is left out only if the other alone foretells clearly more.

    Args:
        graph: with vertices in an order that does not depend on its file's.
        config: `num_clusters`, `seed`, and how features are made.
    """
    random = np.random.default_rng(config.seed)
    views = (EDGES,) if graph.x is None else (BOTH, FEATURES, EDGES)
    trials: Trials = {view: [] for view in views}
    edges = _foretold_edges(graph, config, trials, random)
    if graph.x is None:
        return Evidence(EDGES, {EDGES: Support(edges[EDGES])}, _agreements(trials))
    features = _foretold_features(graph, config, trials, random)
    support = {view: Support(edges[view], features[view]) for view in views}
    return Evidence(_choose(support), support, _agreements(trials))


Trials = dict[str, list[np.ndarray]]
"""Clusterings of each view that were found without some of the edges or features."""


def _agreements(trials: Trials) -> dict[str, float]:
    """Mean agreement between two clusterings of a view, where there are two."""
    return {
        view: float(np.mean([adjusted_rand_index(*pair) for pair in combinations(found, 2)]))
        for view, found in trials.items()
        if len(found) > 1
    }


def _choose(support: Mapping[str, Support]) -> str:
    """The view that the support of all three speaks for."""
    edges_tell = any(each.edges.is_sure for each in support.values())
    # Features alone have seen no edge: what they tell of edges is no chance either.
    features_tell = support[FEATURES].edges.is_sure or any(
        sure(each.features) for each in support.values()
    )
    belong_together = support[FEATURES].edges.is_sure or sure(support[EDGES].features)
    if not edges_tell:
        return FEATURES if features_tell else BOTH
    if not features_tell or not belong_together:
        return EDGES
    best = max(support, key=lambda view: support[view].share)
    return best if support[best].share > CLEARLY * support[BOTH].share else BOTH


def probe_of(graph: Graph, config: ClusterConfig) -> np.ndarray:
    """The features as a vertex alone has them: scaled, not averaged over neighbours, reduced to
    `PROBED` directions; float32 `[n, p]`.
    """
    alone = replace(config, view=FEATURES, components=PROBED)
    x = apply_recipe(graph, learn_recipe(graph, alone), alone)
    return np.asarray(as_dense(x), dtype=np.float32)


def _foretold_edges(
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


def _foretold_features(
    graph: Graph, config: ClusterConfig, trials: Trials, random: np.random.Generator
) -> dict[str, Measure]:
    """Measure the views by features that they have not seen, half of them and the others, and add
    what they found to the trials.
    """
    views = tuple(trials)
    found: dict[str, list[Measure]] = {view: [] for view in views}
    order = random.permutation(graph.num_features)
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
