"""Features and classes that are given in memory: values, and the vertices that they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.arrow_columns import column_of_array
from tvgnn_cli.io.attribute_choice import (
    Asked,
    choose_by_name,
    choose_features,
    nothing_left,
    refuse_names,
)
from tvgnn_cli.io.attribute_names import named_alike, quoted, split_names
from tvgnn_cli.io.attribute_reasons import MISSING
from tvgnn_cli.io.given_arrays import as_array
from tvgnn_cli.io.id_match import are_ids, as_known, difference, rows_by_number
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
    if not isinstance(given, Mapping) and _only_counts(graph, keys, names):
        return values, (in_order(what, own),)
    lacking = [name for name in own if name not in row_of]
    differ = difference(own, names, what) if lacking else ""
    if lacking and (differ or not may_lack):
        others = isinstance(given, Mapping) or are_ids(names, own) or row_of.keys() & set(own)
        way = "" if others else _NO_INDEX
        raise InputError(f"{what}: no value for vertex {first_and_rest(lacking)}{differ}{way}")
    distinct(names, Source(what))
    told = []
    if lacking:
        values = np.array([*values.tolist(), None], dtype=object)
        told.append(lacking_rows(lacking, len(own), what))
    if extra := len(names) - (len(own) - len(lacking)):
        told.append(extra_rows(extra, what))
    return values[[row_of.get(name, -1) for name in own]], tuple(told)


_NO_INDEX = "; reset_index(drop=True) takes rows in the order of the vertices"


def _only_counts(graph: Graph, keys: list[Any], names: list[str]) -> bool:
    """Tell whether an index names no vertices: it counts the rows, or has words where vertices of
    the graph have nothing but numbers.
    """
    own = set(graph.ids.tolist())
    if len(names) != len(own) or not own.isdisjoint(names):
        return False
    return keys == list(range(len(keys))) or not (graph.explicit_ids or are_ids(names, own))


def named_columns(
    given: Any, asked: Asked, truth: str | None = None, gaps: bool = False
) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    """A DataFrame of the columns that are features, their names, and what is said of others;
    anything else as it is, and so a DataFrame whose columns have no names of their own.

    Args:
        given: features.
        asked: which columns are features, by a text as for `choose_features`; or a list, of which
            a model's may have others too.
        truth: the column that would be the true class, which is no feature unasked.
        gaps: whether columns may lack values.

    Raises:
        UsageError: names are asked for, and there are none.
        InputError: it has no such column; or one of ids beside an index that only counts its rows.
    """
    names = list(getattr(given, "columns", ()))
    are_text = bool(names) and all(isinstance(name, str) for name in names)
    if not are_text or len(set(names)) < len(names):
        refuse_names(asked, "features")
        return given, (), ()
    if not hasattr(given, "index"):  # of polars, say
        wanted = names if asked is None else _wanted(names, _listed(asked, names))
        return given[wanted], tuple(wanted), ()
    _refuse_ids(given, names)
    if asked is not None and not isinstance(asked, str):
        categories = {name.rpartition("=")[0] for name in asked if name not in names}
        if isinstance(asked, KnownColumns) and not categories.isdisjoint(names):
            wanted = [name for name in names if name in {*asked, *categories}]
            return _by_columns(given[wanted], asked, gaps)
        wanted = _wanted(names, asked)
        return given[wanted], tuple(wanted), ()
    return _chosen_columns(given, asked, truth, gaps)


def _chosen_columns(
    frame: Any, asked: str | None, truth: str | None, gaps: bool
) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    """The columns of a DataFrame by the rules of a table on file: unasked, those of numbers that
    are named as nothing else and lack none; a category by its name.
    """
    names = list(frame.columns)
    kinds = {n: None if _is_number(k) else "" for n, k in zip(names, frame.dtypes, strict=True)}
    chosen = choose_by_name(kinds, asked, "features", named_alike(truth, names))
    kept, left_out = list(chosen.sources), dict(chosen.left_out)
    if (asked is None or asked.strip().lower() == AUTO) and not gaps:
        lacking = [name for name in kept if bool(frame[name].isna().any())]
        if lacking:
            kept, left_out = [n for n in kept if n not in lacking], {**left_out, MISSING: lacking}
    if not kept:
        raise nothing_left(left_out, "features")
    told = replace(chosen, left_out=left_out).notes("columns of features")[1:]
    if all(kinds[name] is None for name in kept):
        return frame[kept], tuple(kept), told
    x, columns, _ = _by_columns(frame[kept], quoted(kept), gaps)
    return x, columns, told


def _by_columns(
    frame: Any, asked: Asked, gaps: bool
) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    """A DataFrame that has categories among its columns as one of numbers, their names, and what is
    said of values that a model does not know.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False)
    columns = {name: column_of_array(table.column(name)) for name in frame.columns}
    ids = np.array(list(map(str, frame.index)), dtype=object)
    found = choose_features(columns, asked, ids, "features", of_a_table=True, gaps=gaps)
    x = type(frame)(found.x, index=frame.index, columns=list(found.names))
    return x, found.names, found.notes("columns of features")[1:]


def _is_number(kind: Any) -> bool:
    """Tell whether a type of a column of pandas is one of numbers, or of truths."""
    return getattr(kind, "kind", "O") in "iufb"


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


def _listed(asked: str | Sequence[str], names: list[str]) -> Sequence[str]:
    """The names in an answer to which columns are features."""
    if not isinstance(asked, str):
        return asked
    return names if asked.strip().lower() in (AUTO, ALL) else split_names(asked, names)


def _wanted(names: list[str], asked: Sequence[str]) -> list[str]:
    """The names of columns in a list, each once."""
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
    if not all(map(_is_number, given.dtypes)):
        return values
    numbers: np.ndarray = given.to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _on_order(graph: Graph, values: Any, what: str) -> tuple[str, ...]:
    """A note where vertices are numbers that come in another order than that of the rows."""
    own, count = graph.ids.tolist(), values.shape[0] if values.ndim else 0
    numbered = rows_by_number(own, count) if graph.explicit_ids and count == len(own) else None
    if numbered in (None, own):
        return ()
    return (in_order(what, own),)
