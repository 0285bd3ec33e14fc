"""Scaling of features, column by column and row by row, and what is learned for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.features import as_dense, is_sparse
from tvgnn_cli.graph.stored_features import StoredFeatures

NOTHING = np.zeros(0, dtype=np.float32)

ROWS = 2**18
"""Vertices whose features are scaled and reduced at a time."""


@dataclass(frozen=True)
class FeatureRecipe:
    """Recipe learned from one graph's features, to treat another graph's the same way.

    Args:
        source: "given" for features of the input, else the structural kind.
        num_features: width of the input, f.
        scaling: how values are scaled, never "auto".
        filter_steps: steps of the feature filter.
        filter_keep: share of the unfiltered features that is kept.
        offset: subtracted from each column, `[f]`; empty for nothing.
        scale: multiplied with each column, `[f]`; empty for 1.
        bounds: lowest and highest value of each column, to which those beyond are brought before,
            `[2, f]`; empty for none.
        basis: singular directions, `[f, components]`; empty for features as they are, or for none
            beside factors.
        factors: maximum autocorrelation factors, `[f, d]`, which come before those; empty for none.
        shift: subtracted from each factor, `[d]`.
        eigenvectors: of the graph, that stand beside the features; 0 for none.
        feature_names: of the input's columns; empty where they have none.
        fills: what stands in each column where the input has no value, `[f]`; empty where nothing
            was missing.
    """

    source: str
    num_features: int
    scaling: str
    filter_steps: int = 0
    filter_keep: float = 0.0
    offset: np.ndarray = field(default_factory=lambda: NOTHING)
    scale: np.ndarray = field(default_factory=lambda: NOTHING)
    basis: np.ndarray = field(default_factory=lambda: NOTHING)
    feature_names: tuple[str, ...] = ()
    factors: np.ndarray = field(default_factory=lambda: NOTHING)
    shift: np.ndarray = field(default_factory=lambda: NOTHING)
    eigenvectors: int = 0
    bounds: np.ndarray = field(default_factory=lambda: NOTHING)
    fills: np.ndarray = field(default_factory=lambda: NOTHING)

    @property
    def bound_to(self) -> str:
        """The features that belong to one graph, and mean nothing for another; empty for none."""
        if self.source in ("spectral", "identity"):
            return self.source
        return "spectral" if self.eigenvectors else ""

    @property
    def cosine(self) -> bool:
        """Tell whether only the direction of a feature row counts, as in bags of words."""
        return self.scaling in ("tfidf", "unit")


def scaled(x: Any, recipe: FeatureRecipe) -> Any:
    """Rows `[b, f]` of the features, dense or CSR, as the recipe scales them."""
    if recipe.offset.size:
        x = _bounded(as_dense(x), recipe.bounds) - recipe.offset
        x *= recipe.scale
    elif recipe.scale.size:
        x = x @ sp.diags_array(recipe.scale) if is_sparse(x) else x * recipe.scale
    if recipe.cosine:
        return unit_rows(x)
    return unit_rows(x, order=1) if recipe.scaling == "sum" else x


def _bounded(x: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Values `[b, f]`, those beyond the bounds `[2, f]` brought to them."""
    return np.clip(x, *bounds.astype(x.dtype, copy=False)) if bounds.size else x


def unit_rows(x: Any, order: int = 2) -> Any:
    """Rows of Euclidean length 1, or with order 1 of absolute sum 1; zeros stay zeros."""
    size = np.asarray((abs(x) if order == 1 else x * x).sum(axis=1), dtype=np.float64).ravel()
    factor = _row_factor(size, order).astype(x.dtype)
    if is_sparse(x):
        return sp.csr_array(sp.diags_array(factor) @ x)
    return x * factor[:, None]


def _row_factor(size: np.ndarray, order: int) -> np.ndarray:
    """Compute what gives each row length 1, from its sum of squares, or with order 1 of absolute
    values.
    """
    return inverse(size if order == 1 else np.sqrt(size))


def inverse(values: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
    """One over each value, and 0 where it is not positive, or not `where`."""
    where = values > 0 if where is None else where
    return np.asarray(np.divide(1, values, out=np.zeros_like(values), where=where))


class ScaledInFile:
    """Products with the scaled form of features in a file. Its blocks are never scaled: offset and
    scale go into the other factor, and the lengths of rows are learned once.

    Args:
        x: the features, `[n, f]`.
        recipe: how they are scaled.
    """

    def __init__(self, x: StoredFeatures, recipe: FeatureRecipe) -> None:
        self.x, self.shape, self.bounds = x, x.shape, recipe.bounds
        self.offset = recipe.offset.astype(x.dtype) if recipe.offset.size else None
        self.scale = recipe.scale.astype(x.dtype) if recipe.scale.size else None
        self.row_factor: np.ndarray | None = None
        if recipe.cosine or recipe.scaling == "sum":
            self.row_factor = self._row_factors(1 if recipe.scaling == "sum" else 2)

    def _row_factors(self, order: int) -> np.ndarray:
        """Compute what gives each row length 1, or with order 1 the absolute sum 1: `[n, 1]`."""
        size = np.empty(self.shape[0])
        scale = np.ones(self.shape[1]) if self.scale is None else self.scale.astype(np.float64)
        for vertices, values in self.x.blocks():
            size[vertices] = (np.abs(values) if order == 1 else np.square(values)) @ scale**order
        return _row_factor(size, order).astype(np.float32)[:, None]

    def times(self, factor: np.ndarray) -> np.ndarray:
        """`X factor [f, c]`: `[n, c]`."""
        factor = factor.astype(self.x.dtype)
        if self.scale is not None:
            factor = self.scale[:, None] * factor
        constant = 0 if self.offset is None else self.offset @ factor
        product = np.empty((self.shape[0], factor.shape[1]), dtype=np.float32)
        for vertices, values in self.x.blocks():
            product[vertices] = _bounded(values, self.bounds) @ factor - constant
        return product if self.row_factor is None else product * self.row_factor

    def transposed_times(self, factor: np.ndarray) -> np.ndarray:
        """`X^T factor [n, c]`: `[f, c]`, float64."""
        if self.row_factor is not None:
            factor = factor * self.row_factor
        product = np.zeros((self.shape[1], factor.shape[1]))
        for vertices, values in self.x.blocks():
            rows = factor[vertices].astype(self.x.dtype, copy=False)
            product += _bounded(values, self.bounds).T @ rows
        if self.offset is not None:
            product -= np.outer(self.offset, factor.sum(axis=0, dtype=np.float64))
        return product if self.scale is None else self.scale[:, None] * product
