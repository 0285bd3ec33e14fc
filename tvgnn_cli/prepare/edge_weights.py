"""Edge weights as clusters are sought with: without single edges that outweigh all others.

Where weights have a long tail (amounts of money, counts of messages), most vertices have one edge
that outweighs the rest of theirs. Clusters are then pairs of vertices that such an edge joins, and
nothing else that the graph has to say is heard. Weights that fall off with a distance have a long
tail too, but many large ones at each vertex: there is nothing to clip.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tvgnn_cli.graph.graph import Graph

FEWEST, LEAST = 4.0, 1 / 3
"""Edges that those of a vertex count as, at least, or the square root of their number; and the
share of them that is never asked for more.
"""

MOST_VERTICES = 0.95
"""Share of the vertices of which that is asked."""

FEWEST_OF_ALL = 100.0
"""Edges that all edges count as, at least, or the share `LEAST` of them."""

LEVELS, HALVINGS = 257, 10
"""Quantiles of the weights between which the heaviest is sought, and steps that part two."""


@dataclass(frozen=True)
class Clipped:
    """Weights of which the largest count as less than they are.

    Args:
        heaviest: what they count as, in the input's unit.
        edges: how many they are.
    """

    heaviest: float
    edges: int


def with_scaled_weights(graph: Graph, clips: bool) -> tuple[Graph, Clipped | None]:
    """The graph with weights of mean 1, so that their unit changes nothing, and what was clipped of
    them, where it `clips`.
    """
    if graph.edge_weight is None:
        return graph, None
    largest = float(graph.edge_weight.max())
    weight = graph.edge_weight / graph.edge_weight.max()  # first, so that no sum overflows
    clipped = None
    limit = heaviest(graph.edge_index, weight, graph.num_vertices) if clips else None
    if limit is not None:
        clipped = Clipped(limit * largest, int((weight > limit).sum()))
        weight = np.minimum(weight, weight.dtype.type(limit))
    return replace(graph, edge_weight=weight / weight.mean()), clipped


def heaviest(edge_index: np.ndarray, weight: np.ndarray, num_vertices: int) -> float | None:
    """The largest value at which weights have to be clipped, so that single edges do not outweigh
    the others of their vertices; None where none does.

    Edges of weights w count as (sum w)^2 / sum w^2 edges of equal weight (Kish's effective sample
    size, 1965). Those of a vertex with d edges have to count as min(max(4, sqrt(d)), d / 3), at 19
    of 20 vertices; all m edges of the graph as min(100, m / 3).

    Args:
        edge_index: undirected edges, int64 `[2, m]`.
        weight: `[m]`, 0 or more, at most 1.
        num_vertices: n.
    """
    tail, head = edge_index
    there = np.ones(len(weight)) if weight.all() else (weight > 0).astype(np.float64)
    degree = np.bincount(tail, there, num_vertices) + np.bincount(head, there, num_vertices)
    needed = np.minimum(np.maximum(FEWEST, np.sqrt(degree)), LEAST * degree)
    asked = degree > 1
    of_all = min(FEWEST_OF_ALL, LEAST * there.sum())

    def is_spread(limit: float) -> bool:
        clipped = np.minimum(weight.astype(np.float64), limit) / limit
        squares = np.square(clipped)
        if clipped.sum() ** 2 < of_all * squares.sum():
            return False
        size = np.bincount(tail, clipped, num_vertices) + np.bincount(head, clipped, num_vertices)
        square = np.bincount(tail, squares, num_vertices) + np.bincount(head, squares, num_vertices)
        counted = size[asked] ** 2 >= needed[asked] * square[asked]
        return not len(counted) or float(counted.mean()) >= MOST_VERTICES

    largest = float(weight.max())
    if largest <= 0 or is_spread(largest):
        return None
    levels = np.unique(np.quantile(weight[weight > 0], np.linspace(0, 1, LEVELS)))
    low, high = 0, len(levels) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_spread(float(levels[middle])) else (low, middle)
    below, above = float(levels[low]), float(levels[high])
    for _ in range(HALVINGS):
        between = float(np.sqrt(below) * np.sqrt(above))
        below, above = (between, above) if is_spread(between) else (below, between)
    return below
