"""Scaling of the columns of features, learned of their units, their middles and their spreads.

A mean and a standard deviation are those of the few values far outside, where there are any: one
sum of money in yen among dollars, or -9999 for what is not known, and all else of its column comes
out as 0. Such values are first brought to the edge of the others, which keeps them apart from these
(winsorising: Tukey 1962), and the few that differ in a column of which nearly all are the same are
kept from counting as much as a column of which half do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tvgnn_cli.errors import counted, some_of
from tvgnn_cli.graph.features import as_dense, columns_of, is_sparse, row_blocks
from tvgnn_cli.graph.stored_features import StoredFeatures
from tvgnn_cli.prepare.feature_scaling import NOTHING, inverse

ROBUST, STANDARD, TFIDF, UNIT = "robust", "standard", "tfidf", "unit"

FAR, EDGE = 20.0, 5.0
"""Deviations from the middle of a column, of its inner half, beyond which a value is far outside;
and those that it is brought to.
"""

REACH = 10.0
"""Most that a scaled value may be: columns with larger ones are divided by more."""

NORMAL = 1.349
"""Distance of the quartiles of a normal distribution, in standard deviations."""

SEEN, FEWEST = 2**20, 512
"""Values of a sample of rows that quartiles are taken from, and rows of it at least."""

LARGER = 5.0
"""Times the size of other columns' values from which a column is of a larger unit."""

MOST_DENSE = 2**25
"""Values up to which sparse features of several units are laid out."""

MOST = float(np.finfo(np.float32).max)
"""Bound of a column that has no value far outside."""


@dataclass(frozen=True, eq=False)
class ColumnScaling:
    """Numbers that columns are scaled by, each empty where it changes nothing.

    Args:
        offset: subtracted, `[f]`.
        scale: multiplied with, `[f]`.
        bounds: lowest and highest value, beyond which values are brought to these, `[2, f]`.
    """

    offset: np.ndarray = field(default_factory=lambda: NOTHING)
    scale: np.ndarray = field(default_factory=lambda: NOTHING)
    bounds: np.ndarray = field(default_factory=lambda: NOTHING)


def guess_scaling(x: Any) -> str:
    """Choose how features are scaled, by their values alone.

    "tfidf" for counts and presences of many things, "unit" for other sparse features without
    negative values, "robust" for all else, such as columns of several units.
    """
    columns, (n, width) = columns_of(x), x.shape
    if width < 8 or columns.lowest < 0 or columns.nonzero.sum() > 0.5 * n * width:
        return ROBUST
    guess = TFIDF if columns.whole else UNIT
    if is_sparse(x) and n * width > MOST_DENSE:
        return guess
    weight = column_scaling(x, guess).scale
    return ROBUST if _is_of_several_units(x, weight if weight.size else 1) else guess


def _is_of_several_units(x: Any, weight: Any) -> bool:
    """Tell whether a few columns of much larger values make most of the weighted rows' length."""
    rows = np.abs(_sample(x)) * weight
    there = rows > 0
    size = rows.sum(axis=0) * inverse(there.sum(axis=0).astype(np.float64))
    large = size > LARGER * float(np.median(size[size > 0])) if size.any() else size > 0
    squares = np.square(rows * inverse(rows.max(axis=1, keepdims=True)))
    shares = squares[:, large].sum(axis=1) * inverse(squares.sum(axis=1))
    return bool(shares.mean() > 0.5)


def column_scaling(x: Any, scaling: str) -> ColumnScaling:
    """Learn the numbers of a scaling from features `[n, f]`, in any form."""
    columns, n = columns_of(x), x.shape[0]
    if scaling == TFIDF:
        weight = np.log((1 + n) / (1 + columns.nonzero)) + 1
        return ColumnScaling(scale=weight.astype(np.float32))
    if scaling == ROBUST:
        return _robust(x)
    if scaling == STANDARD:
        return _of(columns.mean, inverse(columns.spread, where=columns.varies))
    return ColumnScaling()


def _of(offset: np.ndarray, scale: np.ndarray, bounds: np.ndarray = NOTHING) -> ColumnScaling:
    numbers = (each.astype(np.float32) for each in (offset, scale, bounds))
    return ColumnScaling(*numbers)


