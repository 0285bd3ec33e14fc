"""Amount of computation in a run, and the threads that this is worth."""

from __future__ import annotations

from dataclasses import replace

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.run.memory import columns_entering
from tvgnn_cli.run.settling import clusters_of

PASSES = 3
"""Products for each one of the forward pass: that, and backwards for its two factors."""

OF_EDGE = 25
"""Multiplications of a matrix product that take as long as one number of a neighbour's row."""

LEAST = 1.8e8
"""Multiplications of a step that make up for waking a thread: with fewer, two threads take longer
than one on an idle machine, and half as long again where others keep its cores busy."""


def multiplications(graph: Graph, config: ClusterConfig) -> float:
    """Those of a training step, forwards and backwards, with as many for its edges as take the
    same time; a rough measure of other methods' work too.
    """
    n, width, clusters = graph.num_vertices, config.hidden, clusters_of(graph, config) or 2
    entering = columns_entering(graph, config, clusters)
    kept = graph.x is not None and entering == graph.num_features
    # Sparse features that are not reduced are multiplied as such.
    first = getattr(graph.x, "nnz", n * entering) if kept else n * entering
    head = config.mlp_hidden * (width + clusters) or width * clusters
    dense = first * width + n * ((config.layers - 1) * width**2 + head)
    edges = 2 * graph.num_edges * config.layers * width * 2
    part = min(1.0, config.batch_size / n) if config.batch == "parts" else 1.0
    return part * (PASSES * dense + OF_EDGE * edges)


def worthwhile_threads(graph: Graph, config: ClusterConfig) -> int:
    """Threads that each have `LEAST` multiplications of a step, and one at least: a function of the
    graph and the settings alone, so that a run that goes on has as many.
    """
    return max(1, int(multiplications(graph, config) / LEAST))


LEAST_BESIDE = 1.2e12
"""Multiplications of a run, for each thread of a restart, from which further processes make up for
their start, of two seconds.
"""


def is_worth_processes(graph: Graph, config: ClusterConfig, restarts: int) -> bool:
    """Tell whether so many restarts may have enough work to be trained side by side, each by as
    many threads as it is worth; they may end earlier.
    """
    work = multiplications(graph, config) * config.epochs * restarts
    return work >= LEAST_BESIDE * worthwhile_threads(graph, config)


LEAST_ON_GPU = 1e12
"""Multiplications of a run from which a GPU makes up for its start, of one or two seconds, and for
what stays on the CPU: about four seconds of sixteen cores beside an H100.
"""

ENDED = 50
"""Epochs after which a descent from given clusters has mostly ended by itself."""


def is_worth_a_gpu(graph: Graph, config: ClusterConfig, epochs: int | None = None) -> bool:
    """Tell whether a run may have so many; `epochs` is None for those of a training, which mostly
    ends earlier where it starts from clusters.
    """
    if epochs is None:
        each = min(config.epochs, ENDED) if config.starts_from_labels else config.epochs
        epochs = each * config.restarts
    return multiplications(graph, replace(config, batch="full")) * epochs >= LEAST_ON_GPU
