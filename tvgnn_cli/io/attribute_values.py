"""Values of vertex attributes as columns of numbers."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph.graph import check_features
from tvgnn_cli.graph.property_graph import Column

MOST_CATEGORIES = 1000
"""Values of a category that become columns."""


def number_column(column: Column, ids: np.ndarray, where: str, gaps: bool) -> np.ndarray:
    """A column of numbers, `[n, 1]`, NaN where there may be gaps."""
    if column.missing is not None and not gaps:
        raise no_value(where, ids[column.missing])
    if not len(column.present):
        raise InputError(f"{where}: no vertex has a value; leave it out")
    values = column.floats()[:, None]
    check_features(values, ids, where, gaps)
    return values


def one_hot(
    column: Column, ids: np.ndarray, where: str, gaps: bool
) -> tuple[list[str], np.ndarray]:
    """The sorted values of a category, and a column of 0 and 1 for each; a vertex without one has
    NaN in all, where there may be gaps.
    """
    texts = np.array(column.texts(), dtype=object)
    lacking = texts == ""
    if lacking.any() and not gaps:
        raise no_value(where, ids[lacking])
    values, place = np.unique(texts[~lacking], return_inverse=True)
    if not 1 < len(values) <= min(MOST_CATEGORIES, max(len(ids) // 2, 2)):
        raise InputError(
            f"{where}: {len(values):,} different values for {len(ids):,} vertices; a category has "
            f"2 to {MOST_CATEGORIES:,}, and at most one for two vertices: leave it out"
        )
    table = np.zeros((len(ids), len(values)))
    table[np.flatnonzero(~lacking), place] = 1
    table[lacking] = np.nan
    return values.tolist(), table


def no_value(
    where: str, lacking: np.ndarray, remedy: str = "leave it out, or `impute` it"
) -> InputError:
    """The error that vertices, given by their ids, have no value."""
    shown = first_and_rest(list(map(str, lacking)))
    return InputError(f"{where}: vertex {shown} has no value; {remedy}")
