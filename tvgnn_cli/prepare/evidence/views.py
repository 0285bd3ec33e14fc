"""Evidence for clusters, without labels: how well they foretell what they were not found from.

A view is what clusters are sought in: features averaged over near vertices, features alone, or
edges alone; and, where edges alone foretell nearly as much as averaged features, both side by side.
Each is judged by what it has not seen. Clusters that are found without some of the edges should
tell which vertices these edges join, and clusters that are found from half of the features should
show in the other half. Noise does neither, however well k-means separates it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tvgnn_cli.config import AUTO, BOTH, EDGES, FEATURES, JOINT, ClusterConfig
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.features import is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import METHODS
from tvgnn_cli.prepare.evidence.held_back import Trials, foretold_edges, foretold_features
from tvgnn_cli.prepare.evidence.support import Support, sure
from tvgnn_cli.prepare.joint import can_join

FEWEST_EDGES, FEWEST_VERTICES = 20, 2
"""Edges, and vertices of a cluster on average, below which nothing can be kept back."""

CLEARLY = 1.25
"""Factor by which another view must foretell more than both before it is taken."""

NEARLY = 0.9
"""Share of what both foretell that edges alone have to, before they are tried beside features."""

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


def measure_views(graph: Graph, config: ClusterConfig, joins: bool = True) -> Evidence:
    """Measure what the views of a graph foretell, and choose one of them.

    A source that no view foretells is noise, and left out. So are features that tell nothing of the
    edges, nor these of them: they are about something else than the graph. Where both belong
    together, one is left out only if the other alone foretells clearly more; and they stand side by
    side, the features averaged as ever, only if that does.

    Args:
        graph: with vertices in an order that does not depend on its file's.
        config: `num_clusters`, `seed`, and how features are made.
        joins: whether both sources side by side are a view too.
    """
    random = np.random.default_rng(config.seed)
    views = (EDGES,) if graph.x is None else (BOTH, FEATURES, EDGES)
    trials: Trials = {view: [] for view in views}
    edges = foretold_edges(graph, config, trials, random)
    if graph.x is None:
        return Evidence(EDGES, {EDGES: Support(edges[EDGES])}, _agreements(trials))
    order = random.permutation(graph.num_features)
    features = foretold_features(graph, config, trials, order, random)
    support = {view: Support(edges[view], features[view]) for view in views}
    if joins and _is_worth_joining(graph, config, support):
        trials[JOINT], again = [], np.random.default_rng(config.seed)  # the same edges kept back
        only = {JOINT: trials[JOINT]}
        edges = foretold_edges(graph, config, only, again)
        features = foretold_features(graph, config, only, order, again)
        support[JOINT] = Support(edges[JOINT], features[JOINT])
    return Evidence(_choose(support), support, _agreements(trials))


def _agreements(trials: Trials) -> dict[str, float]:
    """Mean agreement between two clusterings of a view, where there are two."""
    return {
        view: float(np.mean([adjusted_rand_index(*pair) for pair in combinations(found, 2)]))
        for view, found in trials.items()
        if len(found) > 1
    }


def _choose(support: Mapping[str, Support]) -> str:
    """The view that the support of all speaks for."""
    alone = _of_one_source(support)
    if alone is not None:
        return alone
    best = max(support, key=lambda view: support[view].share)
    return best if support[best].share > CLEARLY * support[BOTH].share else BOTH


def _of_one_source(support: Mapping[str, Support]) -> str | None:
    """The view that is left where a source is noise, or about something else than the other; None
    where both count.
    """
    edges_tell = any(each.edges.is_sure for each in support.values())
    # Features alone have seen no edge: what they tell of edges is no chance either.
    features_tell = support[FEATURES].edges.is_sure or any(
        sure(each.features) for each in support.values()
    )
    belong_together = support[FEATURES].edges.is_sure or sure(support[EDGES].features)
    if not edges_tell:
        return FEATURES if features_tell else BOTH
    return None if features_tell and belong_together else EDGES


def _is_worth_joining(graph: Graph, config: ClusterConfig, support: Mapping[str, Support]) -> bool:
    """Tell whether edges may gain from standing beside averaged features: both sources count, and
    these features foretell hardly more than edges alone.
    """
    near = support[EDGES].share >= NEARLY * support[BOTH].share
    return near and _of_one_source(support) is None and can_join(graph, config)
