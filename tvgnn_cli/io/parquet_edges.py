"""Edges in Parquet files, by the rules of every other table of edges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io import parquet
from tvgnn_cli.io.arrow_columns import column_of_array
from tvgnn_cli.io.edge_columns import Layout, choose_columns
from tvgnn_cli.io.edge_header import Names
from tvgnn_cli.io.edge_list import graph_of
from tvgnn_cli.io.edge_rows import Sifted, sift
from tvgnn_cli.io.encoding import encode_texts
from tvgnn_cli.io.matrix_layout import FEWEST, layouts_of
from tvgnn_cli.io.matrix_table import Table, graph_of_matrix
from tvgnn_cli.io.parquet import batches, floats_of
from tvgnn_cli.io.parquet_file import ParquetFile
from tvgnn_cli.io.roles import to_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted

LOOKED_AT = 100
"""Rows by which columns are told."""


@dataclass(frozen=True)
class ParquetTable:
    """A table of edges, of which columns are read where they are asked for.

    Args:
        source: the file.
        names: of the columns that are looked at.
        rows: of the table.
        where: empty: a Parquet file has no lines.
    """

    source: Source
    names: list[str]
    rows: int
    where: str = ""

    @property
    def label(self) -> str:
        return self.source.label

    @property
    def width(self) -> int:
        return len(self.names)

    def first(self) -> list[list[str]]:
        """The first rows, as cells of text."""
        batch = next(batches(self.source, self.names, LOOKED_AT, None), None)
        if batch is None:
            return []
        columns = [list(map(_cell, column.to_pylist())) for column in batch.columns]
        return [list(row) for row in zip(*columns, strict=True)]

    def spread(self) -> list[list[str]]:
        """No rows: whole columns are looked at."""
        return []

    def whole(self, column: int) -> pa.ChunkedArray:
        """All cells of a column as text."""
        parts = batches(self.source, [self.names[column]], parquet.EDGE_ROWS)
        chunks = [_texts(part.column(0)) for part in parts]
        return pa.chunked_array(chunks, pa.string())


def read_parquet_edges(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a table of edges: two columns of ids, whole numbers or text, and optionally of weights.

    Columns are told as those of edge lists are, whose header gives the names.

    Raises:
        InputError: no such columns, ids of another type, unusable weights, an adjacency matrix.
    """
    with ParquetFile(source) as file:
        schema, rows = file.schema, file.num_rows
    names = [name for name in schema.names if not name.startswith("__index_level_")]
    if len(names) < 2:
        found = f"columns {', '.join(names)[:120]}" if names else "has no columns"
        raise InputError(f"{source.label}: {found}; an edge list has two, or three with weights")
    if not rows:
        raise InputError(f"{source.label}: holds no edges")
    listed = ParquetTable(source, schema.names, rows)
    wanted = wanted or Wanted()
    matrix = _matrix(listed, wanted)
    if matrix is not None:
        return to_graph(matrix, wanted)
    table = ParquetTable(source, names, rows)
    layout = replace(
        choose_columns(table, Names(tuple(names), True), table.first(), wanted),
        always_named=True,
    )
    sifted, weight, told = _read(schema, source, names, layout)
    kept: dict[str, Column] = {}
    if wanted.keep_attributes:
        kept = {} if weight is None else {"weight": Column(weight)}
        kept |= {names[i]: _attribute(source, names[i], sifted.kept) for i in layout.unread}
    read = PropertyGraph(
        ids=sifted.ends.ids,
        tail=sifted.ends.tail,
        head=sifted.ends.head,
        edge_attributes=kept,
        label=source.label,
        name=source.stem,
        notes=(*told, *sifted.told, *layout.notes()),
    )
    return graph_of(read, weight, wanted)


def _matrix(table: ParquetTable, wanted: Wanted) -> PropertyGraph | None:
    """The graph of an adjacency matrix, whose rows the index may name; None of other tables."""
    layouts = [each for each in layouts_of(table.names, table.first()) if each.headed]
    if table.width < FEWEST or not layouts or wanted.source or wanted.target:
        return None

    parts = pa.Table.from_batches(batches(table.source, table.names, parquet.EDGE_ROWS))

    def numbers(column: int, _: list[str]) -> np.ndarray:
        return _weights(parts.column(column), table.names[column], table.source)

    cells = [_texts(parts.column(0)), *parts.columns[1:-1], _texts(parts.column(table.width - 1))]
    return graph_of_matrix(
        Table(table.label, table.names, cells, numbers), layouts, table.source.stem, wanted
    )


def _attribute(source: Source, name: str, kept: np.ndarray | None) -> Column:
    """A column that is not read, of the rows that are edges."""
    parts = [part.column(0) for part in batches(source, [name], parquet.EDGE_ROWS)]
    column = column_of_array(pa.chunked_array(parts, parts[0].type))
    return column if kept is None else column.take(np.flatnonzero(kept))


