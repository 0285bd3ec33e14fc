"""A classifier of graphs in one safetensors file: arrays, and JSON for the rest. No pickle."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.io.places import path_of
from tvgnn_cli.io.schema import Cell, MisfitError, Within, declared
from tvgnn_cli.io.state_file import State, prefixed, read_state, write_state
from tvgnn_cli.models.fitted_classifier import FittedClassifier
from tvgnn_cli.prepare.column_scaling import ROBUST
from tvgnn_cli.prepare.graph_features import MOST_DEGREES, GraphFeatureRecipe

FORMAT = "tvgnn-classifier-3"
WHAT = "a classifier that tvgnn saved"
_ARRAYS = ("offset", "scale")
TINY, LARGEST = float(np.finfo(np.float64).tiny), float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class GraphRecipeFacts:
    """All of a `GraphFeatureRecipe` but its arrays."""

    attributes: Annotated[int, Within(0, 2**31 - 1)]
    attribute_names: tuple[str, ...]
    categories: tuple[tuple[str, tuple[str, ...]], ...]
    highest_degree: Annotated[int | None, Within(0, MOST_DEGREES)]

    def __post_init__(self) -> None:
        if self.attribute_names and len(self.attribute_names) != self.attributes:
            raise MisfitError(
                f"recipe.attribute_names are {len(self.attribute_names):,}, of "
                f"{self.attributes:,} attributes"
            )
        columns = self.attributes + sum(len(values) for _, values in self.categories)
        if bool(columns) == (self.highest_degree is not None):
            raise MisfitError(
                f"recipe.highest_degree is {self.highest_degree} beside {columns:,} other features"
            )


@dataclass(frozen=True)
class ClassifierFacts:
    """All of a classifier but its tensors."""

    config: ClassifyConfig
    recipe: GraphRecipeFacts
    class_names: tuple[str, ...]
    pool_sizes: tuple[Annotated[int, Within(2, 2**31 - 1)], ...]
    provenance: dict[str, Cell]
    history: tuple[tuple[float, float, float], ...]
    weight_unit: Annotated[float | None, Within(TINY, LARGEST)]

    def __post_init__(self) -> None:
        if len(set(self.class_names)) != len(self.class_names):
            raise MisfitError("class_names has one of them twice")
        if len(self.pool_sizes) != 2 * self.config.assigns:
            raise MisfitError(
                f"pool_sizes are {len(self.pool_sizes)}, of `method` {self.config.method}"
            )


def save_classifier(model: FittedClassifier, path: Path) -> None:
    """Write weights, settings, recipe, classes and provenance.

    Raises:
        UsageError: the target cannot be written.
    """
    import torch

    recipe = {f.name: getattr(model.recipe, f.name) for f in dataclasses.fields(model.recipe)}
    bounds = recipe.pop("bounds")
    arrays = {name: torch.from_numpy(recipe.pop(name)) for name in _ARRAYS}
    arrays |= {"bounds": torch.from_numpy(bounds)} if bounds.size else {}
    facts = {
        "config": dataclasses.asdict(model.config),
        "recipe": recipe,
        "class_names": list(model.class_names),
        "pool_sizes": list(model.pool_sizes),
        "provenance": model.provenance,
        "history": [list(row) for row in model.history],
        "weight_unit": model.weight_unit,
    }
    tensors = {**prefixed("state.", model.state), **prefixed("recipe.", arrays)}
    write_state(path, FORMAT, State(tensors, facts))


def load_classifier(path: str | Path) -> FittedClassifier:
    """Read what `save_classifier` wrote.

    Raises:
        UsageError: no path.
        InputError: the file is missing, damaged, of another kind, or holds weights that are no
            numbers.
    """
    state = read_state(path_of(path), FORMAT, WHAT)
    with state.checked():
        return _restored(declared(ClassifierFacts, state.facts), state)


def _restored(facts: ClassifierFacts, state: State) -> FittedClassifier:
    """The classifier that `save_classifier` took apart.

    Raises:
        ValueError: tensors are missing, unknown, of other sizes than the facts say, or no numbers.
    """
    import torch

    from tvgnn_cli.models.weights import Form, check_prefixes, check_tensors, forms_of

    arrays, attributes = state.under("recipe."), (facts.recipe.attributes,)
    forms: dict[str, Form] = dict.fromkeys(_ARRAYS, (torch.float64, attributes))
    if "bounds" in arrays and facts.config.scaling == ROBUST:
        forms["bounds"] = torch.float64, (2, *attributes)
    check_tensors(arrays, forms, "recipe.")
    if not bool((arrays["scale"] > 0).all()):
        raise ValueError("recipe.scale has a value that is not positive")
    values: dict[str, Any] = {name: array.numpy() for name, array in arrays.items()}
    recipe = GraphFeatureRecipe(**vars(facts.recipe), **values)
    others = {name: value for name, value in vars(facts).items() if name != "recipe"}
    model = FittedClassifier(state.under("state."), recipe=recipe, **others)
    check_tensors(model.state, forms_of(model.new_network), "state.")
    check_prefixes(state.tensors, ("state.", "recipe."))
    return model
