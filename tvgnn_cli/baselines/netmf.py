"""NetMF: the matrix that DeepWalk factorises in secret, factorised in the open."""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.baselines.attributes import left_directions, transition_matrix
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer

DIMENSIONS, WINDOW, NEGATIVE = 128, 10, 1
"""Width of the embedding, steps of a walk, negative samples: those of the method's paper."""

WORK = 1e11
"""Products of numbers that a window may take; that of a larger graph is shorter, two steps at
least: 10 up to PubMed's size, 4 at 45,000 vertices with five edges each."""

BLOCK = 2**24
"""Numbers of the rows that are worked on at once."""


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """`U sqrt(Sigma)` of the truncated SVD of `log max(M, 1)`, `[n, 128]`.

    `M = vol(G) / (b T) (sum_{r=1..T} P^r) D^-1`, P the transition matrix. Rows of M are made a
    block at a time; most of the logarithms are 0.

    Source: Qiu et al., "Network embedding as matrix factorization", WSDM 2018, Algorithm 3.
    """
    matrix = target(graph, window(graph), observer)
    observer.phase("factorisation")
    points = left_directions(matrix, DIMENSIONS, config.seed)
    length = np.linalg.norm(points, axis=0)
    return points / np.sqrt(np.where(length > 0, length, 1))


def window(graph: Graph) -> int:
    """T, as long as the graph's size lets it be."""
    each = graph.num_vertices * 2 * graph.num_edges
    return int(np.clip(WORK // max(each, 1), 2, WINDOW))


def target(
    graph: Graph, steps: int, observer: Observer | None = None, numbers_at_once: int = BLOCK
) -> sp.csr_array:
    """`log max(M, 1)` for a window of `steps`, CSR `[n, n]`."""
    n, backwards = graph.num_vertices, sp.csr_array(transition_matrix(graph).T.astype(np.float32))
    degree = graph.degrees / graph.degrees.sum() * (NEGATIVE * steps)
    known = degree > np.finfo(np.float32).tiny
    scale = np.divide(1, degree, out=np.zeros_like(degree), where=known)
    scale = scale.astype(np.float32)[:, None]
    if steps == 2:  # sparse throughout
        total = sp.csr_array((backwards + backwards @ backwards).multiply(scale).T)
        total.data = np.log(np.maximum(total.data, 1))
        total.eliminate_zeros()
        return total
    size, blocks = max(1, numbers_at_once // n), []
    told = partial((observer or Observer()).phase, "walks")
    for first in range(0, n, size):
        told(first, n)
        power = backwards[:, first : first + size].toarray()  # columns: P's rows
        total = power.copy()
        for _ in range(steps - 1):
            power = backwards @ power
            total += power
        total *= scale
        blocks.append(sp.csr_array(np.log(np.maximum(total, 1, out=total), out=total).T))
    return sp.csr_array(sp.vstack(blocks))
