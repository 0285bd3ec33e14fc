"""The equations on `CoarseGraphs` in plain torch, by products of matrices."""

from __future__ import annotations

import torch

from tvgnn_cli.kernels.coarse_graphs import CoarseGraphs
from tvgnn_cli.shapes import Scalar, VertexValues


def gtv_propagate(x: VertexValues, graph: CoarseGraphs, delta: float, eps: float) -> VertexValues:
    """As `functional.gtv_propagate` on each graph."""
    rows = x.view(graph.num_graphs, graph.size, -1)
    gamma = graph.without_loops / torch.cdist(rows, rows, p=1).clamp(min=eps)
    flow = gamma.sum(dim=2, keepdim=True) * rows - gamma @ rows
    return x - delta * flow.view_as(x)


def total_variation(x: VertexValues, graph: CoarseGraphs) -> Scalar:
    """As `functional.total_variation`, summed over graphs."""
    rows = x.view(graph.num_graphs, graph.size, -1)
    return (graph.weight * torch.cdist(rows, rows, p=1)).sum() / 2
