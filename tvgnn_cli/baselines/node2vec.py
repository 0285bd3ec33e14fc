"""node2vec: DeepWalk with walks that remember where they came from."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.baselines.walks import random_walks, skip_gram
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer

P, Q = 1.0, 0.5
"""Return and in-out parameter: what its authors take where communities are looked for."""


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """Skip-grams with five negative samples on second-order walks, `[n, 128]`.

    Deviation from Karate Club, which B.3 names: p = q = 1 there, which is DeepWalk's walk.

    Source: Grover & Leskovec, "node2vec", KDD 2016; p and q of its Section 4.1.
    """
    walks = random_walks(graph, config.seed, back=P, out=Q)
    return skip_gram(walks, graph.num_vertices, config.seed, observer, hs=0, negative=5)
