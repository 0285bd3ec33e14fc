"""The features that the network sees: scaled, filtered over the graph, reduced.

Where features are reduced, the filtered ones are never formed whole: they are a product, `P S X`,
with P the filter, S and X sparse, and both the singular directions and the reduced features come
from products with it. Memory grows with vertices times components, not with vertices times
features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import ArpackError, LinearOperator, svds

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import InputError, TrainingError
from tvgnn_cli.graph import Graph
from tvgnn_cli.structural import structural_features

NOTHING = np.zeros(0, dtype=np.float32)
FEW = 128
"""Features up to which the filtered ones are formed whole."""

LARGE = 2**25
"""Bytes that intermediate results of large graphs may take, each."""

ROWS = 2**18
"""Vertices whose features are scaled and reduced at a time."""

BLOCK = 256
"""Columns that are filtered at a time where whole rows of filtered features are needed."""


@dataclass(frozen=True)
class FeatureRecipe:
    """What was learned from one graph's features, to treat another graph's the same way.

    Args:
        source: "given" for features of the input, else the structural kind.
        num_features: width of the input, f.
        scaling: how values are scaled, never "auto".
        filter_steps: steps of the feature filter.
        filter_keep: share of the unfiltered features that is kept.
        offset: subtracted from each column, `[f]`; empty for nothing.
        scale: multiplied with each column, `[f]`; empty for 1.
        basis: singular directions, `[f, components]`; empty for features as they are.
    """

    source: str
    num_features: int
    scaling: str
    filter_steps: int = 0
    filter_keep: float = 0.0
    offset: np.ndarray = field(default_factory=lambda: NOTHING)
    scale: np.ndarray = field(default_factory=lambda: NOTHING)
    basis: np.ndarray = field(default_factory=lambda: NOTHING)

    @property
    def cosine(self) -> bool:
        """Whether only the direction of a feature row counts, as in bags of words."""
        return self.scaling in ("tfidf", "unit")


def learn_recipe(graph: Graph, config: ClusterConfig) -> FeatureRecipe:
    """Choose the scaling and learn its numbers and the singular directions from one graph."""
    if graph.x is None:
        return FeatureRecipe(config.structural, 0, "none")
    scaling = config.feature_scaling
    scaling = guess_scaling(graph.x) if scaling == "auto" else scaling
    offset, scale = _column_scaling(graph.x, scaling)
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
    return replace(recipe, basis=_singular_directions(graph, recipe, size, config.seed))


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
    if recipe.basis.size:
        parts = (graph.x[first : first + ROWS] for first in range(0, graph.num_vertices, ROWS))
        x = np.concatenate([_scaled(rows, recipe) @ recipe.basis for rows in parts])
    else:
        x = _scaled(graph.x, recipe)
    x = feature_filter(graph, recipe)(x)
    if recipe.cosine and recipe.filter_steps:
        x = _unit_rows(x)
    return x.astype(np.float32)


def guess_scaling(x: Any) -> str:
    """How features want to be scaled, by their values alone.

    "tfidf" for counts and presences of many things, "unit" for other sparse features without
    negative values, "standard" for all else.
    """
    values = x.data if sp.issparse(x) else x
    density = np.count_nonzero(values) / max(x.shape[0] * x.shape[1], 1)
    if density > 0.5 or x.shape[1] < 8 or values.min(initial=0) < 0:
        return "standard"
    return "tfidf" if bool((values == np.round(values)).all()) else "unit"


def _column_scaling(x: Any, scaling: str) -> tuple[np.ndarray, np.ndarray]:
    """Offset and scale of each column, `[f]`."""
    n = x.shape[0]
    if scaling == "tfidf":
        documents = np.asarray((x != 0).sum(axis=0)).ravel()
        return NOTHING, (np.log((1 + n) / (1 + documents)) + 1).astype(np.float32)
    if scaling == "standard":
        dense = x.toarray() if sp.issparse(x) else x
        parts = [dense[:, columns].std(axis=0, dtype=np.float64) for columns in _blocks(dense)]
        spread = np.concatenate(parts)
        # A constant column's computed spread may be the rounding error of its mean.
        scale = np.divide(1, spread, out=np.zeros_like(spread), where=np.ptp(dense, axis=0) > 0)
        return dense.mean(axis=0, dtype=np.float64).astype(np.float32), scale.astype(np.float32)
    return NOTHING, NOTHING


def _scaled(x: Any, recipe: FeatureRecipe) -> Any:
    if recipe.offset.size:
        x = (x.toarray() if sp.issparse(x) else x) - recipe.offset
        x *= recipe.scale
    elif recipe.scale.size:
        x = x @ sp.diags_array(recipe.scale) if sp.issparse(x) else x * recipe.scale
    if recipe.cosine:
        return _unit_rows(x)
    return _unit_rows(x, order=1) if recipe.scaling == "sum" else x


def _unit_rows(x: Any, order: int = 2) -> Any:
    """Rows of Euclidean length 1, or with order 1 of absolute sum 1; zeros stay zeros."""
    size = np.asarray((abs(x) if order == 1 else x * x).sum(axis=1), dtype=np.float64).ravel()
    norm = size if order == 1 else np.sqrt(size)
    factor = np.divide(1, norm, out=np.zeros_like(norm), where=norm > 0).astype(np.float32)
    if sp.issparse(x):
        return sp.csr_array(sp.diags_array(factor) @ x)
    return x * factor[:, None]


def feature_filter(graph: Graph, recipe: FeatureRecipe) -> Callable[[Any], Any]:
    """`x -> keep * x + (1 - keep) / T * sum_t A^t x`, t = 1 ... T: a mean over near vertices.

    A is the symmetrically normalised adjacency matrix with self-loops, so the filter is
    symmetric too.

    Source: SSGC; Zhu & Koniusz, "Simple Spectral Graph Convolution", ICLR 2021.
    """
    if not recipe.filter_steps:
        return lambda x: x
    propagation = normalized_adjacency(graph)
    share = np.float32((1 - recipe.filter_keep) / recipe.filter_steps)

    def apply(x: Any) -> Any:
        step, total = x, x * np.float32(recipe.filter_keep)
        for _ in range(recipe.filter_steps):
            step = propagation @ step
            total += step * share
        return total

    def by_block(x: Any) -> Any:
        if sp.issparse(x) or x.ndim < 2 or len(blocks := _blocks(x)) == 1:
            return apply(x)
        filtered = np.empty_like(x)
        for columns in blocks:
            filtered[:, columns] = apply(np.ascontiguousarray(x[:, columns]))
        return filtered

    return by_block


def _blocks(x: np.ndarray) -> list[slice]:
    """The columns of `x [n, f]` in blocks of up to `LARGE` bytes, of 8 columns at least."""
    width = max(LARGE // max(x.shape[0] * x.itemsize, 1), 8)
    return [slice(first, first + width) for first in range(0, x.shape[1], width)]


def normalized_adjacency(graph: Graph) -> sp.csr_array:
    """`D^-1/2 (A + I) D^-1/2`, float32."""
    loops = sp.eye_array(graph.num_vertices, dtype=np.float32, format="csr")
    root = sp.diags_array(((graph.degrees + 1) ** -0.5).astype(np.float32))
    return sp.csr_array(root @ (graph.adjacency + loops) @ root)


def _singular_directions(graph: Graph, recipe: FeatureRecipe, size: int, seed: int) -> np.ndarray:
    """Right singular vectors of the filtered features, leading first, `[f, size]`.

    Where only directions count, each row of the filtered features has length 1 here, so that a
    vertex among many weighs as much as one among few.
    """
    smooth = feature_filter(graph, recipe)
    x = _scaled(graph.x, recipe)
    if graph.num_features <= FEW:
        return _directions_of_few(x, smooth, size, recipe.cosine)
    norm = _row_norms(x, smooth)
    if not norm.any():
        return NOTHING  # features that are all the same have no directions
    weight = np.ones_like(norm)
    if recipe.cosine:
        weight = np.divide(1, norm, out=np.zeros_like(norm), where=norm > 0)
    weight = weight[:, None]

    def forward(v: np.ndarray) -> np.ndarray:
        return np.asarray(weight * smooth(x @ v.reshape(x.shape[1], -1)))

    def backward(u: np.ndarray) -> np.ndarray:
        return np.asarray(x.T @ smooth(weight * u.reshape(x.shape[0], -1)))

    operator = LinearOperator(
        x.shape, matvec=forward, rmatvec=backward, matmat=forward, rmatmat=backward, dtype=x.dtype
    )
    start = np.random.default_rng(seed).standard_normal(min(x.shape)).astype(x.dtype)
    try:
        _, values, directions = svds(operator, k=size, v0=start, tol=1e-4)
    except ArpackError as error:
        raise TrainingError(f"{graph.name}: no eigenvectors found: {error}") from None
    return _signed(directions[np.argsort(-values)])


def _directions_of_few(x: Any, smooth: Callable[[Any], Any], size: int, cosine: bool) -> np.ndarray:
    """The same for few features, by the eigenvectors of their products, `[f, f]`."""
    y = smooth(x.toarray() if sp.issparse(x) else x)
    if not y.any():
        return NOTHING
    products = np.zeros((y.shape[1], y.shape[1]))
    for first in range(0, len(y), 2**16):
        rows = y[first : first + 2**16]
        rows = (_unit_rows(rows) if cosine else rows).astype(np.float64)
        products += rows.T @ rows
    return _signed(np.linalg.eigh(products)[1][:, ::-1][:, :size].T)


def _signed(directions: np.ndarray) -> np.ndarray:
    """Rows as columns, `[f, size]`. A singular vector's sign is arbitrary: the largest entry's is
    made positive.
    """
    largest = directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)]
    return np.ascontiguousarray((directions * np.sign(largest)[:, None]).T, dtype=np.float32)


def _row_norms(x: Any, smooth: Callable[[Any], Any]) -> np.ndarray:
    """Euclidean length of each filtered row, `[n]`, a block of columns at a time."""
    squares = np.zeros(x.shape[0], dtype=np.float64)
    for first in range(0, x.shape[1], BLOCK):
        block = x[:, first : first + BLOCK]
        rows = smooth(block.toarray() if sp.issparse(block) else block)
        squares += (rows * rows).sum(axis=1, dtype=np.float64)
    return np.sqrt(squares).astype(np.float32)
