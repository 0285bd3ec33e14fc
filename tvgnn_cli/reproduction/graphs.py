"""The graphs of Appendix C that are made and not read: communities under noise, a ring, a grid."""

from __future__ import annotations

import networkx as nx
import numpy as np

from tvgnn_cli.graph.graph import Graph, index_ids

COMMUNITIES = (67, 67, 66)
"""Vertices of each community: 200 in all."""

WITHIN, BETWEEN, NOISE = 0.3, 0.005, 1.5
"""Chances of an edge, and the standard deviation of the noise; the paper writes N(0, 1.5)."""

RING, GRID = 100, (15, 15)
"""Vertices of the ring, and of the grid in both directions. The paper does not state them."""


def noisy_communities(seed: int) -> Graph:
    """A stochastic block model of three communities; features are one-hot with Gaussian noise.

    Source: Appendix C.2.
    """
    chances = np.full((3, 3), BETWEEN) + np.eye(3) * (WITHIN - BETWEEN)
    network = nx.stochastic_block_model(list(COMMUNITIES), chances.tolist(), seed=seed)
    y = np.repeat([0, 1, 2], COMMUNITIES)
    noise = np.random.default_rng(seed).normal(0, NOISE, (len(y), 3))
    return _graph(network, (np.eye(3)[y] + noise), f"communities-{seed}", y)


def ring() -> Graph:
    """A ring; features are the vertices' places on the unit circle.

    Source: Appendix C.3.
    """
    angle = 2 * np.pi * np.arange(RING) / RING
    return _graph(nx.cycle_graph(RING), np.stack([np.cos(angle), np.sin(angle)], axis=1), "ring")


def grid() -> Graph:
    """A grid of neighbours to the left, right, above and below; features are places, from 0 to 1.

    Source: Appendix C.3.
    """
    rows, columns = GRID
    network = nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, columns), ordering="sorted")
    down, across = np.divmod(np.arange(rows * columns), columns)
    return _graph(network, np.stack([across / (columns - 1), down / (rows - 1)], axis=1), "grid")


def _graph(network: nx.Graph, x: np.ndarray, name: str, y: np.ndarray | None = None) -> Graph:
    tail, head = np.array(list(network.edges), dtype=np.int64).T
    names = () if y is None else tuple(str(k) for k in range(int(y.max()) + 1))
    ids = index_ids(network.number_of_nodes())
    features = np.ascontiguousarray(x, dtype=np.float32)
    return Graph.from_edges(ids, tail, head, x=features, y=y, class_names=names, name=name)