def _robust(x: Any) -> ColumnScaling:
    """Mean 0 and deviation 1, once values far outside are brought nearer."""
    columns, (low, high, far) = columns_of(x), reach(x)
    mean, spread = (np.array(each, dtype=np.float64) for each in (columns.mean, columns.spread))
    if far.any():
        mean[far], spread[far] = _moments(x, far, low, high)
    scale = inverse(tempered(spread, mean, low, high), where=columns.varies)
    return _of(mean, scale, bounds_of(low, high, far))


def reach(x: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The lowest and the highest value of each column `[f]`, float64, once values far outside are
    brought nearer, and which columns have such, as a mask.
    """
    columns, (middle, size) = columns_of(x), _inner(_sample(x))
    low, high = (np.array(each, dtype=np.float64) for each in (columns.low, columns.high))
    far = (size > 0) & (np.maximum(high - middle, middle - low) > FAR * size)
    low[far] = np.maximum(low, middle - EDGE * size)[far]
    high[far] = np.minimum(high, middle + EDGE * size)[far]
    return low, high, far


def bounds_of(low: np.ndarray, high: np.ndarray, far: np.ndarray) -> np.ndarray:
    """Bounds that values are brought to, `[2, f]`: the lowest and the highest in columns with some
    far outside, `MOST` in others; empty where there are none.
    """
    if not far.any():
        return NOTHING
    return np.stack([np.where(far, low, -MOST), np.where(far, high, MOST)])


def tempered(spread: np.ndarray, mean: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Divisors of columns: their deviation, or more, so that no value is beyond `REACH`."""
    return np.asarray(np.maximum(spread, np.maximum(high - mean, mean - low) / REACH))


def notes_on_bounds(
    bounds: np.ndarray, names: Sequence[str], what: str, setting: str
) -> tuple[str, ...]:
    """Note in which columns values count as less than they are.

    Args:
        bounds: as of `bounds_of`.
        names: of all columns; empty where they have none.
        what: the columns are.
        setting: that decides it.
    """
    if not bounds.size:
        return ()
    found = np.flatnonzero(bounds[1] < MOST).tolist()
    named = f": {some_of([names[i] for i in found])}" if names else ""
    return (
        f"{what}: values far outside the others of their column are brought nearer, in "
        f"{len(found):,} of {counted(bounds.shape[1], 'column')}{named} (`{setting}` {ROBUST})",
    )


def _inner(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The middle of each column of a sample, and its deviation by the inner half of the values; of
    columns of which that is one value, by how far the others are from it; 0 where there are none.
    """
    low, middle, high = np.quantile(rows, [0.25, 0.5, 0.75], axis=0)
    size = (high - low) / NORMAL
    for column in np.flatnonzero(size == 0):
        away = np.abs(rows[:, column] - middle[column])
        if away.any():
            size[column] = np.median(away[away > 0])
    return middle, size


def _sample(x: Any) -> np.ndarray:
    """Rows of the features at random, `[s, f]`, float64; all of few."""
    n, width = x.shape
    count = min(n, max(SEEN // max(width, 1), FEWEST))
    chosen = np.sort(np.random.default_rng(0).choice(n, count, replace=False))
    if not isinstance(x, StoredFeatures):
        return as_dense(x[chosen]).astype(np.float64)
    rows = np.empty((count, width))
    for vertices, values in x.blocks():
        place = np.searchsorted(chosen, vertices)
        there = chosen[np.minimum(place, count - 1)] == vertices
        rows[place[there]] = values[there]
    return rows


def _moments(
    x: Any, which: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of some columns, as a mask, with values between low and high."""
    low, high = low[which], high[which]
    centre = (low + high) / 2
    total, squares = np.zeros(len(centre)), np.zeros(len(centre))
    for rows in _blocks(x):
        away = np.clip(rows[:, which].astype(np.float64), low, high) - centre
        total += away.sum(axis=0)
        squares += np.square(away).sum(axis=0)
    mean = total / x.shape[0]
    return centre + mean, np.sqrt(np.maximum(squares / x.shape[0] - mean**2, 0))


def _blocks(x: Any) -> Iterator[np.ndarray]:
    """The features, some rows at a time."""
    if isinstance(x, StoredFeatures):
        yield from (values for _, values in x.blocks())
    else:
        dense = as_dense(x)
        yield from (dense[rows] for rows in row_blocks(dense))
