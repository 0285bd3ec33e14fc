"""All that the next epoch reads, as tensors by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from tvgnn_cli.io.state_file import State, prefixed
from tvgnn_cli.models.weights import Form, check_prefixes, check_tensors, forms_in
from tvgnn_cli.nn import Adam
from tvgnn_cli.nn.adam import MOMENTS


def training_state(model: torch.nn.Module, optimizer: Adam) -> dict[str, Tensor]:
    """Weights, the optimiser's moments and the random state, by name."""
    tensors = prefixed("model.", dict(model.state_dict()))
    for index, moments in optimizer.state().items():
        tensors.update(prefixed(f"optimizer.{index}.", moments))
    tensors["random"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["random_cuda"] = torch.cuda.get_rng_state()
    return tensors


def restore_training(
    state: State, model: torch.nn.Module, optimizer: Adam, others: Sequence[str] = ()
) -> None:
    """Put back what `training_state` took.

    Args:
        state: tensors of a file.
        model: the network that takes its weights.
        optimizer: what takes its moments.
        others: what else the names of its tensors may start with.

    Raises:
        InputError: tensors are missing, unknown, of other sizes than the network's, or no numbers.
    """
    with state.checked():
        check_prefixes(state.tensors, ("model.", "optimizer.", "random", *others))
        weights, random = state.under("model."), state.under("random")
        check_tensors(weights, forms_in(model), "model.")
        moments = _moments(state, list(model.parameters()))
        _restore_random(random)
    model.load_state_dict(weights)
    optimizer.restore(moments)


def _moments(state: State, parameters: list[torch.nn.Parameter]) -> dict[int, dict[str, Tensor]]:
    """The moments of each weight that was moved.

    Raises:
        ValueError: they are not those of such weights.
    """
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in state.under("optimizer.").items():
        index, _, key = name.partition(".")
        if index not in map(str, range(len(parameters))):
            raise ValueError(f"it has {'optimizer.' + name!r:.60}, which is unknown")
        moments.setdefault(int(index), {})[key] = value
    for place, found in moments.items():
        like = parameters[place].dtype, tuple(parameters[place].shape)
        wanted: dict[str, Form] = {"step": (torch.float32, ()), **dict.fromkeys(MOMENTS, like)}
        # Of gradients of more than 10^19 the mean square is beyond what a float holds: their
        # weights then stay as they are, and training goes on.
        check_tensors(found, wanted, f"optimizer.{place}.", unbounded=("exp_avg_sq",))
        if any(bool((found[name] < 0).any()) for name in ("step", "exp_avg_sq")):
            raise ValueError(f"optimizer.{place} has a mean of squares, or steps, below 0")
    return moments


def _restore_random(found: Mapping[str, Tensor]) -> None:
    """Put back the random state, and that of the GPU where there is one.

    Raises:
        ValueError: it is none.
    """
    if "" not in found or not {*found} <= {"", "_cuda"}:
        raise ValueError("it has no random state")
    try:
        torch.set_rng_state(found[""])
        if "_cuda" in found and torch.cuda.is_available():
            torch.cuda.set_rng_state(found["_cuda"])
    except (RuntimeError, TypeError):
        raise ValueError("its random state is none") from None
