"""NetMF: the matrix that DeepWalk factorises in secret, factorised in the open."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.baselines.attributes import left_directions, transition_matrix
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph import Graph
from tvgnn_cli.observer import Observer

DIMENSIONS, ORDER, NEGATIVE = 32, 2, 1
"""Of the embedding; steps of a walk; negative samples. Karate Club's defaults, which B.3 names."""


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """`U sqrt(Sigma)` of the truncated SVD of `log max(M, 1)`, `[n, 32]`.

    `M = vol(G) / (b T) (sum_{r=1..T} P^r) D^-1`, P the transition matrix, for a window T small
    enough that M stays sparse.

    Source: Qiu et al., "Network embedding as matrix factorization", WSDM 2018, Algorithm 3.
    """
    observer.phase("factorisation")
    matrix = left_directions(target(graph), DIMENSIONS, config.seed)
    length = np.linalg.norm(matrix, axis=0)
    return matrix / np.sqrt(np.where(length > 0, length, 1))


def target(graph: Graph) -> sp.csr_array:
    """`log max(M, 1)`, CSR."""
    step = transition_matrix(graph)
    power, total = step, step
    for _ in range(ORDER - 1):
        power = power @ step
        total = total + power
    degree = graph.degrees
    scale = np.divide(1, degree, out=np.zeros_like(degree), where=degree > 0)
    matrix = sp.csr_array(total @ sp.diags_array(scale * degree.sum() / (NEGATIVE * ORDER)))
    matrix.data = np.log(np.maximum(matrix.data, 1))
    matrix.eliminate_zeros()
    return matrix
