"""Checks of the arrays that a graph is made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError


def check_arrays(
    num_vertices: int,
    edge_index: np.ndarray,
    edge_weight: np.ndarray | None,
    lengths: dict[str, Any],
) -> None:
    """Refuse arrays that are not those of one graph.

    Args:
        num_vertices: n.
        edge_index: whole numbers `[2, e]` from 0 to n - 1.
        edge_weight: `[e]`, or None.
        lengths: arrays `[n, ...]` by their names, or None.

    Raises:
        InputError: naming the array.
    """
    if edge_index.ndim != 2 or len(edge_index) != 2:
        raise InputError(f"edge_index has shape {edge_index.shape}, not (2, edges)")
    if edge_index.dtype.kind not in "iu":
        raise InputError(f"edge_index has dtype {edge_index.dtype}, not integers")
    if edge_index.size:
        low, high = int(edge_index.min()), int(edge_index.max())
        if low < 0 or high >= num_vertices:
            bad = low if low < 0 else high
            raise InputError(
                f"edge_index names vertex {bad}, but the vertices are 0 to {num_vertices - 1}"
            )
    if edge_weight is not None and edge_weight.shape != edge_index.shape[1:]:
        raise InputError(f"edge_weight has shape {edge_weight.shape}, not {edge_index.shape[1:]}")
    for name, values in lengths.items():
        if values is not None and values.shape[0] != num_vertices:
            raise InputError(f"{name} has {values.shape[0]} rows for {num_vertices} vertices")
