"""Estimate of what training will hold of a GPU's memory."""

from __future__ import annotations

from typing import Any, NamedTuple

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.features import is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import METHODS
from tvgnn_cli.run.memory import columns_at_most
from tvgnn_cli.run.settling import expected_clusters

WORKSPACE = 2**26
"""Bytes in which cuBLAS works: two workspaces, of forward and of backward passes, on a GPU of
compute capability 9; smaller ones have less.
"""

BETWEEN = 2**25
"""Bytes of a third one, for what is asked of a GPU between recorded epochs."""

EDGE, MADE_EDGE = 33, 52
"""Bytes of an edge: its ends and neighbour lists, and these while they are made."""

ADJACENCY_EDGE = 80
"""Bytes of an edge in the sparse matrix of layers that average, while it is made."""

NUMBER = 4
"""Bytes of a number."""

HEAD_ROWS = 2**17
"""Vertices whose hidden layers the assignment head holds at once on a GPU, at most."""

FUSED_ABOVE, FUSED_WIDEST, FUSED_OUTPUTS, FUSED_SUMS = 2**15, 128, 64, 256
"""Vertices above which a head of no more channels and clusters than these keeps no hidden values,
but so many sums of the gradients of its weights.
"""

DENSE = 0.05
"""Share of non-zero features from which they are dense on a GPU."""

EPOCHS, EPOCHS_KEPT = 32, 2**25
"""Epochs that are played at once, and bytes of the weights of all of them, at most."""

IN_FLIGHT = 4
"""Batches, or blocks of features from the host, that are on a GPU at once: the one that it works
on, two that wait, and the next.
"""

BLOCK_BYTES = 2**24
"""Bytes of such a block, at most."""

DEVICE, HOST = "device", "host"
"""Places where features may be kept."""


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
        fused: whether the head's hidden values stay inside a program, of many vertices.
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
    fused: bool = False

    @property
    def by_batch(self) -> bool:
        return self.b < self.n


class GpuNeeds(NamedTuple):
    """Needs of a run on a GPU.

    Args:
        memory_mb: peak of what it holds there, in MB of 10^6 bytes.
        features_on: `DEVICE`, or `HOST` where they are sent from the host's memory as they are
            worked on.
    """

    memory_mb: float
    features_on: str = DEVICE

    @property
    def on_host(self) -> bool:
        return self.features_on == HOST


def told_of(needs: GpuNeeds | None) -> dict[str, Any]:
    """Metrics of the needs of a run on a GPU; none of one elsewhere."""
    if needs is None:
        return {}
    return {
        "gpu_memory_estimate_mb": round(needs.memory_mb, 1), "features_on": needs.features_on,
    }  # fmt: skip


def gpu_bytes(s: Sizes, features_on: str = DEVICE) -> float:
    """Peak of what training holds on a GPU, in bytes, by the sizes alone; numbers are of 4 bytes.

        what is held                                how much
        outputs of layers and their gradients       (2 L + 3) n h
        or, if that is more, those and the head's   (2 L + 2) n h + 3 min(n, 2^17) head, or
                                                    256 head (h + k + 1) where it keeps none
        or, if that is more, those and the losses'  2 L n h + 4 n k
        weights                                     each 4 times: itself, gradient, Adam's moments
        recorded epochs                             weights 3 times, and those of up to 32 epochs
                                                    in 34 MB
        edges                                       33 bytes, 52 while lists are made
        features                                    dense or sparse, as kernels take them
        workspaces                                  67 MB

    By batches the first three are of a batch, beside features and edges of four of them, and
    nothing is recorded; the whole graph passes forwards alone, with 2 n h in place of the first,
    and 4 n k. Features that are kept on the host are there in blocks of 17 MB, four at most, while
    the first n h come of them.
    """
    weights = NUMBER * s.weights
    if not s.by_batch:
        recorded = 3 * weights + max(min(EPOCHS_KEPT, EPOCHS * weights), weights)
        held = s.features + EDGE * s.e + NUMBER * _trained(s, s.n)
        return WORKSPACE + held + 4 * weights + recorded
    in_flight = IN_FLIGHT * s.b / s.n * (s.features + EDGE * s.e)
    working = max(NUMBER * _trained(s, s.b) + in_flight, _measured(s, features_on))
    whole = 0 if features_on == HOST else s.features
    return WORKSPACE + whole + MADE_EDGE * s.e + working + 4 * weights


