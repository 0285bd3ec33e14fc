"""Parquet files, of which the needed columns are read, a group of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph import Graph
from tvgnn_cli.io.arrow_columns import column_of_array
from tvgnn_cli.io.attribute_choice import Asked, Chosen, choose_by_name
from tvgnn_cli.io.edge_meaning import left_unread, refuse_distances
from tvgnn_cli.io.encoding import encode_texts
from tvgnn_cli.io.names import KEY_NAMES, NEVER_WEIGHTS, find_ends, fold, rank_of_weight
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import NONE, Wanted, find_named
from tvgnn_cli.stored import StoredFeatures

EDGE_ROWS = 2**20
"""Edges that are read at a time."""


def open_parquet(source: Source) -> pq.ParquetFile:
    """The file, of which nothing but its description is read.

    Raises:
        InputError: it is missing, empty, or no Parquet file.
    """
    handle = source.open()
    try:
        file = pq.ParquetFile(handle)
    except (pa.ArrowInvalid, OSError) as error:
        handle.close()
        raise InputError(f"{source.label}: not a Parquet file ({error})") from None
    names = file.schema_arrow.names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        file.close()
        raise InputError(f"{source.label}: more than one column is named {first_and_rest(twice)}")
    return file


def batches(source: Source, columns: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    """Those columns, so many rows at a time.

    Raises:
        InputError: the file is damaged, or has lost columns since it was looked at.
    """
    with open_parquet(source) as file:
        try:
            for batch in file.iter_batches(batch_size=rows, columns=columns):
                yield batch.select(columns)
        except (pa.ArrowInvalid, OSError, KeyError) as error:
            raise InputError(f"{source.label}: the Parquet file is damaged ({error})") from None


@dataclass(frozen=True)
class FeatureTable:
    """A table of vertex features, of which the ids have been read.

    Args:
        source: the file.
        ids: of its rows, as text.
        columns: names of the feature columns.
    """

    source: Source
    ids: list[str]
    columns: list[str]

    @classmethod
    def look(
        cls, source: Source, at_least: int, asked: Asked = None
    ) -> tuple[FeatureTable, Chosen] | None:
        """Read the ids, if the features take so many bytes and are numbers; and what became of the
        columns, by their names and types.

        Raises:
            InputError: no Parquet file; a column that is asked for and not there.
        """
        with open_parquet(source) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            names = list(schema.names)
            if 4 * rows * (len(names) - 1) < at_least:
                return None
            key = _key(schema)
            kinds = {name: _kind(schema.field(name).type) for name in names if name != key}
            chosen = choose_by_name(kinds, asked, source.label)
            known = asked if isinstance(asked, Sequence) and not isinstance(asked, str) else ()
            if any(kinds[name] is not None for name in chosen.sources) or any(
                name not in kinds and name.rpartition("=")[0] in kinds for name in known
            ):
                return None  # a category that is asked for
            ids = column_of_array(file.read(columns=[key]).column(0)).texts()
        return cls(source, ids, list(chosen.sources)), chosen

    def stored(self, row_of: np.ndarray) -> ParquetFeatures:
        """The features, given the row of each vertex, `[n]`."""
        vertices = np.empty_like(row_of)
        vertices[row_of] = np.arange(len(row_of))
        shape = len(row_of), len(self.columns)
        return ParquetFeatures(self.source.label, shape, vertices, table=self)


@dataclass(frozen=True, eq=False)
class ParquetFeatures(StoredFeatures):
    """Rows of a table, each of the vertex that its id names."""

    table: FeatureTable | None = None

    def rows(self, count: int) -> Iterator[np.ndarray]:
        assert self.table is not None
        for batch in batches(self.table.source, self.table.columns, count):
            narrow = all(kind in EXACT_IN_FLOAT32 for kind in batch.schema.types)
            values = np.empty((batch.num_rows, batch.num_columns), "f4" if narrow else "f8")
            for i, column in enumerate(batch.columns):
                values[:, i] = _floats(column)
            yield values

    def with_columns(self, order: np.ndarray) -> ParquetFeatures:
        assert self.table is not None
        columns = [self.table.columns[i] for i in order]
        summary = None if self.summary is None else self.summary.of_columns(order)
        table, shape = replace(self.table, columns=columns), (self.shape[0], len(columns))
        return replace(self, table=table, shape=shape, summary=summary)


EXACT_IN_FLOAT32 = {
    pa.bool_(), pa.int8(), pa.int16(), pa.uint8(), pa.uint16(), pa.float16(), pa.float32(),
}  # fmt: skip


def _floats(column: Any) -> np.ndarray:
    """A column of numbers, float64; NaN where there is none.

    Raises:
        ArrowInvalid, ArrowNotImplementedError: it holds no numbers.
    """
    is_whole = pa.types.is_integer(column.type)
    # Whole numbers beyond 2^53 lose digits, as they do in every other kind of file.
    values = column.cast(pa.float64(), safe=not is_whole)
    floats: np.ndarray = pc.fill_null(values, float("nan")).to_numpy(zero_copy_only=False)
    return floats


def _key(schema: pa.Schema) -> str:
    """The column of ids: one of that name, or the index that pandas wrote, or else the first."""
    named = [name for name in schema.names if fold(name) in KEY_NAMES]
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    written = [name for name in index if isinstance(name, str) and name in schema.names]
    key: str = [*named, *written, *schema.names][0]
    return key


def _kind(kind: pa.DataType) -> str | None:
    """None for numbers, "" for text, and the name of any other type."""
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return None
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return "" if pa.types.is_string(value) or pa.types.is_large_string(value) else str(kind)


def read_parquet_edges(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a table of edges: two columns of ids, whole numbers or text, and optionally of weights.

    Columns are told by the names that edge lists know; without such names they are the first two,
    and the third of three.

    Raises:
        InputError: no such columns, ids that are missing or of another type, unusable weights.
    """
    with open_parquet(source) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
    tail, head, weight, notes = _edge_columns(schema, source, wanted or Wanted())
    if not rows:
        raise InputError(f"{source.label}: holds no edges")
    for name in (tail, head):
        _check_ids(schema.field(name), source)
    columns = [name for name in (tail, head, weight) if name is not None]
    tails, heads, weights = [], [], []
    seen = 0
    for batch in batches(source, columns, EDGE_ROWS):
        ends = [_without_dictionary(batch.column(i)) for i in (0, 1)]
        for name, column in zip((tail, head), ends, strict=True):
            if column.null_count:
                row = seen + int(np.flatnonzero(column.is_null())[0]) + 1
                raise InputError(f"{source.label}: row {row}: column '{name}' has no vertex id")
        tails.append(ends[0])
        heads.append(ends[1])
        if weight is not None:
            weights.append(_weights(batch.column(2), weight, seen, source))
        seen += batch.num_rows
    read = encode_texts(pa.chunked_array(tails), pa.chunked_array(heads))
    found = None if weight is None else np.concatenate(weights)
    return Graph.from_edges(
        read.ids, read.tail, read.head, found, name=source.stem, explicit_ids=True, notes=notes
    )


