"""DeepWalk: random walks as sentences, vertices as their words."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.baselines.walks import random_walks, skip_gram
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """Skip-grams with hierarchical softmax on uniform walks, `[n, 128]`.

    Deviation from Karate Club, which B.3 names: that library leaves gensim at its default, which
    predicts a vertex from its neighbours (CBOW). DeepWalk is defined with skip-grams.

    Source: Perozzi, Al-Rfou & Skiena, "DeepWalk", KDD 2014.
    """
    walks = random_walks(graph, config.seed)
    return skip_gram(walks, graph.num_vertices, config.seed, observer, hs=1, negative=0)