def _measured(s: Sizes, features_on: str) -> float:
    """Bytes of a pass forwards over the whole graph, layer by layer, beside edges and weights."""
    head = 0 if s.fused and s.n > FUSED_ABOVE else 3 * min(s.n, HEAD_ROWS) * s.head
    layers = NUMBER * (2 * s.n * s.hidden + max(head, 4 * s.n * s.k))
    blocks = min(s.features, IN_FLIGHT * BLOCK_BYTES) if features_on == HOST else 0
    return max(layers, NUMBER * s.n * s.hidden + blocks)


def _trained(s: Sizes, n: int) -> float:
    """Numbers that a step forwards and backwards holds at once, of n vertices."""
    layers = (2 * s.layers + 3) * n * s.hidden
    hidden = 3 * min(n, HEAD_ROWS) * s.head
    if s.fused and n > FUSED_ABOVE:
        hidden = FUSED_SUMS * s.head * (s.hidden + s.k + 1)
    head = (2 * s.layers + 2) * n * s.hidden + hidden
    losses = 2 * s.layers * n * s.hidden + 4 * n * s.k
    return max(layers, head, losses)


def needs_that_fit(graph: Graph, config: ClusterConfig, usable_mb: float) -> GpuNeeds:
    """The needs of a run on a GPU: with features there, unless so much memory does not do for them
    and features on the host take less, as they do in training by batches.
    """
    needs = GpuNeeds(estimate_gpu_memory_mb(graph, config))
    if needs.memory_mb <= usable_mb:
        return needs
    on_host = GpuNeeds(estimate_gpu_memory_mb(graph, config, HOST), HOST)
    return min(needs, on_host, key=lambda each: each.memory_mb)  # the first of equals


def features_of_pass(graph: Graph, config: ClusterConfig, usable_mb: float) -> str:
    """Place of the features while a network that is trained already passes over a graph."""
    sizes = _sizes(graph, config)._replace(b=0)
    fits = _with_others(graph, config, sizes, DEVICE) <= 1e6 * usable_mb
    return DEVICE if fits else HOST


def estimate_gpu_memory_mb(graph: Graph, config: ClusterConfig, features_on: str = DEVICE) -> float:
    """Peak memory of a run on a GPU, in MB of 10^6 bytes, as torch counts it: within a quarter of
    what is then measured for this tool's own network.
    """
    return _with_others(graph, config, _sizes(graph, config), features_on) / 1e6


def _sizes(graph: Graph, config: ClusterConfig) -> Sizes:
    n, clusters = graph.num_vertices, expected_clusters(graph, config)
    entering = columns_at_most(graph, config, clusters)
    weights = entering * config.hidden + max(config.layers - 1, 0) * config.hidden**2
    weights += config.mlp_hidden * (config.hidden + clusters) or config.hidden * clusters
    b = min(config.batch_size, n) if config.batch == "parts" else n
    fused = (
        config.mlp_hidden > 0
        and config.precision != "float32"
        and config.hidden <= FUSED_WIDEST
        and clusters <= FUSED_OUTPUTS
    )
    return Sizes(n, graph.num_edges, _features(graph, entering), config.hidden, config.layers,
                  config.mlp_hidden, clusters, weights, b, fused)  # fmt: skip


def _with_others(graph: Graph, config: ClusterConfig, sizes: Sizes, features_on: str) -> float:
    """Bytes of a run, with those of other layers."""
    held = gpu_bytes(sizes, features_on) + BETWEEN * (not sizes.by_batch)
    if config.degree_weighted:
        held += NUMBER * 4 * config.layers * sizes.b * config.hidden
    if METHODS[config.method].layer != "gtv":
        held += ADJACENCY_EDGE * graph.num_edges
    return held


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
