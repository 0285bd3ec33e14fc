"""Prepared arrays as tensors on the device that trains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.placed import Features, placed


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Input of the network, for one device.

    Args:
        features: `[n, f]`, dense or CSR, kept there or on the host.
        graph: the edges.
        near: pairs that the loss counts beside the edges; None for none.
    """

    features: Features
    graph: GraphTensors
    near: GraphTensors | None = None

    @property
    def x(self) -> Tensor:
        """All features on the device, `[n, f]`, dense or CSR."""
        return self.features.whole()

    @property
    def width(self) -> int:
        """Features per vertex, f."""
        return self.features.width

    @property
    def device(self) -> torch.device:
        """Device that trains."""
        return self.features.device


def to_tensors(
    prepared: Prepared, device: torch.device, *, features_on_host: bool = False
) -> TrainingData:
    """Move a prepared graph to `device`; features stay sparse where that is worth it, and on the
    host where they are to.
    """
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
        features=placed(prepared.x, device, on_host=features_on_host),
        graph=graph.to(device),
        near=None if near is None else near.to(device),
    )
