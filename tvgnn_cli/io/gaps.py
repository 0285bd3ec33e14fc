"""Missing values of features, filled by what other vertices have in their column.

Neighbours are not asked. They would make features agree with the edges, and evidence for clusters
would count that as found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, counted, first_and_rest
from tvgnn_cli.graph.features import is_sparse, is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.wanted import MEDIAN


def without_gaps(graph: Graph, way: str | None) -> Graph:
    """The graph with values where its features have none, which a note counts.

    Args:
        graph: its features dense or CSR, NaN where missing.
        way: "median" or "mean", of those in the column; None where nothing is missing.

    Raises:
        InputError: a column without any value.
    """
    x: Any = graph.x
    if way is None or x is None:
        return graph
    if is_stored(x) or not np.isnan(x.data if is_sparse(x) else x).any():
        return graph.with_note("features: no value is missing, none is imputed")
    x = x.toarray() if is_sparse(x) else x
    missing = np.isnan(x)
    empty = np.flatnonzero(missing.all(axis=0))
    if len(empty):
        names = [graph.feature_names[i] if graph.feature_names else str(i + 1) for i in empty]
        raise InputError(f"features: no vertex has a value of column {first_and_rest(names)}")
    middle = np.nanmedian(x, axis=0) if way == MEDIAN else np.nanmean(x, axis=0, dtype=np.float64)
    note = (
        f"features: {counted(int(missing.sum()), 'missing value')} of "
        f"{counted(int(missing.any(axis=1).sum()), 'vertex')} in "
        f"{counted(int(missing.any(axis=0).sum()), 'column')} ({missing.mean():.1%} of all) "
        f"imputed by the column's {way}"
    )
    return replace(graph, x=np.where(missing, middle.astype(x.dtype), x)).with_note(note)
