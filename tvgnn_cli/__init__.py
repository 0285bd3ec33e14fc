"""Cluster the vertices of attributed graphs with Total Variation Graph Neural Networks.

import tvgnn_cli

result = tvgnn_cli.cluster("graph.graphml", num_clusters=7)
result.to_frame()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tvgnn_cli.adapters import tl
    from tvgnn_cli.adapters.estimator import TVGNNClustering
    from tvgnn_cli.api import cluster, embed, predict
    from tvgnn_cli.config import ClusterConfig, make_config
    from tvgnn_cli.errors import (
        InputError,
        InterruptionError,
        TrainingError,
        TvgnnError,
        UsageError,
    )
    from tvgnn_cli.evaluation.scoring import Evaluation, evaluate
    from tvgnn_cli.graph.graph import Graph
    from tvgnn_cli.interruption import Interruption
    from tvgnn_cli.io.read import read_graph
    from tvgnn_cli.jobs.merge import Merged, merge, write_shard
    from tvgnn_cli.jobs.shard import Shard
    from tvgnn_cli.jobs.suggestion import Suggestion
    from tvgnn_cli.jobs.sweep import SweepResult, sweep
    from tvgnn_cli.models.fitted import FittedModel
    from tvgnn_cli.models.model_file import load_model
    from tvgnn_cli.observer import EpochReport, Observer
    from tvgnn_cli.run.result import ClusterResult
    from tvgnn_cli.train.checkpoint_folder import Checkpointing

__all__ = [
    "Checkpointing",
    "ClusterConfig",
    "ClusterResult",
    "EpochReport",
    "Evaluation",
    "FittedModel",
    "Graph",
    "InputError",
    "Interruption",
    "InterruptionError",
    "Merged",
    "Observer",
    "Shard",
    "Suggestion",
    "SweepResult",
    "TVGNNClustering",
    "TrainingError",
    "TvgnnError",
    "UsageError",
    "cluster",
    "embed",
    "evaluate",
    "load_model",
    "make_config",
    "merge",
    "predict",
    "read_graph",
    "sweep",
    "tl",
    "write_shard",
]

_HOMES = {
    "cluster": "api",
    "embed": "api",
    "predict": "api",
    "ClusterConfig": "config",
    "make_config": "config",
    "Graph": "graph.graph",
    "read_graph": "io.read",
    "load_model": "models.model_file",
    "ClusterResult": "run.result",
    "TVGNNClustering": "adapters.estimator",
    "evaluate": "evaluation.scoring",
    "Evaluation": "evaluation.scoring",
    "sweep": "jobs.sweep",
    "SweepResult": "jobs.sweep",
    "Suggestion": "jobs.suggestion",
    "merge": "jobs.merge",
    "Merged": "jobs.merge",
    "write_shard": "jobs.merge",
    "Shard": "jobs.shard",
    "EpochReport": "observer",
    "Observer": "observer",
    "FittedModel": "models.fitted",
    "Checkpointing": "train.checkpoint_folder",
    "Interruption": "interruption",
    **dict.fromkeys(
        ("InputError", "InterruptionError", "TrainingError", "TvgnnError", "UsageError"), "errors"
    ),
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first asked for: torch takes seconds to import."""
    if name == "tl":
        return importlib.import_module("tvgnn_cli.adapters.tl")
    if name not in _HOMES:
        raise AttributeError(f"module 'tvgnn_cli' has no attribute '{name}'")
    return getattr(importlib.import_module(f"tvgnn_cli.{_HOMES[name]}"), name)
