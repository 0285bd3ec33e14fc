"""k-means on the features alone: what edges add can be told from it."""

from __future__ import annotations

from typing import Any

from tvgnn_cli.baselines.attributes import attributes
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> Any:
    """The scaled features, `[n, f]`, dense or CSR.

    Raises:
        InputError: the graph has no features.
    """
    observer.phase("features")
    return attributes(graph, config)
