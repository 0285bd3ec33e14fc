"""Prepared arrays as tensors on the device that trains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli import kernels
from tvgnn_cli.prepare.prepared import Prepared


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Input of the network: x `[n, f]`, edge_index `[2, e]`, edge_weight `[e]` or None; and pairs
    that the loss counts beside the edges, near `[2, m]` or None.
    """

    x: Tensor
    edge_index: Tensor
    edge_weight: Tensor | None
    near: Tensor | None = None


def to_tensors(prepared: Prepared, device: torch.device) -> TrainingData:
    """Move a prepared graph to `device`; features stay sparse where that is worth it."""
    weight = prepared.edge_weight
    edge_index = torch.from_numpy(np.ascontiguousarray(prepared.edge_index))
    if prepared.part_bounds is not None:
        weighted = weight is not None
        kernels.remember_sorted(edge_index, len(prepared.order), with_values=weighted)
    return TrainingData(
        x=kernels.feature_tensor(prepared.x, device).to(device),
        edge_index=edge_index.to(device),
        edge_weight=None if weight is None else torch.from_numpy(weight).to(device),
        near=None if prepared.near is None else torch.from_numpy(prepared.near).to(device),
    )
