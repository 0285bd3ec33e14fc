"""Louvain: vertices and then communities are moved while modularity rises."""

from __future__ import annotations

import networkx as nx
import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer


def find(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """Labels `[n]` of as many communities as it finds; networkx does the work.

    Source: Blondel et al., "Fast unfolding of communities in large networks", 2008.
    """
    observer.phase("communities")
    network = nx.Graph()
    network.add_nodes_from(range(graph.num_vertices))
    pairs = zip(*graph.edge_index.tolist(), graph.weights.tolist(), strict=True)
    network.add_weighted_edges_from(pairs)
    labels = np.empty(graph.num_vertices, dtype=np.int64)
    communities = nx.community.louvain_communities(network, weight="weight", seed=config.seed)
    for label, members in enumerate(communities):
        labels[list(members)] = label
    return labels
