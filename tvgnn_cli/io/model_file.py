"""A fitted model in one safetensors file: arrays, and JSON for the rest. No pickle."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.features import FeatureRecipe
from tvgnn_cli.fitted import FittedModel
from tvgnn_cli.io.writers import write_atomically

FORMAT = "tvgnn-model-1"
_ARRAYS = ("offset", "scale", "basis")


def save_model(model: FittedModel, path: Path) -> None:
    """Write weights, configuration, feature recipe and provenance.

    Raises:
        UsageError: the target cannot be written.
    """
    import torch
    from safetensors.torch import save

    tensors = {f"state.{name}": value.contiguous() for name, value in model.state.items()}
    recipe = {f.name: getattr(model.recipe, f.name) for f in dataclasses.fields(model.recipe)}
    for name in _ARRAYS:
        tensors[f"recipe.{name}"] = torch.from_numpy(recipe.pop(name)).contiguous()
    # One key only: the order of several is not fixed, and the file should be.
    about = {
        "format": FORMAT,
        "config": dataclasses.asdict(model.config),
        "recipe": recipe,
        "provenance": model.provenance,
    }
    write_atomically(path, save(tensors, {"tvgnn": json.dumps(about, sort_keys=True)}))


def load_model(path: Path) -> FittedModel:
    """Read what `save_model` wrote.

    Raises:
        InputError: the file is missing, damaged or of another kind.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            about = json.loads((file.metadata() or {}).get("tvgnn", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{path}: is not a model that tvgnn saved ({error})") from None
    if about.get("format") != FORMAT:
        raise InputError(f"{path}: is not a model that tvgnn saved ({FORMAT})")
    try:
        return _restore(about, tensors)
    except (KeyError, TypeError, UsageError) as error:
        raise InputError(f"{path}: is damaged, or of another version of tvgnn ({error})") from None


def _restore(about: dict[str, Any], tensors: dict[str, Any]) -> FittedModel:
    recipe = FeatureRecipe(
        **about["recipe"], **{name: tensors[f"recipe.{name}"].numpy() for name in _ARRAYS}
    )
    prefix = "state."
    state = {n.removeprefix(prefix): v for n, v in tensors.items() if n.startswith(prefix)}
    return FittedModel(state, ClusterConfig(**about["config"]), recipe, about["provenance"])