def _read(
    schema: pa.Schema, source: Source, names: list[str], layout: Layout
) -> tuple[Sifted, np.ndarray | None, tuple[str, ...]]:
    """The edges, their weights, and what is said of the ids."""
    places = [layout.tail, layout.head] + ([] if layout.weight is None else [layout.weight])
    columns = [names[place] for place in places]
    for name in columns[:2]:
        _check_ids(schema.field(name), source)
    found: list[list[Any]] = [[], []]
    weights = []
    rounded: dict[str, int] = {}
    for batch in batches(source, columns, parquet.EDGE_ROWS):
        for name, column in zip(columns[:2], batch.columns, strict=False):
            digits = _rounded_beyond(column)
            if digits is not None:
                rounded[name] = digits
        for parts, name, column in zip(found, columns, batch.columns, strict=False):
            parts.append(_ids(column, name, source))
        if layout.weight is not None:
            weights.append(_weights(batch.column(2), columns[2], source))
    kinds = {part.type for parts in found for part in parts}
    if len(kinds) > 1:
        whole = all(pa.types.is_integer(kind) and kind != pa.uint64() for kind in kinds)
        kind = pa.int64() if whole else pa.string()
        found = [[part.cast(kind) for part in parts] for parts in found]
    ends = encode_texts(*(pa.chunked_array(parts) for parts in found))
    none = np.zeros(0, dtype=np.int64)
    sifted = sift(ends, none, lambda row: f"row {row + 1}", source.label)
    told = tuple(
        f"ids in column '{name}' are whole numbers: 1.0 is read as 1"
        for name in columns[:2]
        if pa.types.is_floating(schema.field(name).type)
    ) + tuple(
        f"ids in column '{name}' are {_FLOATS[digits]} of 2^{digits} and more, which rounds them: "
        "different ids may have become one; write them as int64 or text"
        for name, digits in rounded.items()
    )
    weight = np.concatenate(weights) if weights else None
    return sifted, None if weight is None else _usable(weight, sifted.kept, source), told


_FLOATS = {53: "float64", 24: "float32", 11: "float16"}
"""Types of floats, by the digits that whole numbers have in them."""


def _rounded_beyond(column: Any) -> int | None:
    """The binary digits of floats, where some are whole numbers that may be rounded; else None."""
    if not pa.types.is_floating(column.type):
        return None
    digits = next(d for d, kind in _FLOATS.items() if pa.type_for_alias(kind) == column.type)
    largest = pc.max(pc.abs(column.cast(pa.float64()))).as_py()
    return digits if largest is not None and largest >= 2.0**digits else None


def _cell(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()


def _check_ids(field: pa.Field, source: Source) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if not (text or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise InputError(
            f"{source.label}: column '{field.name}' has type {field.type}; vertex ids are whole "
            "numbers or text"
        )


def _ids(column: Any, name: str, source: Source) -> Any:
    """Ids as whole numbers, or as text where some are missing, which are empty; and fractions that
    are whole numbers, as pandas makes them where some are missing.
    """
    if pa.types.is_floating(column.type):
        try:
            column = pc.replace_with_mask(column, pc.is_nan(column), pa.scalar(None, column.type))
            column = column.cast(pa.int64())
        except pa.ArrowInvalid:
            raise InputError(
                f"{source.label}: column '{name}' has type {column.type}; vertex ids are whole "
                "numbers or text"
            ) from None
    if pa.types.is_integer(column.type) and not column.null_count:
        return column
    return _texts(column)


def _texts(column: Any) -> Any:
    """Cells as trimmed text; what is missing is empty."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        texts = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        texts = pa.array(map(_cell, column.to_pylist()), pa.string())
    texts = pc.fill_null(texts, "") if texts.null_count else texts
    return pc.utf8_trim_whitespace(texts)


def _weights(column: Any, name: str, source: Source) -> np.ndarray:
    try:
        return floats_of(column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise InputError(
            f"{source.label}: column '{name}' has type {column.type}; weights are numbers"
        ) from None


def _usable(weight: np.ndarray, kept: np.ndarray | None, source: Source) -> np.ndarray:
    """The weights of the rows that are edges.

    Raises:
        InputError: naming the first row whose weight is none.
    """
    bad = ~(np.isfinite(weight) & (weight >= 0))
    places = np.flatnonzero(bad if kept is None else bad & kept)
    if len(places):
        raise InputError(
            f"{source.label}: row {int(places[0]) + 1}: weight {weight[places[0]]} is not "
            "allowed; weights are similarities: finite, at least 0; `weight` none counts edges "
            "alike"
        )
    return weight if kept is None else weight[kept]
