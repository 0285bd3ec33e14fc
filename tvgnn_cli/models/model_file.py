"""A fitted model in one safetensors file: arrays, and JSON for the rest. No pickle."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from tvgnn_cli.config import SETTINGS, ClusterConfig, without_later
from tvgnn_cli.config.setting import LATER
from tvgnn_cli.io.places import path_of
from tvgnn_cli.io.schema import Cell, MisfitError, OneOf, Within, conform, declared
from tvgnn_cli.io.state_file import State, prefixed, read_state, write_state
from tvgnn_cli.methods import METHODS
from tvgnn_cli.models.fitted import GIVEN, FittedModel
from tvgnn_cli.prepare.column_scaling import ROBUST, STANDARD, TFIDF
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe

if TYPE_CHECKING:
    from tvgnn_cli.models.weights import Form

FORMAT = "tvgnn-model-2"
WHAT = "a model that tvgnn saved"

_ARRAYS = ("offset", "scale", "basis", "factors", "shift", "bounds", "fills")
_LATER = ("bounds", "fills")
"""Arrays that files lack where they are empty."""

_STEPS, _KEEP = (SETTINGS[name].within or (0, 0) for name in ("filter_steps", "filter_keep"))
_SCALINGS = tuple(name for name in SETTINGS["feature_scaling"].choices if name != "auto")


@dataclass(frozen=True)
class RecipeFacts:
    """All of a `FeatureRecipe` but its arrays."""

    source: Annotated[str, OneOf((GIVEN, *SETTINGS["structural"].choices))]
    num_features: Annotated[int, Within(0, 2**31 - 1)]
    scaling: Annotated[str, OneOf(_SCALINGS)]
    filter_steps: Annotated[int, Within(*_STEPS)]
    filter_keep: Annotated[float, Within(*_KEEP)]
    feature_names: tuple[str, ...]
    eigenvectors: Annotated[int, Within(0, 2**31 - 1)] = field(
        default=0, kw_only=True, metadata={LATER: True}
    )

    def __post_init__(self) -> None:
        if self.feature_names and len(self.feature_names) != self.num_features:
            raise MisfitError(
                f"recipe.feature_names are {len(self.feature_names):,}, of {self.num_features:,} "
                "features"
            )
        if self.source != GIVEN and self.eigenvectors:
            raise MisfitError(f"recipe.source is {self.source}, beside other eigenvectors")
        if self.source != GIVEN and (self.num_features or self.scaling != "none"):
            raise MisfitError(f"recipe.source is {self.source}, which has no features to scale")


@dataclass(frozen=True)
class ModelFacts:
    """All of a model but its tensors."""

    config: ClusterConfig
    recipe: RecipeFacts
    provenance: dict[str, Cell]
    history: tuple[float, ...]
    numbers: tuple[Annotated[int, Within(0, 2**32)], ...] = field(
        default=(), kw_only=True, metadata={LATER: True}
    )
    titles: tuple[str, ...] = field(default=(), kw_only=True, metadata={LATER: True})

    def __post_init__(self) -> None:
        if self.config.num_clusters is None or not METHODS[self.config.method].is_trained:
            raise MisfitError(f"config.method is {self.config.method} with no network of its own")
        for name, kind in (("best_seed", int), ("input", str), ("input_fingerprint", str)):
            conform(kind | None, self.provenance.get(name), f"provenance.{name}")
        for name, found in {"numbers": self.numbers, "titles": self.titles}.items():
            if found and len(found) != self.config.clusters:
                raise MisfitError(f"{name} are {len(found):,}, of {self.config.clusters} clusters")
        if self.titles and not self.numbers:
            raise MisfitError("titles are there, and no numbers")


def save_model(model: FittedModel, path: Path) -> None:
    """Write weights, configuration, feature recipe and provenance.

    Raises:
        UsageError: the target cannot be written.
    """
    write_state(path, FORMAT, model_state(model))


def load_model(path: str | Path) -> FittedModel:
    """Read what `save_model` wrote.

    Raises:
        UsageError: no path.
        InputError: the file is missing, damaged or of another kind.
    """
    from tvgnn_cli.models.weights import check_prefixes

    state = read_state(path_of(path), FORMAT, WHAT)
    with state.checked():
        check_prefixes(state.tensors, ("state.", "recipe."))
        return restore_model(declared(ModelFacts, state.facts), state)


def model_state(model: FittedModel) -> State:
    """A model as tensors and JSON."""
    import torch

    recipe = {f.name: getattr(model.recipe, f.name) for f in dataclasses.fields(model.recipe)}
    arrays = {name: torch.from_numpy(recipe.pop(name)) for name in _ARRAYS}
    arrays = {n: a for n, a in arrays.items() if n not in _LATER or a.numel()}
    if not model.recipe.eigenvectors:
        del recipe["eigenvectors"]  # which older files lack
    facts = {
        "config": without_later(model.config, dataclasses.asdict(model.config)),
        "recipe": recipe,
        "provenance": model.provenance,
        "history": list(model.history),
        **({"numbers": list(model.numbers)} if model.numbers else {}),
        **({"titles": list(model.titles)} if model.titles else {}),
    }
    return State({**prefixed("state.", model.state), **prefixed("recipe.", arrays)}, facts)


def restore_model(facts: ModelFacts, state: State) -> FittedModel:
    """The model that `model_state` took apart.

    Raises:
        ValueError: tensors are missing, unknown, of other sizes than the facts say, or no numbers.
    """
    from tvgnn_cli.models import build_model
    from tvgnn_cli.models.weights import check_tensors, forms_of

    config, arrays = facts.config, state.under("recipe.")
    check_tensors(arrays, _recipe_forms(facts.recipe, arrays), "recipe.")
    values: dict[str, Any] = {name: array.numpy() for name, array in arrays.items()}
    recipe = FeatureRecipe(**vars(facts.recipe), **values)
    known = facts.provenance, facts.history, facts.numbers, facts.titles
    model = FittedModel(state.under("state."), config, recipe, *known)
    check_tensors(model.state, forms_of(lambda: build_model(config, model.width)), "state.")
    return model


def _recipe_forms(recipe: RecipeFacts, arrays: dict[str, Any]) -> dict[str, Form]:
    """Types and shapes of a recipe's arrays; directions are as many as they say themselves."""
    import torch

    features = recipe.num_features

    def directions(name: str) -> tuple[int, ...]:
        shape = tuple(arrays[name].shape) if name in arrays else (0,)
        is_there = len(shape) == 2 and shape[1] > 0 and recipe.source == GIVEN
        return (features, shape[1]) if is_there else (0,)

    is_shifted = recipe.scaling in (STANDARD, ROBUST)
    is_scaled, is_bounded = is_shifted or recipe.scaling == TFIDF, recipe.scaling == ROBUST
    factors = directions("factors")
    shapes: dict[str, tuple[int, ...]] = {
        "offset": (features * is_shifted,),
        "scale": (features * is_scaled,),
        "basis": directions("basis"),
        "factors": factors,
        "shift": (factors[-1],),
        **({"bounds": (2, features)} if is_bounded and "bounds" in arrays else {}),
        **({"fills": (features,)} if recipe.source == GIVEN and "fills" in arrays else {}),
    }
    return {name: (torch.float32, shape) for name, shape in shapes.items()}
