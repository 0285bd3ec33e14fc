"""Features and classes that are given in memory: values, and the vertices that they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.attribute_choice import Asked, refuse_names, split_names
from tvgnn_cli.io.given_arrays import as_array
from tvgnn_cli.io.id_match import as_known, difference, first_number
from tvgnn_cli.io.names import KEY_NAMES, fold
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.tables import distinct, extra_rows, in_order, lacking_rows
from tvgnn_cli.io.wanted import ALL, AUTO, KnownColumns, find_named


def placed(
    graph: Graph, given: Any, what: str, may_lack: bool = False
) -> tuple[Any, tuple[str, ...]]:
    """The values of a mapping, a Series or a DataFrame in the order of the vertices, by their keys
    or index; those of an array as they are. Said where an order could be thought another, and what
    is left out.

    Args:
        graph: whose vertices they are for.
        given: values; an index that names none of the vertices does not count.
        what: they are, for messages.
        may_lack: take None for vertices that an index lacks, unless its ids are of another kind.

    Raises:
        InputError: an index without vertices that it needs to have, or with one twice.
    """
    if isinstance(given, Mapping):
        keys, values = list(given), as_array(list(given.values()), what)
    elif hasattr(given, "index") and hasattr(given, "to_numpy"):
        keys, values = given.index.tolist(), _values(given)
    else:
        values = given if hasattr(given, "tocsr") else as_array(given, what)
        return values, _on_order(graph, values, what)
    own = graph.ids.tolist()
    names = as_known(keys, own)
    row_of = {name: i for i, name in enumerate(names)}
    if len(names) == len(own) and row_of.keys().isdisjoint(own) and not isinstance(given, Mapping):
        return values, (in_order(what, own),)
    lacking = [name for name in own if name not in row_of]
    differ = difference(own, names, what) if lacking else ""
    if lacking and (differ or not may_lack):
        raise InputError(f"{what}: no value for vertex {first_and_rest(lacking)}{differ}")
    distinct(names, Source(what))
    told = []
    if lacking:
        values = np.array([*values.tolist(), None], dtype=object)
        told.append(lacking_rows(lacking, len(own), what))
    if extra := len(names) - (len(own) - len(lacking)):
        told.append(extra_rows(extra, what))
    return values[[row_of.get(name, -1) for name in own]], tuple(told)


def named_columns(given: Any, asked: Asked) -> tuple[Any, tuple[str, ...]]:
    """A DataFrame of the columns that are asked for, and their names; anything else as it is, and
    so a DataFrame whose columns have no names of their own.

    Args:
        given: features.
        asked: which columns are features, by a text as for `choose_features`; or a list, of which
            a model's may have others too.

    Raises:
        UsageError: names are asked for, and there are none.
        InputError: it has no such column; or one of ids beside an index that only counts its rows.
    """
    names = list(getattr(given, "columns", ()))
    are_text = bool(names) and all(isinstance(name, str) for name in names)
    if not are_text or len(set(names)) < len(names):
        refuse_names(asked, "features")
        return given, ()
    _refuse_ids(given, names)
    wanted = _wanted(names, asked)
    return (given if wanted == names else given[wanted]), tuple(wanted)


def _refuse_ids(frame: Any, names: list[str]) -> None:
    """Refuse a DataFrame whose rows would go by their numbers though a column has their ids."""
    if list(getattr(frame, "index", ())) != list(range(len(frame))):
        return
    ids = [n for n in names if fold(n) in KEY_NAMES and len(set(frame[n])) == len(frame) > 1]
    if ids:
        raise InputError(
            f"features: column '{ids[0]}' seems to have the ids, and the index only counts the "
            f"rows: set_index('{ids[0]}') makes it the index; drop it if it is none"
        )


def _wanted(names: list[str], asked: Asked) -> list[str]:
    """The names of columns that are asked for, each once."""
    if asked is None or (isinstance(asked, str) and asked.strip().lower() in (AUTO, ALL)):
        return names
    if isinstance(asked, str):
        given = split_names(asked, names)
        places = [find_named(n, names, "`feature_attrs`", "features", "column") for n in given]
        return [names[place] for place in dict.fromkeys(places)]
    if not isinstance(asked, KnownColumns):
        found = {find_named(n, names, "`feature_attrs`", "features", "column") for n in asked}
        return [names[place] for place in sorted(found)]
    wanted = [name for name in names if name in set(asked)]
    if not wanted:
        raise InputError(
            f"features: has no column {first_and_rest(list(asked))}; it has {first_and_rest(names)}"
        )
    return wanted


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
