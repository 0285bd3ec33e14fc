"""Singular directions of filtered features that are never formed whole.

They are a product, `P S X`, with P the filter, S and X sparse; the directions come from products
with it. Memory grows with vertices times components, not with vertices times features.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, svds

from tvgnn_cli.errors import TrainingError
from tvgnn_cli.graph.features import as_dense, values_of
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.stored_features import StoredFeatures
from tvgnn_cli.machine.library_threads import lanczos_threads, limited_to
from tvgnn_cli.prepare.feature_scaling import (
    NOTHING,
    FeatureRecipe,
    ScaledInFile,
    inverse,
    scaled,
    unit_rows,
)
from tvgnn_cli.prepare.krylov import SPARE, leading_directions
from tvgnn_cli.prepare.on_device.place import at_once, device_for
from tvgnn_cli.prepare.smoothing import feature_filter

TOO_LARGE = "features have values that are too large to be squared; try `feature_scaling`"

FEW = 128
"""Features up to which the filtered ones are formed whole."""

OFTEN = 1024
"""Multiplications of a product with filtered features, over the number of features, from which
products with blocks of vectors are worth what it takes to make the blocks orthogonal.
"""

ROUNDS = 5
"""Rounds of the iteration over features in a file."""

MOST_COLUMNS, PROBES = 1024, 64
"""Columns, or random signs for more of them, that lengths of rows come from; how many at a time."""

BLOCK = 256
"""Columns that are filtered at a time where whole rows of filtered features are needed."""


def singular_directions(
    graph: Graph, recipe: FeatureRecipe, size: int, seed: int, rough: bool = False
) -> np.ndarray:
    """Right singular vectors of the filtered features, leading first, `[f, size]`.

    Where only directions count, each row of the filtered features has length 1 here, so that a
    vertex among many weighs as much as one among few. These lengths may be estimated roughly.

    Raises:
        TrainingError: they are not found, as of values that are too large to be squared.
    """
    try:
        return _directions(graph, recipe, size, seed, rough)
    except ArpackError as error:
        raise TrainingError(f"{graph.name}: no eigenvectors found: {error}") from None
    except OverflowError:
        raise TrainingError(f"{graph.name}: {TOO_LARGE}") from None


def _directions(
    graph: Graph, recipe: FeatureRecipe, size: int, seed: int, rough: bool
) -> np.ndarray:
    smooth = feature_filter(graph, recipe)
    if isinstance(graph.x, StoredFeatures):
        x = ScaledInFile(graph.x, recipe)
        return _directions_of_stored(x, smooth, size, recipe.cosine, seed)
    x = scaled(graph.x, recipe)
    if graph.num_features <= FEW:
        return _directions_of_few(x, smooth, size, recipe.cosine)
    n, values = x.shape[0], values_of(x).size
    held = 3 * values + 6 * n * max(at_once(n), size + SPARE)
    near = 2 * graph.num_edges + n if recipe.filter_steps else 0
    device = device_for(held, ROUNDS * (size + SPARE) * (values + near))
    in_blocks = values + 2 * recipe.filter_steps * near >= OFTEN * graph.num_features
    if device is not None or in_blocks:
        from tvgnn_cli.prepare.on_device.directions import directions_on

        found = directions_on(device or "cpu", graph, recipe, x, size, seed, FEW if rough else 0)
        return NOTHING if found is None else _signed(found)
    norm = _rough_norms(x, smooth, seed) if rough else _row_norms(x, smooth)
    if not norm.any():
        return NOTHING  # features that are all the same have no directions
    weight = (inverse(norm) if recipe.cosine else np.ones_like(norm))[:, None]
    transposed = x.T  # a new view each time takes as long as its product

    def forward(v: np.ndarray) -> np.ndarray:
        return np.asarray(weight * smooth(x @ v.reshape(x.shape[1], -1)))

    def backward(u: np.ndarray) -> np.ndarray:
        return np.asarray(transposed @ smooth(weight * u.reshape(x.shape[0], -1)))

    operator = LinearOperator(
        x.shape, matvec=forward, rmatvec=backward, matmat=forward, rmatmat=backward, dtype=x.dtype
    )
    start = np.random.default_rng(seed).standard_normal(min(x.shape)).astype(x.dtype)
    with lanczos_threads(len(start)):
        _, values, directions = svds(operator, k=size, v0=start, tol=1e-4)
    return _signed(directions[np.argsort(-values)])


def _directions_of_few(x: Any, smooth: Callable[[Any], Any], size: int, cosine: bool) -> np.ndarray:
    """The same for few features, by the eigenvectors of their products, `[f, f]`."""
    y = smooth(as_dense(x))
    if not y.any():
        return NOTHING
    products = np.zeros((y.shape[1], y.shape[1]))
    with limited_to(1):  # several that wait for busy cores take ten times as long
        for first in range(0, len(y), 2**16):
            rows = y[first : first + 2**16]
            rows = (unit_rows(rows) if cosine else rows).astype(np.float64)
            products += rows.T @ rows
    return _signed(np.linalg.eigh(products)[1][:, ::-1][:, :size].T)


def _directions_of_stored(
    x: ScaledInFile, smooth: Callable[[Any], Any], size: int, cosine: bool, seed: int
) -> np.ndarray:
    """The same for features in a file, which is read twice a round."""
    random = np.random.default_rng(seed)
    width = x.shape[1]
    weight: Any = _row_weights(x, smooth, random) if cosine else np.float32(1)

    def product(block: np.ndarray) -> np.ndarray:
        return x.transposed_times(smooth(weight * smooth(x.times(block))))

    found = leading_directions(product, width, size, random, ROUNDS)
    return NOTHING if found is None else _signed(found)


def _row_weights(
    x: ScaledInFile, smooth: Callable[[Any], Any], random: np.random.Generator
) -> np.ndarray:
    """One over the squared length of each filtered row, `[n, 1]`, and 0 for rows of zeros.

    Of more than `MOST_COLUMNS` features lengths are estimated, to a few in a hundred, from as many
    random signs.
    """
    width = x.shape[1]
    squares = np.zeros((x.shape[0], 1), dtype=np.float32)
    columns = min(width, MOST_COLUMNS)
    for first in range(0, columns, PROBES):
        last = min(first + PROBES, columns)
        if width <= MOST_COLUMNS:
            probe = np.eye(width, last - first, -first, dtype=np.float32)
        else:
            signs = random.choice([-1.0, 1.0], size=(width, last - first))
            probe = (signs / np.sqrt(columns)).astype(np.float32)
        squares += (smooth(x.times(probe)) ** 2).sum(axis=1, keepdims=True)
    return inverse(squares)


def _signed(directions: np.ndarray) -> np.ndarray:
    """Rows as columns, `[f, size]`. A singular vector's sign is arbitrary: the largest entry's is
    made positive.
    """
    largest = directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)]
    return np.ascontiguousarray((directions * np.sign(largest)[:, None]).T, dtype=np.float32)


def _rough_norms(x: Any, smooth: Callable[[Any], Any], seed: int) -> np.ndarray:
    """Estimate the same to a tenth, from `FEW` random signs."""
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(x.shape[1], FEW))
    rows = smooth(np.asarray(x @ (signs / np.sqrt(FEW)).astype(np.float32)))
    return np.asarray(np.sqrt((rows * rows).sum(axis=1, dtype=np.float64)), dtype=np.float32)


def _row_norms(x: Any, smooth: Callable[[Any], Any]) -> np.ndarray:
    """Euclidean length of each filtered row, `[n]`, a block of columns at a time."""
    squares = np.zeros(x.shape[0], dtype=np.float64)
    for first in range(0, x.shape[1], BLOCK):
        block = x[:, first : first + BLOCK]
        rows = smooth(as_dense(block))
        squares += (rows * rows).sum(axis=1, dtype=np.float64)
    return np.sqrt(squares).astype(np.float32)
