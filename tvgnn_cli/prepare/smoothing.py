"""The filter that takes the mean of features over near vertices."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.features import column_blocks, is_sparse, row_blocks
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.on_device.place import at_once, device_for
from tvgnn_cli.prepare.sparse_products import SparseMatrix, scaled_on_both_sides

if TYPE_CHECKING:
    import torch

WIDE = 2**26
"""Bytes of columns that are filtered at once: a row of few takes as long to gather as one of many.
"""

VALUES, EDGES = 8, 24
"""Numbers that a device holds of each value that is filtered, and of each edge."""


def feature_filter(graph: Graph, recipe: FeatureRecipe) -> Callable[[Any], Any]:
    """`x -> keep * x + (1 - keep) / T * sum_t A^t x`, t = 1 ... T: a mean over near vertices.

    A is the symmetrically normalised adjacency matrix with self-loops, so the filter is
    symmetric too.

    Source: SSGC; Zhu & Koniusz, "Simple Spectral Graph Convolution", ICLR 2021.
    """
    if not recipe.filter_steps:
        return lambda x: x
    matrix = cache(partial(normalized_adjacency, graph))
    propagation = cache(lambda: SparseMatrix(matrix()))
    on_device = cache(partial(_filter_on, graph, recipe))
    share = np.float32((1 - recipe.filter_keep) / recipe.filter_steps)

    def apply(x: Any) -> Any:
        step, total = x, x * np.float32(recipe.filter_keep)
        del x  # a block of many columns is not needed any more
        for _ in range(recipe.filter_steps):
            step = (matrix() if is_sparse(step) else propagation()) @ step
            total = _plus(total, step, share)
        return total

    def by_block(x: Any) -> Any:
        n = graph.num_vertices
        held = VALUES * min(x.size, n * at_once(n)) + EDGES * graph.num_edges
        work = recipe.filter_steps * (2 * graph.num_edges / n + 1) * x.size
        device = None if is_sparse(x) else device_for(held, work)
        if device is not None:
            return on_device(device)(x)
        if is_sparse(x) or x.ndim < 2:
            return apply(x)
        blocks = column_blocks(x, WIDE)
        with propagation().reusing_memory(x.shape[1] // max(len(blocks), 1)):
            if len(blocks) == 1:
                return apply(x)
            filtered = np.empty_like(x)
            for columns in blocks:
                filtered[:, columns] = apply(np.ascontiguousarray(x[:, columns]))
            return filtered

    return by_block


def _plus(total: Any, step: Any, share: np.float32) -> Any:
    """`total + share * step`, of dense arrays in the memory of the first."""
    if is_sparse(step):
        return total + step * share
    for rows in row_blocks(step):
        total[rows] += step[rows] * share
    return total


def _filter_on(graph: Graph, recipe: FeatureRecipe, device: torch.device) -> Callable[[Any], Any]:
    """The same of arrays, there and back."""
    from tvgnn_cli.prepare.on_device.smoothing import Filter

    return Filter(graph, recipe, device).of_array


def normalized_adjacency(graph: Graph) -> sp.csr_array:
    """`D^-1/2 (A + I) D^-1/2`, float32."""
    loops = sp.eye_array(graph.num_vertices, dtype=np.float32, format="csr")
    root = ((graph.degrees + 1) ** -0.5).astype(np.float32)
    return scaled_on_both_sides(sp.csr_array(graph.adjacency + loops), root)
