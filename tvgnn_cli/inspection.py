"""What can be said of a graph before any training."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import connected_components

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph import Graph

BASE_MB = 420
"""What the process holds with its libraries loaded."""


def training_memory_mb(graph: Graph, config: ClusterConfig) -> float:
    """Memory that training will take, in MB, as fitted to measurements.

    Each layer keeps a few arrays of vertices x width and of edges x width for its gradient;
    features come on top.
    """
    width = config.hidden * config.layers
    activations = 4 * width * (5 * graph.num_vertices + 4 * graph.num_edges)
    columns = min(graph.num_features or 16, config.components or graph.num_features)
    features = 12 * graph.num_vertices * columns
    given = 0 if graph.x is None else 3 * graph.x.data.nbytes
    return BASE_MB + (activations + features + given) / 1e6


def inspect_graph(graph: Graph, config: ClusterConfig) -> dict[str, str]:
    """Names and texts of a report."""
    components, member = connected_components(graph.adjacency, directed=False)
    largest = int(np.bincount(member).max())
    isolated = int((np.bincount(graph.edge_index.ravel(), minlength=graph.num_vertices) == 0).sum())
    weights = "none" if graph.edge_weight is None else _span(graph.edge_weight)
    return {
        "graph": graph.name,
        "vertices": f"{graph.num_vertices:,}",
        "edges": f"{graph.num_edges:,} undirected, of {graph.counts.read:,} read",
        "edge weights": weights,
        "features": f"{graph.num_features:,}" if graph.num_features else "none",
        "true classes": f"{graph.num_classes:,}" if graph.num_classes else "none",
        "components": f"{components:,}; the largest has {largest:,} vertices",
        "isolated vertices": f"{isolated:,}",
        "self-loops": f"{graph.counts.self_loops:,}",
        "repeated edges": f"{graph.counts.repeated:,}",
        "listed both ways": f"{graph.counts.reversed:,}",
        "memory for training": f"about {training_memory_mb(graph, config):,.0f} MB "
        f"(default settings, hidden {config.hidden})",
    }


def _span(values: np.ndarray) -> str:
    return f"{values.min():g} to {values.max():g}"
