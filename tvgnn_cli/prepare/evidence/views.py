"""Evidence for clusters, without labels: how well they foretell what they were not found from.

A view is what clusters are sought in: features averaged over near vertices, features alone, or
edges alone; and, where edges alone foretell nearly as much as averaged features, both side by side.
Each is judged by what it has not seen. Clusters that are found without some of the edges should
tell which vertices these edges join, and clusters that are found from half of the features should
show in the other half. Noise does neither, however well k-means separates it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from tvgnn_cli.config import AUTO, BOTH, EDGES, FEATURES, JOINT, NONE, ClusterConfig
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.features import is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import METHODS
from tvgnn_cli.prepare.evidence.comparison import compared
from tvgnn_cli.prepare.evidence.encoding import encoders_for
from tvgnn_cli.prepare.evidence.held_back import HeldBack, Trials, Way, probe_of
from tvgnn_cli.prepare.evidence.likeness import are_alike
from tvgnn_cli.prepare.evidence.support import Support, sure
from tvgnn_cli.prepare.joint import can_join, eigenvectors_kept

FEWEST_EDGES, FEWEST_VERTICES = 20, 2
"""Edges, and vertices of a cluster on average, below which nothing can be kept back."""

CLEARLY, GAIN = {JOINT: 1.2, FEATURES: 1.1, EDGES: 1.1}, 1.02
"""Factors by which a view must foretell more than the one before it, and another encoder of a view,
before it is taken; a model of both side by side labels no other graph."""

SAME = 0.95
"""Mean ARI above which the clusters of two views, without the same edges, are the same."""

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
        """Tell whether any view foretells more than chance; both sources side by side do so by
        chance as often as either, and are not asked.
        """
        return any(each.is_sure for view, each in self.support.items() if view != JOINT)


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


@eigenvectors_kept()
def measure_views(graph: Graph, config: ClusterConfig, joins: bool = True) -> Evidence:
    """Measure what the views of a graph foretell, and choose one of them.

    A source that no view foretells is noise, and left out. So are features that have nothing to do
    with the edges. Where both belong together, the view is taken that foretells most of both, each
    in its own unit (`comparison.py`); averaged features unless another foretells clearly more. What
    they foretell depends on their encoder: where another view foretells more, one with factors is
    tried too.

    Args:
        graph: with vertices in an order that does not depend on its file's.
        config: `num_clusters`, `seed`, and how features are made.
        joins: whether both sources side by side are a view too.
    """
    tried = _Tried(HeldBack(graph, config))
    if graph.x is None:
        tried.foretell(Way(EDGES))
        return tried.evidence(EDGES)
    encoder = NONE if config.encoder == AUTO else config.encoder
    views = (BOTH, JOINT) if joins and can_join(graph, config) else (BOTH,)
    tried.foretell(*(Way(view, encoder) for view in views), Way(FEATURES), Way(EDGES))
    if not _belong_together(graph, config, tried.support):
        return tried.evidence(tried.of_one_source)
    if config.encoder == AUTO and (tried.is_challenged or not tried.edges_tell):
        other = encoders_for(graph, config)[-1]
        tried.foretell(*(Way(view, other) for view in views))
    return tried.evidence(tried.clearly_best if tried.edges_tell else FEATURES)


@dataclass(eq=False)
class _Tried:
    """Ways in which clusters of a graph were sought, and what they foretell.

    Args:
        held_back: what is foretold.
        found: the support of each way.
        trials: its clusterings.
    """

    held_back: HeldBack
    found: dict[Way, Support] = field(default_factory=dict)
    trials: Trials = field(default_factory=dict)

    def foretell(self, *ways: Way) -> None:
        """Try further ways."""
        found, trials = self.held_back.foretold(*ways)
        self.found |= found
        self.trials |= trials

    @property
    def support(self) -> dict[str, Support]:
        """The support of each view, by the encoder that foretells most."""
        return {view: self.found[way] for view, way in self._ways.items()}

    @property
    def edges_tell(self) -> bool:
        """Tell whether clusters of any way foretell edges."""
        return any(each.edges.is_sure for way, each in self.found.items() if way.view != JOINT)

    @property
    def of_one_source(self) -> str:
        """The view of the source that tells anything; both where neither does."""
        features_tell = any(
            sure(each.features) for way, each in self.found.items() if way.view != JOINT
        )
        return EDGES if self.edges_tell else FEATURES if features_tell else BOTH

    @property
    def is_challenged(self) -> bool:
        """Tell whether another view foretells more than both, by more than an encoder has to."""
        scores = self._of_views
        return max(scores.values()) > GAIN * scores[BOTH]

    @property
    def clearly_best(self) -> str:
        """The view that foretells clearly more than both, and than both side by side. Where edges
        only confirm what both give, that stays: its model labels other graphs too.
        """
        scores, best = self._of_views, BOTH
        for view, factor in CLEARLY.items():
            gains = scores.get(view, 0.0) > factor * scores[best]
            if gains and (view == FEATURES or not self._are_those_of_both(view)):
                best = view
        return best

    def _are_those_of_both(self, view: str) -> bool:
        """Tell whether a view that sees edges gives the clusters that both give."""
        parts = len(self.held_back.parts)
        both, other = (self.trials[self._ways[each]][:parts] for each in (BOTH, view))
        alike = [adjusted_rand_index(*pair) for pair in zip(both, other, strict=True)]
        return float(np.mean(alike)) > SAME

    def evidence(self, view: str) -> Evidence:
        """Make it of what was found, with the view that is taken."""
        trials = {view: self.trials[way] for view, way in self._ways.items()}
        return Evidence(view, self.support, _agreements(trials))

    @property
    def _ways(self) -> dict[str, Way]:
        """The way of each view that foretells most; an encoder has to gain on the one before."""
        scores, best = self._scores, dict[str, Way]()
        for way in self.found:
            before = best.get(way.view)
            if before is None or scores[way] > GAIN * scores[before]:
                best[way.view] = way
        return best

    @property
    def _of_views(self) -> dict[str, float]:
        scores = self._scores
        return {view: scores[way] for view, way in self._ways.items()}

    @property
    def _scores(self) -> dict[Way, float]:
        return dict(zip(self.found, compared(list(self.found.values())), strict=True))


def _agreements(trials: Mapping[str, list[np.ndarray]]) -> dict[str, float]:
    """Mean agreement between two clusterings of a view, where there are two."""
    return {
        view: float(np.mean([adjusted_rand_index(*pair) for pair in combinations(found, 2)]))
        for view, found in trials.items()
        if len(found) > 1
    }


def _belong_together(graph: Graph, config: ClusterConfig, support: Mapping[str, Support]) -> bool:
    """Tell whether features tell anything, and have to do with the edges: clusters of either tell
    of the other, or neighbours are alike.
    """
    of_features = support[FEATURES].edges.is_sure  # which have seen no edge: it is no chance
    of_any = any(sure(each.features) for view, each in support.items() if view != JOINT)
    if not of_features and not of_any:
        return False
    if of_features or sure(support[EDGES].features):
        return True
    return are_alike(graph, probe_of(graph, config), np.random.default_rng(config.seed))
