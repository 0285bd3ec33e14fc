"""Prepared arrays as tensors on the device that trains."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli import kernels
from tvgnn_cli.prepare import Prepared


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What the network is given: x `[n, f]`, edge_index `[2, e]`, edge_weight `[e]` or None."""

    x: Tensor
    edge_index: Tensor
    edge_weight: Tensor | None


def to_tensors(prepared: Prepared, device: torch.device) -> TrainingData:
    """Move a prepared graph to `device`; features stay sparse where that is worth it."""
    weight = prepared.edge_weight
    edge_index = torch.from_numpy(np.ascontiguousarray(prepared.edge_index))
    if prepared.part_bounds is not None:
        weighted = weight is not None
        kernels.remember_sorted(edge_index, len(prepared.order), with_values=weighted)
    return TrainingData(
        x=features(prepared.x, device).to(device),
        edge_index=edge_index.to(device),
        edge_weight=None if weight is None else torch.from_numpy(weight).to(device),
    )


def features(x: Any, device: torch.device) -> Tensor:
    """Features `[n, f]`, dense or CSR, as a tensor: sparse where that is worth it on `device`."""
    if isinstance(x, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(x))
    if x.nnz >= kernels.dense_enough(device) * x.shape[0] * x.shape[1]:
        return torch.from_numpy(x.toarray())
    indptr, indices, values = map(torch.from_numpy, (x.indptr, x.indices, x.data))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(
            indptr, indices, values, size=x.shape, check_invariants=False
        )
