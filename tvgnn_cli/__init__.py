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
    from tvgnn_cli.adapters.graph_classifier import TVGNNClassifier
    from tvgnn_cli.api import cluster, embed, predict, update
    from tvgnn_cli.classification.application import embed_graphs, predict_graphs
    from tvgnn_cli.classification.flow import classify
    from tvgnn_cli.classification.result import ClassifyResult
    from tvgnn_cli.config import ClassifyConfig, ClusterConfig, make_classify_config, make_config
    from tvgnn_cli.errors import (
        InputError,
        InterruptionError,
        TrainingError,
        TvgnnError,
        UsageError,
    )
    from tvgnn_cli.evaluation.scoring import Evaluation, evaluate
    from tvgnn_cli.explanation.consensus import Consensus, consensus
    from tvgnn_cli.explanation.explain import Explanation, explain
    from tvgnn_cli.explanation.levels import Levels, levels
    from tvgnn_cli.graph.graph import Graph
    from tvgnn_cli.graph.graph_set import GraphSet
    from tvgnn_cli.interruption import Interruption
    from tvgnn_cli.io.graph_sets.read import read_graph_set
    from tvgnn_cli.io.read import read_graph
    from tvgnn_cli.jobs.cross_validation import CrossValidation, cross_validate
    from tvgnn_cli.jobs.merge import Merged, merge
    from tvgnn_cli.jobs.shard import Shard
    from tvgnn_cli.jobs.shard_file import write_shard
    from tvgnn_cli.jobs.sweep import sweep
    from tvgnn_cli.jobs.sweep_file import read_sweep
    from tvgnn_cli.jobs.sweep_result import SweepResult
    from tvgnn_cli.models.classifier_file import load_classifier
    from tvgnn_cli.models.fitted import FittedModel
    from tvgnn_cli.models.fitted_classifier import FittedClassifier
    from tvgnn_cli.models.model_file import load_model
    from tvgnn_cli.observer import EpochReport, Observer
    from tvgnn_cli.prepare.evidence.suggestion import Suggestion
    from tvgnn_cli.report.document import Report, make_report
    from tvgnn_cli.run.result import ClusterResult
    from tvgnn_cli.shaping.match import Match, match
    from tvgnn_cli.shaping.reshape import Reshaped, reshape
    from tvgnn_cli.train.checkpoint_folder import Checkpointing

    __version__: str

__all__ = [
    "Checkpointing",
    "ClassifyConfig",
    "ClassifyResult",
    "ClusterConfig",
    "ClusterResult",
    "Consensus",
    "CrossValidation",
    "EpochReport",
    "Evaluation",
    "Explanation",
    "FittedClassifier",
    "FittedModel",
    "Graph",
    "GraphSet",
    "InputError",
    "Interruption",
    "InterruptionError",
    "Levels",
    "Match",
    "Merged",
    "Observer",
    "Report",
    "Reshaped",
    "Shard",
    "Suggestion",
    "SweepResult",
    "TVGNNClassifier",
    "TVGNNClustering",
    "TrainingError",
    "TvgnnError",
    "UsageError",
    "classify",
    "cluster",
    "consensus",
    "cross_validate",
    "embed",
    "embed_graphs",
    "evaluate",
    "explain",
    "levels",
    "load_classifier",
    "load_model",
    "make_classify_config",
    "make_config",
    "make_report",
    "match",
    "merge",
    "predict",
    "predict_graphs",
    "read_graph",
    "read_graph_set",
    "read_sweep",
    "reshape",
    "sweep",
    "tl",
    "update",
    "write_shard",
]

_HOMES = {
    "cluster": "api",
    "embed": "api",
    "predict": "api",
    "update": "api",
    "classify": "classification.flow",
    "embed_graphs": "classification.application",
    "predict_graphs": "classification.application",
    "ClassifyResult": "classification.result",
    "ClassifyConfig": "config",
    "make_classify_config": "config",
    "GraphSet": "graph.graph_set",
    "read_graph_set": "io.graph_sets.read",
    "cross_validate": "jobs.cross_validation",
    "CrossValidation": "jobs.cross_validation",
    "load_classifier": "models.classifier_file",
    "FittedClassifier": "models.fitted_classifier",
    "TVGNNClassifier": "adapters.graph_classifier",
    "ClusterConfig": "config",
    "make_config": "config",
    "Graph": "graph.graph",
    "read_graph": "io.read",
    "load_model": "models.model_file",
    "ClusterResult": "run.result",
    "TVGNNClustering": "adapters.estimator",
    "evaluate": "evaluation.scoring",
    "Evaluation": "evaluation.scoring",
    "consensus": "explanation.consensus",
    "Consensus": "explanation.consensus",
    "explain": "explanation.explain",
    "match": "shaping.match",
    "reshape": "shaping.reshape",
    "Reshaped": "shaping.reshape",
    "Match": "shaping.match",
    "Explanation": "explanation.explain",
    "levels": "explanation.levels",
    "Levels": "explanation.levels",
    "make_report": "report.document",
    "Report": "report.document",
    "read_sweep": "jobs.sweep_file",
    "sweep": "jobs.sweep",
    "SweepResult": "jobs.sweep_result",
    "Suggestion": "prepare.evidence.suggestion",
    "merge": "jobs.merge",
    "Merged": "jobs.merge",
    "write_shard": "jobs.shard_file",
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


def __dir__() -> list[str]:
    """The public names: what a notebook completes, and what a misspelt one is compared with."""
    return [*__all__, *(name for name in globals() if name.startswith("__"))]


def __getattr__(name: str) -> Any:
    """Load the public names when they are first asked for: torch takes seconds to import."""
    if name == "__version__":
        return importlib.import_module("tvgnn_cli.machine.versions").tool_version()
    if name == "tl":
        return importlib.import_module("tvgnn_cli.adapters.tl")
    if name not in _HOMES:
        raise AttributeError(f"module 'tvgnn_cli' has no attribute '{name}'")
    return getattr(importlib.import_module(f"tvgnn_cli.{_HOMES[name]}"), name)
