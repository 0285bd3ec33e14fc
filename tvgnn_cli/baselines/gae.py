"""GAE: an embedding from whose inner products edges are told from other pairs."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.baselines.autoencoder import embed_by_autoencoder
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """The graph autoencoder's embedding, `[n, 16]`; see `embed_by_autoencoder`.

    Source: Kipf & Welling, "Variational graph auto-encoders", 2016, Section 1.
    """
    return embed_by_autoencoder(graph, config, observer, variational=False)
