"""The features that the network sees: scaled, reduced to some of their directions, filtered over
the graph.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.config import EDGES, FACTORS, FEATURES, MIXED, ClusterConfig
from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.factors import autocorrelation_factors
from tvgnn_cli.feature_filter import feature_filter
from tvgnn_cli.feature_scaling import (
    NOTHING,
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
    if config.view != FEATURES and config.encoder in (FACTORS, MIXED):
        return _with_factors(graph, recipe, config)
    return replace(recipe, basis=_principal(graph, recipe, config))


def _principal(graph: Graph, recipe: FeatureRecipe, config: ClusterConfig) -> np.ndarray:
    """The leading directions of the filtered features; nothing where they are few anyway."""
    size = min(config.components, graph.num_features - 1, graph.num_vertices - 1)
    if size < 1 or graph.num_features <= config.components:
        return NOTHING
    return singular_directions(graph, recipe, size, config.seed)


def _with_factors(graph: Graph, recipe: FeatureRecipe, config: ClusterConfig) -> FeatureRecipe:
    """With factors, all of one weight; or weighted by how alike they make neighbours, and the
    principal directions beside them.
    """
    mixed = config.encoder == MIXED
    alone = replace(recipe, filter_steps=0)
    few = min(FACTORED, graph.num_vertices - 1)
    if graph.num_features > few:
        alone = replace(alone, basis=singular_directions(graph, alone, few, config.seed))
    own = _times(graph, alone, alone.basis)
    own = np.asarray(own.toarray() if sp.issparse(own) else own, dtype=np.float32)
    size = config.components or own.shape[1]
    found = autocorrelation_factors(graph, own, size, RIDGE[config.encoder])
    directions = found.directions * found.likeness if mixed else found.directions
    shift = (found.mean @ directions).astype(np.float32)
    factors = (alone.basis @ directions if alone.basis.size else directions).astype(np.float32)
    recipe = replace(recipe, factors=factors, shift=shift)
    if not mixed:
        return recipe
    basis = _principal(graph, recipe, config)
    basis = basis if basis.size else np.eye(graph.num_features, dtype=np.float32)
    recipe = replace(recipe, basis=basis)
    return recipe if recipe.cosine else _of_one_size(graph, recipe, config)


def _of_one_size(graph: Graph, recipe: FeatureRecipe, config: ClusterConfig) -> FeatureRecipe:
    """With factors that are as long as the principal directions, on average."""
    size = recipe.factors.shape[1]
    x = apply_recipe(graph, recipe, config).astype(np.float64)
    own = np.square(x[:, :size]).sum()
    ratio = np.float32(np.sqrt(np.square(x[:, size:]).sum() / own) if own > 0 else 1)
    return replace(recipe, factors=recipe.factors * ratio, shift=recipe.shift * ratio)


FACTORED = 256
"""Directions of the features by themselves that factors are made of."""

RIDGE = {FACTORS: 1.0, MIXED: 0.1}
"""Ridge of the factors, over the mean variance of those directions."""


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
    parts = [part for part in (recipe.factors, recipe.basis) if part.size]
    x = _times(graph, recipe, np.hstack(parts) if parts else NOTHING)
    split = recipe.shift.size
    if split:
        x[:, :split] -= recipe.shift
    x = feature_filter(graph, recipe)(x)
    if recipe.cosine and recipe.filter_steps:
        x = np.hstack([unit_rows(x[:, :split]), unit_rows(x[:, split:])]) if split else unit_rows(x)
    return x.astype(np.float32, copy=False)


def _times(graph: Graph, recipe: FeatureRecipe, directions: np.ndarray) -> Any:
    """The scaled features in some directions `[f, d]`, or as they are where there are none."""
    if isinstance(graph.x, StoredFeatures):
        return _of_stored(graph.x, recipe, directions)
    if not directions.size:
        return scaled(graph.x, recipe)
    parts = (graph.x[first : first + ROWS] for first in range(0, graph.num_vertices, ROWS))
    return np.concatenate([np.asarray(scaled(rows, recipe) @ directions) for rows in parts])


def _of_stored(stored: StoredFeatures, recipe: FeatureRecipe, directions: np.ndarray) -> np.ndarray:
    """The same, by reading the file once more."""
    if directions.size:
        return ScaledInFile(stored, recipe).times(directions)
    x = np.empty(stored.shape, dtype=np.float32)
    for vertices, values in stored.blocks():
        x[vertices] = scaled(values, recipe)
    return x
