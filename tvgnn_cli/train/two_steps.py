"""Methods that are not trained end to end: an embedding and k-means, or labels at once."""

from __future__ import annotations

import importlib

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import TrainingError
from tvgnn_cli.graph.features import values_of
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import number_by_size
from tvgnn_cli.methods import METHODS
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.edge_weights import Clipped
from tvgnn_cli.prepare.prepared import in_order
from tvgnn_cli.train.checkpoint_folder import no_checkpoints
from tvgnn_cli.train.warm_start import kmeans_labels

STARTS = 10
"""k-means starts on an embedding, scikit-learn's number for random ones."""


def find_clusters(
    graph: Graph, config: ClusterConfig, observer: Observer
) -> tuple[np.ndarray, Clipped | None]:
    """Labels `[n]` in input order, clusters numbered by size; and what was clipped of the weights.

    Raises:
        InputError: a graph that the method cannot work on.
        TrainingError: an embedding that is no finite number.
        UsageError: a library that it needs is missing.
    """
    ordered, order, clipped = in_order(graph, config.clip_weights)
    module = importlib.import_module(f"tvgnn_cli.baselines.{config.method}")
    if METHODS[config.method].groups_points:
        points = module.embed(ordered, config, observer)
        values = values_of(points)
        if not np.isfinite(values).all():
            raise TrainingError(f"`method` {config.method}: the embedding is no finite number")
        found = kmeans_labels(
            points, config.clusters, config.seed, observer,
            no_checkpoints().of(0), starts=STARTS,
        )  # fmt: skip
    else:
        found = module.find(ordered, config, observer)
    labels = np.empty(len(order), dtype=np.int64)
    labels[order] = found
    return number_by_size(labels, int(labels.max()) + 1)[labels], clipped
