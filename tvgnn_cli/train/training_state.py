"""All that the next epoch reads, as tensors by name."""

from __future__ import annotations

import torch
from torch import Tensor

from tvgnn_cli.io.state_file import State, prefixed
from tvgnn_cli.nn import Adam


def training_state(model: torch.nn.Module, optimizer: Adam) -> dict[str, Tensor]:
    """Weights, the optimiser's moments and the random state, by name."""
    tensors = prefixed("model.", dict(model.state_dict()))
    for index, moments in optimizer.state().items():
        tensors.update(prefixed(f"optimizer.{index}.", moments))
    tensors["random"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["random_cuda"] = torch.cuda.get_rng_state()
    return tensors


def restore_training(state: State, model: torch.nn.Module, optimizer: Adam) -> None:
    """Put back what `training_state` took."""
    model.load_state_dict(state.under("model."))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in state.under("optimizer.").items():
        index, _, key = name.partition(".")
        moments.setdefault(int(index), {})[key] = value
    optimizer.restore(moments)
    torch.set_rng_state(state.tensors["random"])
    if "random_cuda" in state.tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(state.tensors["random_cuda"])
