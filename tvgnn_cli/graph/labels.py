"""Labels of vertices: classes by name, clusters by size."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from tvgnn_cli.graph.missing import is_missing

UNKNOWN = -1
"""Code of a vertex whose true class is not known."""

NOISE = "-1"
"""Cluster of vertices without one, where all others are whole numbers from 0."""

_WHOLE = re.compile(r"\+?\d+(\.0*)?", re.ASCII)
"""A whole number from 0, however it is written."""

MOST_NUMBER = 2**31 - 1
"""Largest number that a cluster is known by."""


def encode_labels(values: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class names as codes `[n]` and the sorted distinct names, numbers in numeric order.

    A name that is a mark of a missing value is no class: its code is `UNKNOWN`.
    """
    names = sorted((name for name in set(values) if not is_missing(name)), key=_numeric_first)
    code = dict.fromkeys(values, UNKNOWN) | {name: i for i, name in enumerate(names)}
    codes = np.fromiter(map(code.__getitem__, values), np.int64, len(values))
    return codes, tuple(names)


def _numeric_first(name: str) -> tuple[int, float, str]:
    try:
        number = float(name)
    except ValueError:
        number = math.nan
    return (0, number, name) if math.isfinite(number) else (1, 0.0, name)


def whole_numbers(names: Sequence[str]) -> np.ndarray | None:
    """Names as numbers, int64; None where one is no whole number from 0, or two are the same."""
    plain = [name for name in names if name.isascii() and name.isdecimal() and len(name) < 11]
    numbers = np.array([int(name) for name in plain], dtype=np.int64)
    is_plain = len(plain) == len(names) and all(
        str(number) == name for number, name in zip(numbers.tolist(), names, strict=True)
    )
    fits = is_plain and bool((numbers <= MOST_NUMBER).all())
    return numbers if fits else None


def has_noise(names: Sequence[str]) -> bool:
    """Tell whether the first of some clusters, in the order of `encode_labels`, is `NOISE` and no
    name among others: what tools write that leave vertices out.
    """
    return tuple(names[:1]) == (NOISE,) and all(map(_WHOLE.fullmatch, names[1:]))


def without_noise(labels: np.ndarray, names: tuple[str, ...]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Clusters as `encode_labels` gives them, noise being none: `UNKNOWN`."""
    if has_noise(names):
        return np.where(labels < 1, UNKNOWN, labels - 1), names[1:]
    return labels, names


def number_by_size(labels: np.ndarray, num_clusters: int) -> np.ndarray:
    """The new number of each old one, `[k]`: larger clusters first, ties by first vertex.

    Empty clusters come last, in their old order.
    """
    sizes = np.bincount(labels, minlength=num_clusters)
    first = np.full(num_clusters, len(labels))
    # Written backwards, so that the first vertex of each cluster is what stays.
    first[labels[::-1]] = np.arange(len(labels))[::-1]
    order = np.lexsort((first, -sizes))
    number = np.empty(num_clusters, dtype=np.int64)
    number[order] = np.arange(num_clusters)
    return number
