"""Small sets of graphs, and what tests of their classification share."""

from __future__ import annotations

import networkx as nx
import numpy as np

from tvgnn_cli.graph.graph_set import Category, GraphSet

SMALL = {"hidden": 8, "layers": 1, "epochs": 3}

QUICK = {**SMALL, "threads": 1}


def networks(count: int = 16) -> tuple[list[nx.Graph], list[str]]:
    """Rings and stars in turn, and the name of each."""
    made = [nx.cycle_graph(4 + i % 5) if i % 2 else nx.star_graph(3 + i % 5) for i in range(count)]
    return made, ["ring" if i % 2 else "star" for i in range(count)]


def some_set(count: int = 16, weighted: bool = False) -> GraphSet:
    """Rings and stars with attributes and kinds of vertices."""
    made, names = networks(count)
    sizes = [len(graph) for graph in made]
    ptr = np.concatenate([[0], np.cumsum(sizes)])
    pairs = np.concatenate([np.array(g.edges) + first for g, first in zip(made, ptr, strict=False)])
    random = np.random.default_rng(0)
    weight = 0.5 + random.random(len(pairs)) if weighted else None
    n = int(ptr[-1])
    kinds = Category("element", random.integers(-1, 3, n), ("C", "N", "O"))
    return GraphSet.from_edges(
        [f"g{i}" for i in range(count)], sizes, pairs[:, 0], pairs[:, 1], weight,
        attributes=random.normal(2, 3, (n, 2)).astype(np.float32), categories=(kinds,),
        y=np.array([int(name == "star") for name in names]), class_names=("ring", "star"),
    )  # fmt: skip


def weights_of(result) -> list[bytes]:
    state = result.model.state
    return [state[name].numpy().tobytes() for name in sorted(state)]
