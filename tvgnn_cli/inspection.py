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
    edge; features are held in about three forms. For the default settings only: wide features that
    are not reduced, and the degree-weighted layer, take more.
    """
    activations = 4 * 5 * config.layers * config.hidden * graph.num_vertices
    edges = 200 * graph.num_edges
    features = 0 if graph.x is None else 3 * graph.x.data.nbytes
    return BASE_MB + (activations + edges + features) / 1e6


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
        f"(default settings, hidden {config.hidden})",
    }


def _span(values: np.ndarray) -> str:
    return f"{values.min():g} to {values.max():g}"
