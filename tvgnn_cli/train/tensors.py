"""Prepared arrays as tensors on the device that trains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli import kernels
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.prepare.prepared import Prepared


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Input of the network, on one device.

    Args:
        x: features, `[n, f]`, dense or CSR.
        graph: the edges.
        near: pairs that the loss counts beside the edges; None for none.
    """

    x: Tensor
    graph: GraphTensors
    near: GraphTensors | None = None


def to_tensors(prepared: Prepared, device: torch.device) -> TrainingData:
    """Move a prepared graph to `device`; features stay sparse where that is worth it."""
    n, weight = len(prepared.order), prepared.edge_weight
    edge_index = torch.from_numpy(np.ascontiguousarray(prepared.edge_index))
    edge_weight = None if weight is None else torch.from_numpy(weight)
    if prepared.part_bounds is None:
        graph = GraphTensors(edge_index, n, edge_weight)
    else:
        graph = GraphTensors.of_sorted(
            edge_index, n, edge_weight, with_values=edge_weight is not None
        )
    near = None if prepared.near is None else GraphTensors(torch.from_numpy(prepared.near), n)
    return TrainingData(
        x=kernels.feature_tensor(prepared.x, device).to(device),
        graph=graph.to(device),
        near=None if near is None else near.to(device),
    )
