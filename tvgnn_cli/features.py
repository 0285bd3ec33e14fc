"""The features that the network sees: scaled, filtered over the graph, reduced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli.config import EDGES, FEATURES, ClusterConfig
from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.feature_filter import feature_filter
from tvgnn_cli.feature_scaling import (
    ROWS,
    FeatureRecipe,
    ScaledInFile,
    column_scaling,
    guess_scaling,
    scaled,
    unit_rows,
)
from tvgnn_cli.graph import Graph
from tvgnn_cli.singular_directions import singular_directions
from tvgnn_cli.stored import StoredFeatures
from tvgnn_cli.structural import structural_features


def learn_recipe(graph: Graph, config: ClusterConfig) -> FeatureRecipe:
    """Choose the scaling and learn its numbers and the singular directions from one graph."""
    if graph.x is None or config.view == EDGES:
        return FeatureRecipe(config.structural, 0, "none")
    scaling = config.feature_scaling
    scaling = guess_scaling(graph.x) if scaling == "auto" else scaling
    offset, scale = column_scaling(graph.x, scaling)
    recipe = FeatureRecipe(
        source="given",
        num_features=graph.num_features,
        feature_names=graph.feature_names,
        scaling=scaling,
        filter_steps=0 if config.view == FEATURES else config.filter_steps,
        filter_keep=config.filter_keep,
        offset=offset,
        scale=scale,
    )
    size = min(config.components, graph.num_features - 1, graph.num_vertices - 1)
    if size < 1 or graph.num_features <= config.components:
        return recipe
    return replace(recipe, basis=singular_directions(graph, recipe, size, config.seed))


def matching_features(graph: Graph, recipe: FeatureRecipe) -> Graph:
    """The graph with its features in the order that the recipe was learned in: by their names where
    both have them, else by position.

    Raises:
        InputError: other features than the recipe's, with their names or their number.
    """
    if recipe.source != "given":
        return graph
    known, found = recipe.feature_names, graph.feature_names
    if known and found:
        _check_names(graph.name, known, found)
    if graph.num_features != recipe.num_features:
        raise InputError(
            f"{graph.name}: {graph.num_features} features per vertex, but the model was trained "
            f"on {recipe.num_features}"
        )
    if not (known and found) or known == found:
        return graph
    position = {name: i for i, name in enumerate(found)}
    order = np.array([position[name] for name in known])
    stored = isinstance(graph.x, StoredFeatures)
    x = graph.x.with_columns(order) if stored else graph.x[:, order]
    return replace(graph, x=x, feature_names=known)


def _check_names(graph: str, known: tuple[str, ...], found: tuple[str, ...]) -> None:
    """Refuse features of other names than those that a model was trained on."""
    lacking = [name for name in known if name not in set(found)]
    if lacking:
        raise InputError(
            f"{graph}: has no feature {first_and_rest(lacking)}, which the model was trained on; "
            f"it has {first_and_rest(found)}"
        )
    extra = [name for name in found if name not in set(known)]
    if extra:
        raise InputError(
            f"{graph}: feature {first_and_rest(extra)} is none that the model was trained on; "
            "leave it out"
        )


def apply_recipe(graph: Graph, recipe: FeatureRecipe, config: ClusterConfig) -> Any:
    """The features that the network sees, float32 `[n, f']`, dense or CSR."""
    if recipe.source != "given":
        return structural_features(graph, recipe.source, config.num_clusters or 2, config.seed)
    if isinstance(graph.x, StoredFeatures):
        x = _of_stored(graph.x, recipe)
    elif recipe.basis.size:
        parts = (graph.x[first : first + ROWS] for first in range(0, graph.num_vertices, ROWS))
        x = np.concatenate([scaled(rows, recipe) @ recipe.basis for rows in parts])
    else:
        x = scaled(graph.x, recipe)
    x = feature_filter(graph, recipe)(x)
    if recipe.cosine and recipe.filter_steps:
        x = unit_rows(x)
    return x.astype(np.float32, copy=False)


def _of_stored(stored: StoredFeatures, recipe: FeatureRecipe) -> np.ndarray:
    """Scaled and reduced, by reading the file once more."""
    if recipe.basis.size:
        return ScaledInFile(stored, recipe).times(recipe.basis)
    x = np.empty(stored.shape, dtype=np.float32)
    for vertices, values in stored.blocks():
        x[vertices] = scaled(values, recipe)
    return x
