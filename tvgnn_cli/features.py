"""The features that the network sees: scaled, filtered over the graph, reduced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import InputError
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
    if graph.x is None:
        return FeatureRecipe(config.structural, 0, "none")
    scaling = config.feature_scaling
    scaling = guess_scaling(graph.x) if scaling == "auto" else scaling
    offset, scale = column_scaling(graph.x, scaling)
    recipe = FeatureRecipe(
        source="given",
        num_features=graph.num_features,
        scaling=scaling,
        filter_steps=config.filter_steps,
        filter_keep=config.filter_keep,
        offset=offset,
        scale=scale,
    )
    size = min(config.components, graph.num_features - 1, graph.num_vertices - 1)
    if size < 1 or graph.num_features <= config.components:
        return recipe
    return replace(recipe, basis=singular_directions(graph, recipe, size, config.seed))


def check_recipe(recipe: FeatureRecipe, graph: Graph) -> None:
    """Refuse a graph whose features are not those that the recipe was learned from.

    Raises:
        InputError: naming both numbers of features.
    """
    if recipe.source == "given" and graph.num_features != recipe.num_features:
        raise InputError(
            f"{graph.name}: {graph.num_features} features per vertex, but the model was trained "
            f"on {recipe.num_features}"
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
