"""Estimates of what the training of a classifier will hold, and of what there is."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.machine.free_memory import available_memory_mb, is_shared
from tvgnn_cli.machine.versions import held_memory_mb
from tvgnn_cli.run.memory import USABLE

NUMBERS = 4
"""Bytes of a number."""

ARRAYS = 12
"""Arrays of one size that are there at a time: values, what losses and products make of them, and
their gradients.
"""

HOLES = 1.4
"""Factor by which they take more, as batches of different sizes leave holes between them."""

AT_ONCE = 2**29
"""Bytes of assignments and adjacency matrices from which the graphs of a batch are worked on in
parts.
"""


def parts_of(sizes: np.ndarray, pools: Sequence[int]) -> list[slice]:
    """Cut a batch into parts of graphs that memory holds at once, each of one graph at least. The
    gradient of a batch is the sum of those of its parts.

    Args:
        sizes: number of vertices of each graph, `[b]`.
        pools: vertices that poolings leave; empty without pooling.
    """
    if not pools:
        return [slice(0, len(sizes))]
    parts, first, held = [], 0, 0
    for i, size in enumerate(sizes.tolist()):
        needed = _bytes_of(size, pools)
        if i > first and held + needed > AT_ONCE:
            parts.append(slice(first, i))
            first, held = i, 0
        held += needed
    return [*parts, slice(first, len(sizes))]


def _bytes_of(size: int, pools: Sequence[int]) -> int:
    """Bytes of a graph's assignments and adjacency matrices, with all that is made of them."""
    numbers = 0
    for before, after in itertools.pairwise((size, *pools)):
        numbers += before * after + after**2
    return NUMBERS * ARRAYS * numbers


COPIES = 6
"""Arrays of the size of each weight: itself, its gradient, Adam's two moments, the best epoch's,
and a temporary one.
"""


def _weights(config: ClassifyConfig, sizes: tuple[int, ...], entering: int) -> int:
    """Numbers of the network: of its layers, and of the heads of its poolings."""
    width, inner = config.hidden, config.mlp_hidden
    layers = entering * width + (3 * config.layers - 1) * width**2
    layers *= 2 if config.method not in ("tvgnn", "gtv") else 1
    through = [width, *[inner] * config.mlp_layers]
    heads = sum(a * b for size in sizes for a, b in itertools.pairwise([*through, size]))
    return layers + heads


def estimate_memory_mb(
    graphs: GraphSet, config: ClassifyConfig, sizes: tuple[int, ...], entering: int = 1
) -> float:
    """Memory of a step on the largest graphs, in MB of 10^6 bytes, above what is held before.

    With B graphs of a batch, n vertices of the B largest, K_1 and K_2 vertices that poolings leave:
    assignments of `n K_1` and `B K_1 K_2`, adjacency matrices of `B K_1^2` and `B K_2^2`, but no
    more than `AT_ONCE` or those of one graph; the layers' hidden values; the weights.

    Args:
        graphs: the set.
        config: the settings.
        sizes: K_1 and K_2; empty without pooling.
        entering: features of a vertex.
    """
    largest = np.sort(graphs.sizes)[::-1][: config.batch_size]
    n, batch = int(largest.sum()), len(largest)
    hidden = 4 * n * config.hidden * config.layers * (1 if sizes else 3)
    hidden += sum(4 * batch * size * config.hidden * config.layers for size in sizes)
    pooled = [_bytes_of(size, sizes) for size in largest.tolist()] if sizes else []
    whole = sum(pooled)
    kept = NUMBERS * (hidden + COPIES * _weights(config, sizes, entering))
    return (kept + HOLES * min(whole, max([AT_ONCE, *pooled]))) / 1e6


def check_memory(
    graphs: GraphSet,
    config: ClassifyConfig,
    sizes: tuple[int, ...],
    entering: int,
    refuse: bool,
) -> float:
    """Estimate the peak of the process, in MB.

    Args:
        graphs: the set.
        config: the settings.
        sizes: vertices that poolings leave.
        entering: features of a vertex.
        refuse: whether too little memory ends the run.

    Raises:
        UsageError: there is too little.
    """
    added, held = estimate_memory_mb(graphs, config, sizes, entering), held_memory_mb()
    free = available_memory_mb()
    if refuse and added > USABLE * free:
        pools = f", `pool_sizes` {sizes[0]},{sizes[1]}" if len(sizes) == 2 else ""
        fewer = "take fewer `jobs`, " if is_shared() else ""
        raise UsageError(
            f"a step would take about {added:,.0f} MB, and {free:,.0f} MB are free; {fewer}lower "
            f"`batch_size` ({config.batch_size}){pools} or `hidden` (`ignore_memory` tries it)"
        )
    return added + held
