"""Leiden: Louvain whose communities stay connected."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer


def find(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """Labels `[n]` of as many communities as it finds, by modularity; leidenalg does the work,
    until nothing improves.

    Source: Traag, Waltman & van Eck, "From Louvain to Leiden", 2019.
    """
    import igraph
    import leidenalg

    observer.phase("communities")
    network = igraph.Graph(n=graph.num_vertices, edges=graph.edge_index.T.tolist())
    found = leidenalg.find_partition(
        network,
        leidenalg.ModularityVertexPartition,
        weights=graph.weights.tolist(),
        n_iterations=-1,
        seed=config.seed % 2**31,
    )
    return np.asarray(found.membership, dtype=np.int64)
