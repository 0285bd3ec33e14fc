"""Parquet files, of which the needed columns are read, a group of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph.stored_features import StoredFeatures
from tvgnn_cli.io.arrow_columns import column_of_array, ids_of
from tvgnn_cli.io.attribute_choice import Asked, Chosen, choose_by_name
from tvgnn_cli.io.attribute_names import named_alike
from tvgnn_cli.io.names import KEY_NAMES, fold
from tvgnn_cli.io.parquet_file import ALWAYS, ParquetFile
from tvgnn_cli.io.source import Source

EDGE_ROWS = 2**20
"""Edges that are read at a time."""


def batches(
    source: Source, columns: list[str], rows: int, always: int | None = ALWAYS
) -> Iterator[pa.RecordBatch]:
    """Those columns, so many rows at a time, see `ParquetFile.batches`.

    Raises:
        InputError: the file is damaged, or has lost columns since it was looked at.
    """
    with ParquetFile(source) as file:
        lost = [name for name in columns if name not in file.names]
        if lost:
            raise InputError(f"{source.label}: has lost its column {first_and_rest(lost)}")
        yield from file.batches(columns, rows, always)


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
        cls, source: Source, at_least: int, asked: Asked = None, truth: str | None = None
    ) -> tuple[FeatureTable, Chosen] | None:
        """Read the ids, if the features take so many bytes and are numbers; and what became of the
        columns, by their names and types. The column of the true class is no feature unasked.

        Raises:
            InputError: no Parquet file; a column that is asked for and not there.
        """
        with ParquetFile(source) as file:
            schema, rows, names = file.schema, file.num_rows, file.names
            if 4 * rows * (len(names) - 1) < at_least:
                return None
            key = _key(file)
            kinds = {name: _kind(schema.field(name).type) for name in names if name != key}
            chosen = choose_by_name(kinds, asked, source.label, named_alike(truth, kinds))
            known = asked if isinstance(asked, Sequence) and not isinstance(asked, str) else ()
            if any(kinds[name] is not None for name in chosen.sources) or any(
                name not in kinds and name.rpartition("=")[0] in kinds for name in known
            ):
                return None  # a category that is asked for
            ids = ids_of(column_of_array(file.table([key]).column(0)))
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
        for batch in batches(self.table.source, self.table.columns, count, None):
            narrow = all(kind in EXACT_IN_FLOAT32 for kind in batch.schema.types)
            values = np.empty((batch.num_rows, batch.num_columns), "f4" if narrow else "f8")
            for i, column in enumerate(batch.columns):
                values[:, i] = floats_of(column)
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


def floats_of(column: Any) -> np.ndarray:
    """A column of numbers, float64; NaN where there is none.

    Raises:
        ArrowInvalid, ArrowNotImplementedError: it holds no numbers.
    """
    is_whole = pa.types.is_integer(column.type)
    # Whole numbers beyond 2^53 lose digits, as they do in every other kind of file.
    values = column.cast(pa.float64(), safe=not is_whole)
    floats: np.ndarray = pc.fill_null(values, float("nan")).to_numpy(zero_copy_only=False)
    return floats


def _key(file: ParquetFile) -> str:
    """The column of ids: the one of the likeliest name, or the index that pandas wrote, or else the
    first.
    """
    named = [name for known in KEY_NAMES for name in file.names if fold(name) == known]
    return [*named, *file.index_columns, *file.names][0]


def _kind(kind: pa.DataType) -> str | None:
    """None for numbers, "" for text, and the name of any other type."""
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return None
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return "" if pa.types.is_string(value) or pa.types.is_large_string(value) else str(kind)
