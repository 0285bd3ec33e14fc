"""Likeness of neighbours: whether the features of a graph have anything to do with its edges.

Clusters may show too little of it, where edges alone give none, or features alone those of
something else. Combinations of features in which neighbours are alike are learned of half of the
vertices, and neighbours among the others are more alike in them than vertices at random, or not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import stdtr

from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.prepare.evidence.guesser import sample_of
from tvgnn_cli.prepare.evidence.support import MOST_EDGES, SURE
from tvgnn_cli.prepare.factors import autocorrelation_factors, edge_covariances

COMBINATIONS, RIDGE = 32, 1.0
"""Combinations that are learned, at most, and their ridge, over the mean variance of a feature."""

REWIRINGS = 40
"""Rewirings of the edges that chance is measured on."""

FEWEST = 10
"""Edges inside of each half of the vertices, below which nothing is said."""


def are_alike(graph: Graph, x: np.ndarray, random: np.random.Generator) -> bool:
    """Tell whether neighbours are alike in features that they have by themselves, more than chance
    makes them once in 10^5 times.

    Nothing that is learned of a vertex is asked of it again: even features at random seem to agree
    along edges that close a triangle with those that they were learned from.

    Args:
        graph: its edges.
        x: features of each vertex by itself, dense `[n, f]`.
        random: of the halves and the rewirings.
    """
    half = random.permutation(graph.num_vertices) % 2
    beyond = [_beyond_chance(graph, x, half == one, random) for one in (0, 1)]
    return bool(stdtr(REWIRINGS - 1, -sum(beyond) / np.sqrt(len(beyond))) < SURE)


def _beyond_chance(
    graph: Graph, x: np.ndarray, learned: np.ndarray, random: np.random.Generator
) -> float:
    """Deviations of chance by which neighbours that are not learned from `[n]` are more alike."""
    from_these = _inside(graph, learned, x, random)
    of_others = _inside(graph, ~learned, x, random)
    if min(from_these.num_edges, of_others.num_edges) < FEWEST:
        return 0.0
    known = edge_covariances(from_these, from_these.x)
    factors = autocorrelation_factors(known, min(COMBINATIONS, x.shape[1]), RIDGE)
    z = (of_others.x - factors.mean) @ (factors.directions * factors.likeness)
    weight = of_others.edge_weight

    def likeness(ends: np.ndarray) -> float:
        return float(np.average((z[ends[0]] * z[ends[1]]).sum(axis=1), weights=weight))

    ends = of_others.edge_index
    chance = [
        likeness(random.permutation(ends.reshape(-1)).reshape(2, -1)) for _ in range(REWIRINGS)
    ]
    deviation = float(np.std(chance, ddof=1))
    return 0.0 if deviation <= 0 else (likeness(ends) - float(np.mean(chance))) / deviation


def _inside(graph: Graph, chosen: np.ndarray, x: np.ndarray, random: np.random.Generator) -> Graph:
    """The graph of the chosen vertices `[n]`, the edges between them, at most `MOST_EDGES`, and
    their features.
    """
    place = np.cumsum(chosen) - 1
    kept = np.flatnonzero(chosen[graph.edge_index].all(axis=0))
    some = sample_of(len(kept), MOST_EDGES, random)
    kept = kept if some is None else kept[some]
    weight = None if graph.edge_weight is None else graph.edge_weight[kept]
    return replace(
        graph, ids=graph.ids[chosen], edge_index=place[graph.edge_index[:, kept]],
        edge_weight=weight, x=x[chosen], y=None,
    )  # fmt: skip
