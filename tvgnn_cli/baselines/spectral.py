"""Spectral clustering: k-means on the leading eigenvectors of the normalised adjacency matrix."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.structural import spectral_embedding


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """K eigenvectors, rows of unit length, `[n, K]`.

    Deviation from plain spectral clustering: the adjacency matrix is regularised (see
    `structural.spectral_embedding`). Without that, each small component of a graph takes an
    eigenvector, and on citation graphs, which have dozens, all but one cluster are such components.

    Source: von Luxburg, "A tutorial on spectral clustering", 2007; Qin & Rohe, NeurIPS 2013.
    """
    observer.phase("eigenvectors")
    return spectral_embedding(graph, config.clusters, config.seed)
