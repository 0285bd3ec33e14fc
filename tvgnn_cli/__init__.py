"""Cluster the vertices of attributed graphs with Total Variation Graph Neural Networks.

import tvgnn_cli

result = tvgnn_cli.cluster("graph.graphml", num_clusters=7)
result.to_frame()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tvgnn_cli.api import cluster, embed, predict
    from tvgnn_cli.config import ClusterConfig, make_config
    from tvgnn_cli.errors import (
        InputError,
        InterruptionError,
        TrainingError,
        TvgnnError,
        UsageError,
    )
    from tvgnn_cli.fitted import FittedModel
    from tvgnn_cli.graph import Graph
    from tvgnn_cli.inputs import read_graph
    from tvgnn_cli.interruption import Interruption
    from tvgnn_cli.io.model_file import load_model
    from tvgnn_cli.observer import EpochReport, Observer
    from tvgnn_cli.result import ClusterResult
    from tvgnn_cli.train.checkpointing import Checkpointing

__all__ = [
    "Checkpointing",
    "ClusterConfig",
    "ClusterResult",
    "EpochReport",
    "FittedModel",
    "Graph",
    "InputError",
    "Interruption",
    "InterruptionError",
    "Observer",
    "TrainingError",
    "TvgnnError",
    "UsageError",
    "cluster",
    "embed",
    "load_model",
    "make_config",
    "predict",
    "read_graph",
]

_HOMES = {
    "cluster": "api",
    "embed": "api",
    "predict": "api",
    "ClusterConfig": "config",
    "make_config": "config",
    "Graph": "graph",
    "read_graph": "inputs",
    "load_model": "io.model_file",
    "ClusterResult": "result",
    "EpochReport": "observer",
    "Observer": "observer",
    "FittedModel": "fitted",
    "Checkpointing": "train.checkpointing",
    "Interruption": "interruption",
    **dict.fromkeys(
        ("InputError", "InterruptionError", "TrainingError", "TvgnnError", "UsageError"), "errors"
    ),
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first asked for: torch takes seconds to import."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tvgnn_cli' has no attribute '{name}'")
    return getattr(importlib.import_module(f"tvgnn_cli.{_HOMES[name]}"), name)
