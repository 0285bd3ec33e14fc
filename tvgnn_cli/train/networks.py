"""Networks by their configuration and their saved weights, and what they make of a graph."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.models import ClusteringNetwork, build_model
from tvgnn_cli.prepare.evidence.confidence import confidence
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.tensors import TrainingData, to_tensors

CPU = torch.device("cpu")


@torch.no_grad()
def assignment_of(
    model: ClusteringNetwork, data: TrainingData, prepared: Prepared, share: Share | None = None
) -> np.ndarray:
    """The soft assignment S, float32 `[n, k]`, in input order."""
    if share is None:
        found = model.forward_through(data.features.through, data.graph)
    else:
        found = share.whole(share.assign(model))
    return prepared.in_input_order(found.cpu().numpy())


def assign(
    state: dict[str, Tensor],
    prepared: Prepared,
    config: ClusterConfig,
    device: torch.device = CPU,
    *,
    features_on_host: bool = False,
) -> np.ndarray:
    """The soft assignment S that saved weights give, float32 `[n, k]`, in input order."""
    data = to_tensors(prepared, device, features_on_host=features_on_host)
    return assignment_of(restored(state, config, data), data, prepared)


def confidence_of(labels: np.ndarray, prepared: Prepared) -> np.ndarray | None:
    """The probability of each vertex's cluster `[n]`, both in input order: float32 `[n]`; None
    where clusters are not judged.
    """
    if prepared.judge is None:
        return None
    found = np.empty(len(labels), dtype=np.float32)
    found[prepared.judged] = confidence(labels[prepared.judged], prepared.judge)
    return found


@torch.no_grad()
def represent(
    state: dict[str, Tensor],
    prepared: Prepared,
    config: ClusterConfig,
    device: torch.device = CPU,
    *,
    features_on_host: bool = False,
) -> np.ndarray:
    """The vertex representations X^(L) that saved weights give, float32 `[n, h]`, in input
    order.
    """
    data = to_tensors(prepared, device, features_on_host=features_on_host)
    model = restored(state, config, data)
    found = model.embed_through(data.features.through, data.graph)
    return prepared.in_input_order(found.cpu().numpy())


def restored(
    state: dict[str, Tensor], config: ClusterConfig, data: TrainingData
) -> ClusteringNetwork:
    """The network with saved weights; it leaves the random state as it was."""
    # Not on the "meta" device: random numbers there draw in torch's compiler.
    with torch.random.fork_rng(devices=[]):
        model = build_model(config, data.width)
    copied = {name: value.to(data.device, copy=True) for name, value in state.items()}
    model.load_state_dict(copied, assign=True)
    return model
