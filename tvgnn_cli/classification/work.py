"""Amount of computation in a step on a batch of graphs, and the threads that this is worth."""

from __future__ import annotations

from collections.abc import Sequence

from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.machine.threads import choose_threads

PASSES = 3
"""Products for each one of the forward pass: that, and backwards for its two factors."""

OF_DIFFERENCE = 25
"""Multiplications of a matrix product that take as long as one absolute difference between the rows
of two neighbours, with its share in a sum."""

OF_DENSE_DIFFERENCE = 4
"""The same where all vertices are neighbours, whose rows are there already."""

OF_SUM = 2
"""The same of a sum over neighbours, by the methods that take no differences."""

LEAST = 1e9
"""Multiplications of a step for each thread: with fewer, two threads take longer than one, as each
of a step's hundred short passes waits for both."""


def worthwhile_threads(
    graphs: GraphSet, config: ClassifyConfig, sizes: Sequence[int], threads: int | None
) -> int:
    """Threads that are given, but no more than those that each have `LEAST` multiplications: a
    function of the graphs and the settings, so that a run that goes on has as many.

    Args:
        graphs: the set.
        config: the settings.
        sizes: vertices that poolings leave; empty without pooling.
        threads: as the user gave them.
    """
    batch = min(config.batch_size, max(graphs.num_graphs, 1))
    step = batch * multiplications(graphs, config, sizes)
    return min(choose_threads(threads), max(1, int(step / LEAST)))


def multiplications(graphs: GraphSet, config: ClassifyConfig, sizes: Sequence[int]) -> float:
    """Those of a training step for a graph of mean size, forwards and backwards, with as many for
    differences and sums over neighbours as take the same time; a rough measure.
    """
    count, width, inner = max(graphs.num_graphs, 1), config.hidden, config.mlp_hidden
    levels = [graphs.num_vertices / count, *sizes]
    layers = config.layers * (1 if sizes else 3)  # three blocks in a row
    of_pair, of_dense_pair = OF_SUM, 1
    if config.method in ("tvgnn", "gtv"):
        of_pair, of_dense_pair = OF_DIFFERENCE, OF_DENSE_DIFFERENCE
    total = 0.0
    for level, n in enumerate(levels):
        pairs = of_dense_pair * n**2 if level else of_pair * 2 * graphs.num_edges / count
        total += layers * (n * width**2 + pairs * width)
        if level < len(sizes):  # a pooling: its head, its loss, and S^T A S
            left = sizes[level]
            total += n * inner * (width + left) + pairs * left + n * left**2
    return PASSES * total
