"""Features and classes that are given in memory: values, and the vertices that they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.id_match import as_known, difference, first_number
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.tables import distinct, in_order


def placed(graph: Graph, given: Any, what: str) -> tuple[Any, tuple[str, ...]]:
    """The values of a mapping, a Series or a DataFrame in the order of the vertices, by their keys
    or index; those of an array as they are. Said where an order could be thought another.

    Args:
        graph: whose vertices they are for.
        given: values; an index that names none of the vertices does not count.
        what: they are, for messages.

    Raises:
        InputError: an index with some of the vertices, without others or with one twice.
    """
    if isinstance(given, Mapping):
        keys, values = list(given), np.array(list(given.values()))
    elif hasattr(given, "index") and hasattr(given, "to_numpy"):
        keys, values = given.index.tolist(), _values(given)
    else:
        values = given if hasattr(given, "tocsr") else np.asarray(given)
        return values, _on_order(graph, values, what)
    own = graph.ids.tolist()
    names = as_known(keys, own)
    row_of = {name: i for i, name in enumerate(names)}
    if len(names) == len(own) and row_of.keys().isdisjoint(own) and not isinstance(given, Mapping):
        return values, (in_order(what, own),)
    lacking = [name for name in own if name not in row_of]
    if lacking:
        raise InputError(
            f"{what}: no value for vertex {first_and_rest(lacking)}{difference(own, names, what)}"
        )
    distinct(names, Source(what))
    return values[[row_of[name] for name in own]], ()


def _values(given: Any) -> np.ndarray:
    """The values of a Series or a DataFrame; numbers of several types, or of pandas' own types with
    gaps, as float64, NaN where there is none.
    """
    values: np.ndarray = given.to_numpy()
    if values.dtype != object or values.ndim != 2:
        return values
    if any(getattr(kind, "kind", "O") not in "iufb" for kind in given.dtypes):
        return values
    numbers: np.ndarray = given.to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _on_order(graph: Graph, values: Any, what: str) -> tuple[str, ...]:
    """A note where vertices are numbers that come in another order than that of the rows."""
    own, count = graph.ids.tolist(), values.shape[0] if values.ndim else 0
    first = first_number(set(own), count) if graph.explicit_ids and count == len(own) else None
    if first is None or own == [str(i) for i in range(first, first + count)]:
        return ()
    return (in_order(what, own),)
