"""The features of a graph as the methods take them that embed features and edges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import METHODS
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe


def attributes(graph: Graph, config: ClusterConfig) -> Any:
    """The features `[n, f]`, float32, dense or CSR, scaled as the configuration says, and neither
    filtered nor reduced.

    Raises:
        InputError: the graph has none.
    """
    require_features(graph, config)
    whole = replace(config, filter_steps=0, components=0)
    return apply_recipe(graph, learn_recipe(graph, whole), whole)


def require_features(graph: Graph, config: ClusterConfig) -> None:
    """Refuse a graph without features.

    Raises:
        InputError: naming the methods that need none.
    """
    if graph.x is None:
        others = [name for name, method in METHODS.items() if not method.features]
        raise InputError(
            f"{graph.name}: has no vertex features, and `method` {config.method} needs them; give "
            f"`features`, or a method that looks at edges only: {', '.join(others)}"
        )


def left_directions(matrix: Any, size: int, seed: int) -> np.ndarray:
    """The leading left singular vectors of a sparse or dense matrix times their singular values,
    float64 `[n, size]`, or as many as there are.
    """
    from sklearn.utils.extmath import randomized_svd

    size = min(size, *matrix.shape)
    left, values, _ = randomized_svd(matrix, size, n_iter=10, random_state=seed)
    return np.asarray(left * values, dtype=np.float64)


def transition_matrix(graph: Graph) -> sp.csr_array:
    """`D^-1 A`, float64: where a random walk goes; rows of vertices without edges are 0."""
    degree = graph.degrees
    scale = np.divide(1, degree, out=np.zeros_like(degree), where=degree > 0)
    return sp.csr_array(sp.diags_array(scale) @ graph.adjacency.astype(np.float64))
