"""Features that set each cluster apart from the rest of the graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.features import LARGE, is_sparse, is_stored

NUMBER, COUNT, PRESENCE = "number", "count", "presence"
"""Kinds of columns: counts are whole numbers from 0, of which half are 0 at least; presences are
counts of 0 and 1.
"""


LEVEL = 0.05
"""Chance that features without any tie to the clusters are named."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of features over clusters, and what kind of column each is.

    Args:
        total: sum, float64 `[k, f]`.
        squares: sum of squares, float64 `[k, f]`.
        present: vertices with another value than 0, `[k, f]`.
        kinds: `NUMBER`, `COUNT` or `PRESENCE` of each column, `[f]`.
    """

    total: np.ndarray
    squares: np.ndarray
    present: np.ndarray
    kinds: np.ndarray


@dataclass(frozen=True)
class Mark:
    """A feature that sets a cluster apart.

    Args:
        cluster: the cluster, from 0.
        column: of the features.
        kind: of the column.
        is_sure: whether its `chance` is below what all features and clusters together may give.
        score: what marks are ranked by.
        effect: mean inside less mean outside, in standard deviations of the column.
        inside: mean over the cluster.
        outside: mean over the rest.
        share_inside: share of the cluster's vertices whose value is not 0.
        share_outside: share of the others.
        chance: of as much or more in one feature without any tie to the cluster.
    """

    cluster: int
    column: int
    kind: str
    is_sure: bool
    score: float
    effect: float
    inside: float
    outside: float
    share_inside: float
    share_outside: float
    chance: float


def sums_of(x: Any, labels: np.ndarray, k: int) -> Sums:
    """Sum features over clusters, in one pass.

    Args:
        x: features `[n, f]` in any form.
        labels: cluster of each vertex, `[n]`, from 0 to k - 1.
        k: clusters.
    """
    n, f = x.shape
    total, squares, present = (np.zeros((k, f)) for _ in range(3))
    low, high, whole = np.full(f, np.inf), np.full(f, -np.inf), np.ones(f, dtype=bool)
    for vertices, block in _blocks(x):
        count = len(vertices)
        member = sp.csr_array(
            (np.ones(count), (labels[vertices], np.arange(count))), shape=(k, count)
        )
        is_there = block != 0
        total += _dense(member @ block)
        squares += _dense(member @ (block * block))
        present += _dense(member @ is_there.astype(np.float64))
        low, high = np.minimum(low, _least(block)), np.maximum(high, -_least(-block))
        whole &= ~_any_fraction(block)
    zeros = n - present.sum(axis=0)
    counted = whole & (low >= 0) & (zeros >= n / 2)
    kinds = np.where(counted, np.where(high <= 1, PRESENCE, COUNT), NUMBER)
    return Sums(total, squares, present, kinds)


def _blocks(x: Any) -> Iterator[tuple[np.ndarray, Any]]:
    """Vertices and their features in double precision, rows of some `LARGE` bytes at a time."""
    if is_stored(x):
        for vertices, block in x.blocks():
            yield vertices, block.astype(np.float64)
        return
    n, f = x.shape
    per_row = 8 * (max(x.nnz // max(n, 1), 1) if is_sparse(x) else f)
    step = max(LARGE // max(per_row, 1), 1)
    for first in range(0, n, step):
        block = x[first : first + step].astype(np.float64)
        yield np.arange(first, min(first + step, n)), block


def _dense(found: Any) -> np.ndarray:
    return np.asarray(found.toarray() if sp.issparse(found) else found)


def _least(block: Any) -> np.ndarray:
    """Smallest value of each column."""
    found = block.min(axis=0)
    return _dense(found).ravel()


def _any_fraction(block: Any) -> np.ndarray:
    """Mask of the columns that hold a number which is not whole."""
    if sp.issparse(block):
        broken = block.data != np.round(block.data)
        return np.bincount(block.indices[broken], minlength=block.shape[1]) > 0
    return np.asarray((block != np.round(block)).any(axis=0))


def marks_of(sums: Sums, sizes: np.ndarray, top: int) -> list[Mark]:
    """The features that set each cluster apart most, those of numbers before those of counts.

    Numbers go by the difference of means in standard deviations, either way. Counts and presences
    go by class-based TF-IDF, its frequencies per vertex, less that of all other clusters together:
    a word that is as frequent outside tells nothing. What chance may give one of all features in
    one of all clusters (`LEVEL`, divided by the number of both) comes after the others, the least
    likely first, so that a small cluster is not told by its accidents. Source: Grootendorst,
    "BERTopic: Neural topic modeling with a class-based TF-IDF procedure", 2022, Eq. 2.

    Args:
        sums: of the features.
        sizes: vertices of each cluster, `[k]`.
        top: marks of each cluster, of numbers and of counts, at most.
    """
    n, whole, present = sizes.sum(), sums.total.sum(axis=0), sums.present.sum(axis=0)
    clusters, counted = np.flatnonzero(sizes), sums.kinds != NUMBER
    spread = np.sqrt(np.maximum(sums.squares.sum(axis=0) / n - (whole / n) ** 2, 0))
    # A constant column's computed spread may be the rounding error of its mean.
    real = spread > 1e-9 * np.maximum(np.abs(whole / n), 1e-300)
    words = whole[counted].sum() / max(len(clusters), 1)
    rarity = np.log1p(words / np.maximum(whole[counted], 1e-300))
    level = LEVEL / max(len(clusters) * len(whole), 1)
    found: list[Mark] = []
    for cluster in clusters if len(clusters) > 1 else ():
        size, rest, total = sizes[cluster], n - sizes[cluster], sums.total[cluster]
        inside, outside = total / size, (whole - total) / rest
        effect = np.divide(inside - outside, spread, out=np.zeros_like(spread), where=real)
        scores, chance = np.abs(effect), np.ones_like(effect)
        scores[counted] = (inside - outside)[counted] * rarity
        chance[counted] = _chance_of_counts(total[counted], whole[counted] * size / n)
        chance[~counted] = _chance_of_numbers(effect[~counted], size / n, n)
        after = np.where(chance > level, chance, 0.0)
        share, others = sums.present[cluster] / size, (present - sums.present[cluster]) / rest
        for columns in (np.flatnonzero(~counted), np.flatnonzero(counted)):
            columns = columns[scores[columns] > 0]
            order = columns[np.lexsort((-scores[columns], after[columns]))[:top]]
            values = scores, effect, inside, outside, share, others, chance
            found += [
                Mark(int(cluster), int(c), str(sums.kinds[c]), bool(chance[c] <= level),
                     *(float(value[c]) for value in values))
                for c in order
            ]  # fmt: skip
    return found


def _chance_of_counts(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Chance of as many or more where so many are expected, of independent events, `[f]`."""
    from scipy.stats import poisson

    return np.asarray(poisson.sf(counts - 1, expected))


def _chance_of_numbers(effect: np.ndarray, share: float, n: int) -> np.ndarray:
    """Chance of as large an effect of normal numbers, by Student's t of the correlation between
    them and being in the cluster, `[f]`.

    Args:
        effect: differences of means, in standard deviations over all vertices.
        share: of the vertices that are in the cluster.
        n: vertices.
    """
    from scipy.stats import t

    r = np.minimum(np.abs(effect) * np.sqrt(share * (1 - share)), 1 - 1e-12)
    return np.asarray(2 * t.sf(r * np.sqrt(max(n - 2, 0) / (1 - r**2)), max(n - 2, 1)))
