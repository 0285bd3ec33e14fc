"""What can be said of a graph before any training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse.csgraph import connected_components

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph import Graph

BASE_MB = 560
"""What the process holds with its libraries loaded and torch warmed up."""


def training_memory_mb(graph: Graph, config: ClusterConfig) -> float:
    """Peak memory of a run, in MB: an estimate, fitted to measured peaks.

    A layer keeps about five arrays of vertices by width for its gradient, and a few numbers per
    edge; the degree-weighted layer, which is not fused, several arrays of edges by width. Weights
    are held six times: with gradient, Adam's two moments, the best epoch and a temporary.
    Features are held in about three forms.
    """
    n, e, width = graph.num_vertices, graph.num_edges, config.hidden
    clusters = config.num_clusters or graph.num_classes or 2
    entering = _input_width(graph, config, clusters)
    weights = entering * width + max(config.layers - 1, 0) * width**2
    weights += config.mlp_hidden * (width + clusters)
    per_layer = 5 * width * n + (6 * width * e if config.degree_weighted else 0)
    head = n * (3 * config.mlp_hidden + 5 * clusters)
    edges = 200 * e
    features = 3 * (4 * n * entering if graph.x is None else graph.x.data.nbytes)
    if graph.x is None and config.structural == "identity":
        features = 12 * n
    numbers = 6 * weights + config.layers * per_layer + head
    return BASE_MB + (4 * numbers + edges + features) / 1e6


def _input_width(graph: Graph, config: ClusterConfig, clusters: int) -> int:
    """Features per vertex that the network is given."""
    if graph.x is not None:
        reduced = 0 < config.components < graph.num_features
        return config.components if reduced else graph.num_features
    return {"spectral": clusters, "degree": 3, "identity": graph.num_vertices}[config.structural]


def inspect_graph(graph: Graph, config: ClusterConfig) -> dict[str, str]:
    """Names and texts of a report."""
    # Without weights: float32 rounds the smallest to 0.
    edges = replace(graph, edge_weight=None).adjacency
    components, member = connected_components(edges, directed=False)
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
        f"(preset {config.preset}, {config.layers} layers of {config.hidden})",
    }


def _span(values: np.ndarray) -> str:
    return f"{values.min():g} to {values.max():g}"
