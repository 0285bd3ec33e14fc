"""A classifier of graphs in one safetensors file: arrays, and JSON for the rest. No pickle."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.state_file import State, prefixed, read_state, write_state
from tvgnn_cli.models.fitted_classifier import FittedClassifier
from tvgnn_cli.prepare.graph_features import GraphFeatureRecipe

FORMAT = "tvgnn-classifier-1"
WHAT = "a classifier that tvgnn saved"
_ARRAYS = ("offset", "scale")


def save_classifier(model: FittedClassifier, path: Path) -> None:
    """Write weights, settings, recipe, classes and provenance.

    Raises:
        UsageError: the target cannot be written.
    """
    import torch

    recipe = {f.name: getattr(model.recipe, f.name) for f in dataclasses.fields(model.recipe)}
    arrays = {name: torch.from_numpy(recipe.pop(name)) for name in _ARRAYS}
    facts = {
        "config": dataclasses.asdict(model.config),
        "recipe": recipe,
        "class_names": list(model.class_names),
        "pool_sizes": list(model.pool_sizes),
        "provenance": model.provenance,
        "history": [list(row) for row in model.history],
    }
    tensors = {**prefixed("state.", model.state), **prefixed("recipe.", arrays)}
    write_state(path, FORMAT, State(tensors, facts))


def load_classifier(path: str | Path) -> FittedClassifier:
    """Read what `save_classifier` wrote.

    Raises:
        InputError: the file is missing, damaged, of another kind, or holds weights that are no
            numbers.
    """
    path = Path(path)
    state = read_state(path, FORMAT, WHAT)
    try:
        model = _restored(state)
        model.network()
    except (KeyError, TypeError, ValueError, RuntimeError, UsageError) as error:
        said = str(error).splitlines()[0][:120]
        raise InputError(f"{path}: is damaged, or of another version of tvgnn ({said})") from None
    for name, values in model.state.items():
        if not bool(values.isfinite().all()):
            raise InputError(f"{path}: is damaged: {name} has values that are no numbers")
    return model


def _restored(state: State) -> FittedClassifier:
    facts = state.facts
    arrays: dict[str, Any] = {name: state.tensors[f"recipe.{name}"].numpy() for name in _ARRAYS}
    told = dict(facts["recipe"])
    kinds = tuple((str(name), tuple(map(str, values))) for name, values in told.pop("categories"))
    named = tuple(map(str, told.pop("attribute_names")))
    recipe = GraphFeatureRecipe(**told, **arrays, categories=kinds, attribute_names=named)
    return FittedClassifier(
        state.under("state."),
        ClassifyConfig(**facts["config"]),
        recipe,
        tuple(map(str, facts["class_names"])),
        tuple(int(size) for size in facts["pool_sizes"]),
        dict(facts["provenance"]),
        tuple((float(a), float(b), float(c)) for a, b, c in facts["history"]),
    )
