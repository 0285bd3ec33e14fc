"""Covariances of features over edges, on a device."""

from __future__ import annotations

import numpy as np
import torch

from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.kernels import neighbour_sum
from tvgnn_cli.machine.device import product_precision
from tvgnn_cli.prepare.feature_scaling import inverse
from tvgnn_cli.prepare.on_device.place import AT_ONCE
from tvgnn_cli.prepare.on_device.smoothing import graph_on


def covariance_sums(
    graph: Graph, x: np.ndarray, mean: np.ndarray, device: torch.device
) -> tuple[np.ndarray, np.ndarray, float]:
    """Sums over vertices of `x x^T` `[f, f]`, over ordered pairs of neighbours of `x x'^T` times
    the weight of their edge, and of these weights: as of `factors.edge_covariances`, of features
    without their mean.

    Args:
        graph: its edges.
        x: features of each vertex by itself, float32 `[n, f]`.
        mean: of each feature, `[f]`.
        device: where.
    """
    n, f = x.shape
    edges = graph_on(graph, device)
    step = inverse(np.sqrt(graph.degrees)).astype(np.float32)
    root = torch.from_numpy(step).to(device).unsqueeze(1)
    centre = torch.from_numpy(mean).to(device)
    own, across = (torch.zeros(f, f, dtype=torch.float64, device=device) for _ in range(2))
    with product_precision("float32", device):
        values = torch.from_numpy(np.ascontiguousarray(x)).to(device)
        near = neighbour_sum(values * root, edges) * root
        weight = (neighbour_sum(root, edges) * root).double()
        rows = max(1, AT_ONCE // (2 * f))
        for first in range(0, n, rows):
            some = slice(first, first + rows)
            apart = values[some] - centre
            own += apart.t() @ apart
            across += apart.t() @ (near[some] - weight[some] * centre)
    return own.cpu().numpy(), across.cpu().numpy(), float(weight.sum())
