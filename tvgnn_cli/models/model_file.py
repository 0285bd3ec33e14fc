"""A fitted model in one safetensors file: arrays, and JSON for the rest. No pickle."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.state_file import State, prefixed, read_state, write_state
from tvgnn_cli.models.fitted import FittedModel
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe

FORMAT = "tvgnn-model-1"
WHAT = "a model that tvgnn saved"
_ARRAYS = ("offset", "scale", "basis", "factors", "shift")


def save_model(model: FittedModel, path: Path) -> None:
    """Write weights, configuration, feature recipe and provenance.

    Raises:
        UsageError: the target cannot be written.
    """
    write_state(path, FORMAT, model_state(model))


def load_model(path: str | Path) -> FittedModel:
    """Read what `save_model` wrote.

    Raises:
        InputError: the file is missing, damaged or of another kind.
    """
    path = Path(path)
    return restore_model(read_state(path, FORMAT, WHAT), path)


def model_state(model: FittedModel) -> State:
    """A model as tensors and JSON."""
    import torch

    recipe = {f.name: getattr(model.recipe, f.name) for f in dataclasses.fields(model.recipe)}
    arrays = {name: torch.from_numpy(recipe.pop(name)) for name in _ARRAYS}
    facts = {
        "config": dataclasses.asdict(model.config),
        "recipe": recipe,
        "provenance": model.provenance,
        "history": list(model.history),
    }
    return State({**prefixed("state.", model.state), **prefixed("recipe.", arrays)}, facts)


def restore_model(state: State, path: Path) -> FittedModel:
    """The model that `model_state` took apart.

    Raises:
        InputError: parts are missing or unknown; names the file that they came from.
    """
    facts = state.facts
    try:
        arrays: dict[str, Any] = {name: state.tensors[f"recipe.{name}"].numpy() for name in _ARRAYS}
        names = tuple(facts["recipe"].pop("feature_names", ()))
        recipe = FeatureRecipe(**facts["recipe"], **arrays, feature_names=names)
        config = ClusterConfig(**facts["config"])
        known = facts["provenance"], tuple(facts.get("history", ()))
        return FittedModel(state.under("state."), config, recipe, *known)
    except (KeyError, TypeError, UsageError) as error:
        raise InputError(f"{path}: is damaged, or of another version of tvgnn ({error})") from None
