"""Report on a graph before any training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from tvgnn_cli.config import AUTO, BOTH, EDGES, FEATURES, JOINT, ClusterConfig
from tvgnn_cli.errors import counted
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.machine.free_memory import available_memory_mb
from tvgnn_cli.machine.versions import held_memory_mb
from tvgnn_cli.methods import DEFAULT, METHODS
from tvgnn_cli.prepare.column_scaling import ROBUST, guess_scaling, reach
from tvgnn_cli.prepare.edge_weights import with_scaled_weights
from tvgnn_cli.prepare.evidence.views import NO_EVIDENCE, measure_views, why_unmeasured
from tvgnn_cli.prepare.prepared import in_order, require_edges, told_batches
from tvgnn_cli.run.gpu_memory import HOST, estimate_gpu_memory_mb
from tvgnn_cli.run.memory import USABLE, estimate_memory_mb, remedy_of
from tvgnn_cli.run.settling import clusters_of, expected_clusters, refuse_more_than_vertices


def inspect_graph(graph: Graph, config: ClusterConfig) -> dict[str, str]:
    """Names and texts of a report."""
    components, member = connected_components(_upper_triangle(graph), directed=False)
    largest = int(np.bincount(member).max())
    isolated = int((np.bincount(graph.edge_index.ravel(), minlength=graph.num_vertices) == 0).sum())
    return {
        "graph": graph.name,
        "vertices": f"{graph.num_vertices:,}",
        "edges": f"{graph.num_edges:,} undirected, of {graph.counts.read:,} read",
        "edge weights": _weights(graph, config),
        "features": _features(graph, config),
        "true classes": f"{graph.num_classes:,}" if graph.num_classes else "none",
        "components": f"{components:,}; the largest has {counted(largest, 'vertex')}",
        "isolated vertices": f"{isolated:,}",
        "self-loops": f"{graph.counts.self_loops:,}",
        "repeated edges": f"{graph.counts.repeated:,}",
        "listed both ways": f"{graph.counts.reversed:,}",
        "memory for training": _memory(graph, config),
        **_on_gpu(graph, config),
    }


def _memory(graph: Graph, config: ClusterConfig) -> str:
    """Memory that training would take, and what helps where so much is not free here."""
    needed, free = estimate_memory_mb(graph, config), available_memory_mb() + held_memory_mb()
    told = f"about {needed:,.0f} MB ({_settings(graph, config)})"
    if needed <= USABLE * free:
        return told
    return f"{told}; here {free:,.0f} MB are free: {remedy_of(graph, config)}"


def _on_gpu(graph: Graph, config: ClusterConfig) -> dict[str, str]:
    """Memory of a GPU that training would take, for methods that train on one."""
    if not METHODS[config.method].is_trained:
        return {}
    needed = estimate_gpu_memory_mb(graph, config)
    told = f"about {needed:,.0f} MB of its memory"
    if config.batch == "parts":
        on_host = estimate_gpu_memory_mb(graph, config, HOST)
        if round(on_host) < round(needed):
            told += f"; {on_host:,.0f} MB where that is not free: features then stay on the host"
    return {"the same on a GPU": told}


VIEWED = {
    BOTH: "features and edges",
    JOINT: "both side by side",
    FEATURES: "features alone",
    EDGES: "edges alone",
}
"""Views, as the report calls them."""


def report_evidence(graph: Graph, config: ClusterConfig) -> dict[str, str]:
    """Names and texts of what edges and features tell of clusters, in each view that they are
    sought in; empty where the settings do not ask for it.
    """
    if why_unmeasured(graph, config) == "" or not graph.num_edges:
        return {}
    if config.choose_from is not None:
        return {"evidence": "not measured: `tvgnn cluster` chooses the number of clusters"}
    clusters = clusters_of(graph, config)
    if clusters is None:
        return {"evidence": "not measured: `num_clusters` says for how many clusters"}
    config = replace(config, num_clusters=clusters)
    reason = why_unmeasured(graph, config)
    if reason:
        return {"evidence": f"not measured ({reason})"}
    found = measure_views(in_order(graph, config.clip_weights).graph, config)
    told = {VIEWED[view]: support.told for view, support in found.support.items()}
    taken = VIEWED[found.view] if found.is_sure else f"{VIEWED[found.view]}, but {NO_EVIDENCE}"
    again = {"found again": f"ARI {found.stability:.2f}"} if found.stability is not None else {}
    return {f"evidence for {clusters} clusters": "", **told, "sought in": taken, **again}


def _upper_triangle(graph: Graph) -> sp.csr_array:
    """A matrix with a 1 for each edge, from its lower to its higher vertex. Weights are left out:
    the smallest might be rounded to 0.
    """
    n, e = graph.num_vertices, graph.num_edges
    small = np.int32 if max(n, e) < 2**31 else np.int64
    tail, head = graph.edge_index
    ends = np.zeros(n + 1, dtype=small)
    np.cumsum(np.bincount(tail, minlength=n), out=ends[1:])
    return sp.csr_array((np.ones(e), head.astype(small), ends), shape=(n, n))


def require_suitable(graph: Graph, config: ClusterConfig) -> None:
    """Refuse a graph that no run takes: without edges, without features for a method that is
    nothing without them, or with fewer vertices than clusters.

    Raises:
        UsageError: more clusters than vertices.
        InputError: the graph has no edges, or no features where the method needs some.
    """
    require_edges(graph)
    refuse_more_than_vertices(config.num_clusters or 0, graph)
    method = METHODS[config.method]
    if method.features and not method.is_trained:  # what is trained makes its own of the edges
        from tvgnn_cli.baselines.attributes import require_features

        require_features(graph, config)


def _settings(graph: Graph, config: ClusterConfig) -> str:
    """Describe what the estimate is for."""
    if not METHODS[config.method].is_trained:
        return f"method {config.method}"
    named = "" if config.method == DEFAULT else f"method {config.method}, "
    batches = f", {told_batches(graph.num_vertices, config)}" if config.batch == "parts" else ""
    known = clusters_of(graph, config) is not None
    assumed = "" if known else f", for {expected_clusters(graph, config)} clusters"
    layers = f"{config.layers} layers of {config.hidden}"
    return f"{named}preset {config.preset}, {layers}{batches}{assumed}"


def _weights(graph: Graph, config: ClusterConfig) -> str:
    """The smallest and the largest weight, and what is clipped."""
    if graph.edge_weight is None:
        return "none"
    told = f"{graph.edge_weight.min():g} to {graph.edge_weight.max():g}"
    clipped = with_scaled_weights(graph, config.clip_weights)[1]
    if clipped is None:
        return told
    return f"{told}; above {clipped.heaviest:.4g} clipped, of {counted(clipped.edges, 'edge')}"


def _features(graph: Graph, config: ClusterConfig) -> str:
    """Number of features, and of those in which some values are far outside the others."""
    if not graph.num_features:
        return "none"
    told, scaling = f"{graph.num_features:,}", config.feature_scaling
    if scaling == AUTO:
        scaling = guess_scaling(graph.x)
    far = np.count_nonzero(reach(graph.x)[2]) if scaling == ROBUST else 0
    return f"{told}; values far outside the others in {far:,}" if far else told
