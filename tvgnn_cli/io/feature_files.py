"""Features in a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph import stored_features as stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.attribute_choice import (
    Asked,
    Chosen,
    choose_features,
    nothing_left,
    refuse_names,
)
from tvgnn_cli.io.attribute_names import named_alike, split_names
from tvgnn_cli.io.attribute_reasons import CONSTANT
from tvgnn_cli.io.companions import (
    ARRAYS,
    array_of,
    match_rows,
    num_rows,
    rows_of_array,
    rows_of_table,
    where_ids_are,
    with_the_last,
)
from tvgnn_cli.io.content import as_table
from tvgnn_cli.io.npy import NpyFile, stored_npy
from tvgnn_cli.io.source import Source, is_decimal
from tvgnn_cli.io.tables import Rows, distinct
from tvgnn_cli.io.vertex_arrays import as_features, check_shape
from tvgnn_cli.io.wanted import ALL, AUTO, NONE

if TYPE_CHECKING:
    from tvgnn_cli.io.parquet import FeatureTable


def attach_features(
    graph: Graph,
    source: Source,
    asked: Asked = None,
    gaps: bool = False,
    truth: str | None = None,
) -> Graph:
    """The graph with the features of a file in place of its own.

    Vertices that only the file knows are added, without edges. Rows of `.npy` and `.npz` are placed
    by `rows_of_array`; tables have vertex ids in one of their columns, see `read_rows`. Large
    `.npy` and `.parquet` files are not held.

    Args:
        graph: whose features they are.
        source: the file.
        asked: which columns of a table are features, see `choose_features`.
        gaps: whether vertices may lack values or rows, which are NaN then; not of features that
            stay in their file.
        truth: the column that would be the true class, which is no feature unasked.

    Raises:
        UsageError: names among columns that have none.
        InputError: vertices without a row, repeated rows, ids that match nothing, values that
            are not finite numbers.
    """
    source = as_table(source)
    if source.suffix in ARRAYS:
        refuse_names(asked, source.label)
        return _with_array(graph, source, gaps)
    if source.suffix == ".parquet" and source.is_plain_file:
        from tvgnn_cli.io.parquet import FeatureTable

        looked = FeatureTable.look(source, stored.STORED_BYTES, asked, truth)
        if looked is not None:
            return _with_stored(graph, *looked, source, asked)
    rows = rows_of_table(graph, source)
    graph, order = match_rows(graph, rows.ids, source, where_ids_are(rows), gaps)
    return _with_columns(graph, rows, order, source, asked, gaps, truth)


def _with_array(graph: Graph, source: Source, gaps: bool) -> Graph:
    """The graph with the rows of an array, dense, sparse or left in its file."""
    note = f"features: {source.label}"
    read, ids = array_of(source, "features")
    graph = with_the_last(graph, num_rows(read, 2), source)
    rows = rows_of_array(graph, num_rows(read, 2), ids, source)
    order, told = None, tuple[str, ...]()
    if rows is not None:
        graph, order = match_rows(graph, rows.ids, source, where_ids_are(rows))
        told = rows.notes
    if isinstance(read, NpyFile):
        check_shape(read.shape, graph.num_vertices, source.label)
        x = stored_npy(read) if order is None else stored_npy(read)[order]
        x, note = x.surveyed(graph.ids), f"{note}, read block by block"
    else:
        x = as_features(read if order is None else read[order], graph.ids, source.label, gaps)
        told += _counting_column(read, source)
    graph = graph.with_features(x, note)
    return replace(graph, notes=(*graph.notes, *told))


def _with_stored(
    graph: Graph, table: FeatureTable, chosen: Chosen, source: Source, asked: Asked
) -> Graph:
    """The graph with features that stay in their file; unasked, without columns that are the same
    in all rows, as those of a table in memory.
    """
    if not table.columns:
        raise nothing_left(chosen.left_out, source.label)
    graph, order = match_rows(graph, distinct(table.ids, source), source)
    x = table.stored(order).surveyed(graph.ids)
    differs = x.columns.high > x.columns.low
    vary = np.flatnonzero(differs if asked in (None, AUTO) else differs | True)
    alike = np.setdiff1d(np.arange(len(table.columns)), vary)
    constant = [table.columns[i] for i in alike.tolist()]
    left_out = dict(chosen.left_out)
    if constant:
        left_out[CONSTANT] = constant
        x = x.with_columns(vary)
    chosen = replace(chosen, left_out=left_out)
    if not len(vary):
        raise nothing_left(chosen.left_out, source.label)
    names = [table.columns[i] for i in vary]
    graph = graph.with_features(x, f"features: {source.label}, read block by block", names)
    said = chosen.notes(f"columns of {source.label}")[1:]
    return replace(graph, notes=(*graph.notes, *said))


def _with_columns(
    graph: Graph, rows: Rows, order: np.ndarray, source: Source, asked: Asked, gaps: bool,
    truth: str | None,
) -> Graph:  # fmt: skip
    """The graph with those columns of a table that are features."""
    if not rows.columns:
        raise InputError(f"{source.label}: one column: ids and no feature columns")
    placed = {name: column.take(order) for name, column in rows.columns.items()}
    if (order < 0).any():
        placed = {name: column.without(order < 0) for name, column in placed.items()}
    _refuse_unclear(rows, source, asked)
    for name, column in placed.items():
        _refuse_stray_text(name, column, graph, source)
    unnamed = asked is None and not rows.named
    asked = "all" if unnamed else asked
    taken = named_alike(truth, placed)
    chosen = choose_features(
        placed, asked, graph.ids, source.label, taken, of_a_table=True, gaps=gaps
    )
    if chosen.x is None or (unnamed and not _are_classes_alone(chosen, placed)):
        raise nothing_left(chosen.left_out, source.label)
    x = as_features(chosen.x, graph.ids, source.label, gaps)
    names = chosen.names if rows.named else ()
    graph = graph.with_features(x, f"features: {source.label}", names)
    said = chosen.notes(f"columns of {source.label}")[1:]
    return replace(graph, notes=(*graph.notes, *rows.notes, *said))


def _are_classes_alone(chosen: Chosen, columns: Mapping[str, Column]) -> bool:
    """Tell whether nothing but one column of words, which come twice on average, is left out: the
    class in files such as Cora's `cora.content`.
    """
    left_out = [name for names in chosen.left_out.values() for name in names]
    if len(left_out) != 1:
        return not left_out
    column = columns[left_out[0]]
    return not column.is_number and 2 * len(set(column.texts())) <= len(column.values)


def _refuse_unclear(rows: Rows, source: Source, asked: Asked) -> None:
    """Refuse a column of features whose commas may be decimal or mark thousands."""
    wanted = set(rows.columns)
    if isinstance(asked, str) and asked.strip().lower() not in (AUTO, ALL, NONE):
        wanted = set(split_names(asked, rows.columns))
    elif asked is not None and not isinstance(asked, str):
        wanted = set(asked)
    unclear = [name for name in rows.unclear if name in wanted]
    if unclear:
        example = rows.unclear[unclear[0]]
        raise InputError(
            f"{source.label}: column {first_and_rest(unclear)} has numbers such as '{example}': a "
            f"thousand or a fraction? write {example.replace(',', '')} or "
            f"{example.replace(',', '.')}; `feature_attrs` names other columns"
        )


def _refuse_stray_text(name: str, column: Column, graph: Graph, source: Source) -> None:
    """Refuse a column of numbers in which a few cells are none."""
    if column.is_number or column.kind:
        return
    there = [(i, text) for i, text in enumerate(column.texts()) if text]
    bad = [(i, text) for i, text in there if not is_decimal(text)]
    if 0 < len(bad) < len(there) / 2:
        row, value = bad[0]
        raise InputError(
            f"{source.label}: column '{name}' of vertex '{graph.ids[row]}' is {value!r}, "
            f"not a finite number ({len(bad)} such); an empty cell has no value"
        )


def _counting_column(x: Any, source: Source) -> tuple[str, ...]:
    """A note where the first of several columns counts, as ids do."""
    if not isinstance(x, np.ndarray) or x.shape[1] < 2 or len(x) < 10:
        return ()
    values = np.sort(x[:, 0])
    if not (values == np.arange(len(values)) + values[0]).all() or values[0] not in (0, 1):
        return ()
    return (
        f"column 1 of {source.label} counts from {values[0]:g}, and is taken for a feature: leave "
        "it out if it holds ids",
    )
