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
from tvgnn_cli.io.wanted import MEDIAN, ModelFills


def without_gaps(graph: Graph, way: str | ModelFills | None) -> Graph:
    """The graph with values where its features have none, which a note counts, and `fills`.

    Args:
        graph: its features dense or CSR, NaN where missing.
        way: "median" or "mean", of those in the column, or a model's values; None where nothing is
            missing.

    Raises:
        InputError: a column without any value; other columns than the model's.
    """
    x: Any = graph.x
    if way is None or x is None:
        return graph
    is_whole = is_stored(x) or not np.isnan(x.data if is_sparse(x) else x).any()
    if is_whole and isinstance(way, ModelFills):
        return graph
    if is_whole:
        return graph.with_note("features: no value is missing, none is imputed")
    x = x.toarray() if is_sparse(x) else x
    missing = np.isnan(x)
    fills = _fills(graph, x, missing, way).astype(x.dtype)
    by = "what the model's graph had" if isinstance(way, ModelFills) else f"the column's {way}"
    note = (
        f"features: {counted(int(missing.sum()), 'missing value')} of "
        f"{counted(int(missing.any(axis=1).sum()), 'vertex')} in "
        f"{counted(int(missing.any(axis=0).sum()), 'column')} ({missing.mean():.1%} of all) "
        f"imputed by {by}"
    )
    return replace(graph, x=np.where(missing, fills, x), fills=fills).with_note(note)


def _fills(graph: Graph, x: np.ndarray, missing: np.ndarray, way: str | ModelFills) -> np.ndarray:
    """The value for each column."""
    if isinstance(way, ModelFills):
        return _of_model(graph, way)
    empty = np.flatnonzero(missing.all(axis=0))
    if len(empty):
        names = [graph.feature_names[i] if graph.feature_names else str(i + 1) for i in empty]
        raise InputError(f"features: no vertex has a value of column {first_and_rest(names)}")
    middle = np.nanmedian(x, axis=0) if way == MEDIAN else np.nanmean(x, axis=0, dtype=np.float64)
    return np.asarray(middle)


def _of_model(graph: Graph, known: ModelFills) -> np.ndarray:
    """A model's values in the order of the graph's columns."""
    if known.names and graph.feature_names:
        values = dict(zip(known.names, known.values, strict=True))
        other = [name for name in graph.feature_names if name not in values]
        if other:
            raise InputError(
                f"{graph.name}: has the feature {first_and_rest(other)}, which the model was not "
                "trained on"
            )
        return np.array([values[name] for name in graph.feature_names])
    if graph.num_features != len(known.values):
        raise InputError(
            f"{graph.name}: {graph.num_features} features per vertex, but the model was trained "
            f"on {len(known.values)}"
        )
    return np.array(known.values)
