"""The features that the network sees: scaled, reduced to some of their directions, filtered over
the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tvgnn_cli.config import EDGES, FACTORS, FEATURES, JOINT, MIXED, ClusterConfig
from tvgnn_cli.errors import InputError, UsageError, first_and_rest
from tvgnn_cli.graph.features import as_dense, is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.stored_features import StoredFeatures
from tvgnn_cli.prepare.column_scaling import column_scaling, guess_scaling
from tvgnn_cli.prepare.factors import Covariances, autocorrelation_factors, edge_covariances
from tvgnn_cli.prepare.feature_scaling import (
    NOTHING,
    ROWS,
    FeatureRecipe,
    ScaledInFile,
    scaled,
    unit_rows,
)
from tvgnn_cli.prepare.joint import beside_eigenvectors
from tvgnn_cli.prepare.reduction import singular_directions
from tvgnn_cli.prepare.smoothing import feature_filter
from tvgnn_cli.prepare.structural import structural_features


def learn_recipe(graph: Graph, config: ClusterConfig, rough: bool = False) -> FeatureRecipe:
    """Choose the scaling and learn its numbers and the directions from one graph; roughly, for what
    is soon thrown away.
    """
    ((_, recipe),) = learn_recipes(graph, config, (config.encoder,), rough)
    return recipe


def learn_recipes(
    graph: Graph, config: ClusterConfig, encoders: Iterable[str], rough: bool = False
) -> Iterator[tuple[str, FeatureRecipe]]:
    """Learn the recipe of each encoder in turn; what they share is learned once."""
    if graph.x is None or config.view == EDGES:
        yield from ((each, FeatureRecipe(config.structural, 0, "none")) for each in encoders)
        return
    scaling = config.feature_scaling
    scaling = guess_scaling(graph.x) if scaling == "auto" else scaling
    columns = column_scaling(graph.x, scaling)
    recipe = FeatureRecipe(
        source="given",
        num_features=graph.num_features,
        feature_names=graph.feature_names,
        scaling=scaling,
        filter_steps=0 if config.view == FEATURES else config.filter_steps,
        filter_keep=config.filter_keep,
        offset=columns.offset,
        scale=columns.scale,
        bounds=columns.bounds,
        fills=NOTHING if graph.fills is None else graph.fills.astype(np.float32),
    )
    directions = _Directions(graph, recipe, config, rough)
    beside = min(config.clusters, graph.num_vertices) if config.view == JOINT else 0
    for encoder in encoders:
        if encoder in (FACTORS, MIXED) and config.view != FEATURES:
            found = directions.with_factors(encoder)
        else:
            found = replace(recipe, basis=directions.principal)
        yield encoder, replace(found, eigenvectors=beside)


@dataclass(frozen=True, eq=False)
class _Directions:
    """The directions of one graph's features, each kind found when it is first asked for.

    Args:
        graph, recipe, config: the features, how they are scaled and filtered, how many directions.
        rough: whether the lengths of filtered rows are estimated, and fewer directions do.
    """

    graph: Graph
    recipe: FeatureRecipe
    config: ClusterConfig
    rough: bool

    @cached_property
    def principal(self) -> np.ndarray:
        """Leading directions of the filtered features; nothing where they are few anyway."""
        graph, most = self.graph, self.config.components
        size = min(most, graph.num_features - 1, graph.num_vertices - 1)
        if size < 1 or graph.num_features <= most:
            return NOTHING
        return singular_directions(graph, self.recipe, size, self.config.seed, self.rough)

    @cached_property
    def alone(self) -> tuple[np.ndarray, Covariances]:
        """Leading directions of the features by themselves, or nothing where they are few anyway,
        and the covariances of the features in them.
        """
        graph, basis = self.graph, NOTHING
        few = min(ROUGHLY if self.rough else FACTORED, graph.num_vertices - 1)
        alone = replace(self.recipe, filter_steps=0)
        if graph.num_features > few:
            basis = singular_directions(graph, alone, few, self.config.seed, self.rough)
        x = _times(graph, alone, basis)
        x = np.asarray(as_dense(x), dtype=np.float32)
        return basis, edge_covariances(graph, x)

    def with_factors(self, encoder: str) -> FeatureRecipe:
        """The recipe with factors, all of one weight; or weighted by how alike they make
        neighbours, and the principal directions beside them.
        """
        mixed, (basis, alone) = encoder == MIXED, self.alone
        size = self.config.components or len(alone.mean)
        found = autocorrelation_factors(alone, size, RIDGE[encoder])
        directions = found.directions * found.likeness if mixed else found.directions
        shift = (found.mean @ directions).astype(np.float32)
        factors = (basis @ directions if basis.size else directions).astype(np.float32)
        recipe = replace(self.recipe, factors=factors, shift=shift)
        if not mixed:
            return recipe
        basis = self.principal
        if not basis.size and self.graph.num_features > FACTORED:
            raise UsageError(
                f"`encoder` mixed keeps {self.graph.num_features} features beside its factors; "
                "give `components`, so that they are reduced to so many"
            )
        if not basis.size:
            basis = np.eye(self.graph.num_features, dtype=np.float32)
        recipe = replace(recipe, basis=basis)
        return recipe if recipe.cosine else _of_one_size(self.graph, recipe, self.config)


def _of_one_size(graph: Graph, recipe: FeatureRecipe, config: ClusterConfig) -> FeatureRecipe:
    """With factors that are as long as the principal directions, on average."""
    size = recipe.factors.shape[1]
    x = apply_recipe(graph, recipe, config).astype(np.float64)
    own = np.square(x[:, :size]).sum()
    ratio = np.float32(np.sqrt(np.square(x[:, size:]).sum() / own) if own > 0 else 1)
    return replace(recipe, factors=recipe.factors * ratio, shift=recipe.shift * ratio)


FACTORED, ROUGHLY = 256, 128
"""Directions of the features by themselves that factors are made of; roughly, fewer."""

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
    x = graph.x.with_columns(order) if is_stored(graph.x) else graph.x[:, order]
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
        return structural_features(graph, recipe.source, config.clusters, config.seed)
    parts = [part for part in (recipe.factors, recipe.basis) if part.size]
    x = _times(graph, recipe, np.hstack(parts) if parts else NOTHING)
    smooth, split = feature_filter(graph, recipe), recipe.shift.size
    x = smooth(x)
    if split:
        blank = ~x.any(axis=1) if recipe.cosine else np.zeros(len(x), dtype=bool)
        x[:, :split] -= np.outer(smooth(np.ones(len(x), dtype=np.float32)), recipe.shift)
        x[blank] = 0  # nothing is known of them, which is not the opposite of the mean
    if recipe.cosine and recipe.filter_steps:
        x = np.hstack([unit_rows(x[:, :split]), unit_rows(x[:, split:])]) if split else unit_rows(x)
    if recipe.eigenvectors:
        x = beside_eigenvectors(x, graph, recipe.eigenvectors, config.seed)
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
