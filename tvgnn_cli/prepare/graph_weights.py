"""Weights of the edges of a set of graphs, in the unit that a classifier has learned them in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tvgnn_cli.graph.graph_set import GraphSet, runs


def learn_unit(graphs: GraphSet, seen: np.ndarray) -> float | None:
    """The mean weight of the edges of some graphs, positive; None where edges have no weights.

    Divided by it, weights of millimetres and of metres train the same network.

    Args:
        graphs: the set.
        seen: positions of the graphs that are learned from.
    """
    if graphs.edge_weight is None:
        return None
    weight = graphs.edge_weight[runs(graphs.edge_ptr, seen)]
    if not len(weight):
        return 1.0
    largest = float(weight.max())
    # Divided first, so that no sum overflows.
    return max(largest * float((weight / largest).mean()), float(np.finfo(np.float64).tiny))


def in_unit(graphs: GraphSet, unit: float | None) -> tuple[GraphSet, tuple[str, ...]]:
    """The graphs with their weights in a unit, and what is to be said: an edge without a weight has
    weight 1, as in every set, and what was learned without weights takes none.

    Args:
        graphs: the set.
        unit: as `learn_unit` gives it.
    """
    if unit is None:
        if graphs.edge_weight is None:
            return graphs, ()
        note = "edge weights: not used, since the model was trained without any"
        return replace(graphs, edge_weight=None), (note,)
    weight = graphs.edge_weight
    if weight is not None:
        return replace(graphs, edge_weight=weight / unit), ()
    if not graphs.num_edges:
        return graphs, ()
    note = "edge weights: none, or all 1, and the model was trained with some: each counts as 1"
    return replace(graphs, edge_weight=np.full(graphs.num_edges, 1 / unit)), (note,)
