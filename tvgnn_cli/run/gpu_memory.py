"""Estimate of what training will hold of a GPU's memory."""

from __future__ import annotations

from typing import NamedTuple

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.features import is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import METHODS
from tvgnn_cli.run.memory import columns_entering
from tvgnn_cli.run.settling import clusters_of

WORKSPACE = 2**26
"""Bytes in which cuBLAS works: two workspaces, of forward and of backward passes, on a GPU of
compute capability 9; smaller ones have less.
"""

EDGE, MADE_EDGE = 33, 52
"""Bytes of an edge: its ends and neighbour lists, and these while they are made."""

ADJACENCY_EDGE = 80
"""Bytes of an edge in the sparse matrix of layers that average, while it is made."""

NUMBER = 4
"""Bytes of a number."""

HEAD_ROWS = 2**17
"""Vertices whose hidden layers the assignment head holds at once on a GPU, at most."""

DENSE = 0.05
"""Share of non-zero features from which they are dense on a GPU."""

EPOCHS, EPOCHS_KEPT = 32, 2**25
"""Epochs that are played at once, and bytes of the weights of all of them, at most."""


class Sizes(NamedTuple):
    """Sizes that the estimate follows from: of the graph, its features and the network.

    Args:
        n: vertices.
        e: edges.
        features: bytes of the features as they are on the GPU.
        hidden, layers, head, k: channels and number of layers, hidden channels of the head,
            clusters.
        weights: numbers that are learned.
        b: vertices of a batch; n where there are none.
    """

    n: int
    e: int
    features: float
    hidden: int
    layers: int
    head: int
    k: int
    weights: int
    b: int

    @property
    def by_batch(self) -> bool:
        return self.b < self.n


def gpu_bytes(s: Sizes) -> float:
    """Peak of what training holds on a GPU, in bytes, by the sizes alone; numbers are of 4 bytes.

        what is held                                how much
        outputs of layers and their gradients       (2 L + 3) n h
        or, if that is more, those and the head's   (2 L + 2) n h + 3 min(n, 2^17) head
        or, if that is more, those and the losses'  2 L n h + 4 n k
        weights                                     each 4 times: itself, gradient, Adam's moments
        recorded epochs                             weights 3 times, and those of up to 32 epochs
                                                    in 34 MB
        edges                                       33 bytes, 52 while lists are made
        features                                    dense or sparse, as kernels take them
        workspaces                                  67 MB

    By batches the first three are of a batch, and nothing is recorded; the whole graph passes
    forwards alone, with 2 n h in place of the first, and 4 n k.
    """
    training = NUMBER * _trained(s, s.b)
    edges = EDGE * s.e
    if s.by_batch:
        head = 3 * min(s.n, HEAD_ROWS) * s.head
        measured = 2 * s.n * s.hidden + max(head, 4 * s.n * s.k)
        training = max(training, NUMBER * measured)
        edges = MADE_EDGE * s.e
    weights = NUMBER * s.weights
    recorded = 0 if s.by_batch else 3 * weights + max(min(EPOCHS_KEPT, EPOCHS * weights), weights)
    return WORKSPACE + s.features + edges + training + 4 * weights + recorded


def _trained(s: Sizes, n: int) -> float:
    """Numbers that a step forwards and backwards holds at once, of n vertices."""
    layers = (2 * s.layers + 3) * n * s.hidden
    head = (2 * s.layers + 2) * n * s.hidden + 3 * min(n, HEAD_ROWS) * s.head
    losses = 2 * s.layers * n * s.hidden + 4 * n * s.k
    return max(layers, head, losses)


def estimate_gpu_memory_mb(graph: Graph, config: ClusterConfig) -> float:
    """Peak memory of a run on a GPU, in MB of 10^6 bytes, as torch counts it: within a quarter of
    what is then measured for this tool's own network.
    """
    n, clusters = graph.num_vertices, clusters_of(graph, config) or 2
    entering = columns_entering(graph, config, clusters)
    weights = entering * config.hidden + max(config.layers - 1, 0) * config.hidden**2
    weights += config.mlp_hidden * (config.hidden + clusters) or config.hidden * clusters
    b = min(config.batch_size, n) if config.batch == "parts" else n
    sizes = Sizes(n, graph.num_edges, _features(graph, entering), config.hidden, config.layers,
                  config.mlp_hidden, clusters, weights, b)  # fmt: skip
    held = gpu_bytes(sizes)
    if config.degree_weighted:
        held += NUMBER * 4 * config.layers * b * config.hidden
    if METHODS[config.method].layer != "gtv":
        held += ADJACENCY_EDGE * graph.num_edges
    return held / 1e6


def _features(graph: Graph, entering: int) -> float:
    """Bytes of the features that a network is given, dense, or sparse with those of their
    transpose.
    """
    dense = NUMBER * graph.num_vertices * entering
    kept = graph.x is not None and not is_stored(graph.x) and entering == graph.num_features
    nnz: int | None = getattr(graph.x, "nnz", None) if kept else None
    if nnz is None or nnz >= DENSE * dense / NUMBER:
        return float(dense)
    return 2.0 * 2 * NUMBER * nnz