def _edge_columns(
    schema: pa.Schema, source: Source, wanted: Wanted
) -> tuple[str, str, str | None, tuple[str, ...]]:
    """Names of the columns of ends and of the weight, and what is said of the others."""
    names = [name for name in schema.names if not name.startswith("__index_level_")]
    given = [
        None if asked is None else names[find_named(asked, names, option, source.label, "column")]
        for asked, option in ((wanted.source, "--source"), (wanted.target, "--target"))
    ]
    named = find_ends(names)
    if None in given and named is None and len(names) not in (2, 3):
        raise InputError(
            f"{source.label}: columns {', '.join(names)[:120]}; an edge list has two, or three "
            "with weights: say which with --source, --target and --weight"
        )
    guessed = [names[i] for i in named or (0, 1)]
    tail, head = (asked or guess for asked, guess in zip(given, guessed, strict=True))
    if tail == head:
        raise InputError(
            f"{source.label}: both ends are column '{tail}'; name --source and --target"
        )
    rest = [name for name in names if name not in (tail, head)]
    weight = _weight_column(schema, rest, source, wanted, named is not None)
    unread = [name for name in rest if name != weight]
    notes = () if weight is None else (f"weights: column '{weight}'",)
    return tail, head, weight, (*notes, *left_unread(unread, "edge columns", weight, wanted.weight))


def _weight_column(
    schema: pa.Schema, rest: list[str], source: Source, wanted: Wanted, ends_are_named: bool
) -> str | None:
    asked = wanted.weight
    if asked is not None and asked.lower() == NONE and asked not in rest:
        return None
    if asked is not None:
        return rest[find_named(asked, rest, "--weight", source.label, "column")]
    named = [name for name in rest if fold(name) == "weight"]
    if named:
        return named[0]  # values that are no numbers are refused
    numbers = [name for name in rest if _is_number(schema.field(name).type)]
    ranked = [(rank, name) for name in numbers if (rank := rank_of_weight(name)) is not None]
    if ranked:
        return min(ranked)[1]
    refuse_distances(numbers, source.label)
    alone = len(rest) == 1 and not ends_are_named and bool(numbers)
    return rest[0] if alone and fold(rest[0]) not in NEVER_WEIGHTS else None


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _check_ids(field: pa.Field, source: Source) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if not (text or pa.types.is_integer(kind)):
        raise InputError(
            f"{source.label}: column '{field.name}' has type {field.type}; vertex ids are whole "
            "numbers or text"
        )


def _without_dictionary(column: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column


def _weights(column: Any, name: str, seen: int, source: Source) -> np.ndarray:
    try:
        weight = _floats(column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise InputError(
            f"{source.label}: column '{name}' has type {column.type}; weights are numbers"
        ) from None
    bad = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if len(bad):
        raise InputError(
            f"{source.label}: row {seen + int(bad[0]) + 1}: weight {weight[bad[0]]} is not "
            "allowed; weights are similarities: finite, at least 0"
        )
    return weight
