"""SSGC: features averaged over near vertices, without training; where TVGNN starts from."""

from __future__ import annotations

from typing import Any

from tvgnn_cli.baselines.attributes import require_features
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> Any:
    """The features that `tvgnn cluster` gives its network by default, `[n, 32]`.

    Source: Zhu & Koniusz, "Simple spectral graph convolution", ICLR 2021; see `features.py`.

    Raises:
        InputError: the graph has no features.
    """
    require_features(graph, config)
    observer.phase("features")
    return apply_recipe(graph, learn_recipe(graph, config), config)
