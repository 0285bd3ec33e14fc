"""A Parquet file: its description, checked once, and its columns, bounded by what the file holds.

pyarrow has no list of what a damaged file may raise, and reads pages as they are asked for. So all
that is asked of it is asked here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from tvgnn_cli.errors import InputError, first_and_rest, reason_of
from tvgnn_cli.io.arrow_sizes import OF_TEXT, longest_shared, look_at_times, unpacked_size
from tvgnn_cli.io.bounds import refuse_unpacked
from tvgnn_cli.io.names import twice
from tvgnn_cli.io.parquet_footer import value_counts
from tvgnn_cli.io.source import Source

ROWS = 2**20
"""Rows that are read at a time, unless another number is asked for."""

ALWAYS = 2**28
"""Bytes that the columns of any file may take."""

REMEDY = "write it as text (.csv)"


class ParquetFile:
    """A Parquet file of which the description has been read. Close it by `with`.

    Args:
        source: the file.

    Raises:
        InputError: it is missing, empty, no Parquet file, or its description is damaged; two
            columns have one name.
    """

    def __init__(self, source: Source) -> None:
        self.label = source.label
        self._handle = _unpacked_handle(source)
        try:
            self.size = self._handle.seek(0, 2)
            with self._faults("not a Parquet file"):
                self._file = pq.ParquetFile(self._handle)
                self.schema: pa.Schema = self._file.schema_arrow
                self.names: list[str] = list(self.schema.names)
                self.num_rows = self._checked_rows()
            repeated = twice(self.names)
            if repeated:
                raise InputError(
                    f"{self.label}: more than one column is named {first_and_rest(repeated)}"
                )
        except BaseException:
            self._handle.close()
            raise

    def __enter__(self) -> ParquetFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._handle.close()

    @cached_property
    def index_columns(self) -> list[str]:
        """Names of the columns that pandas had as its index.

        Raises:
            InputError: pandas' metadata are damaged.
        """
        kept = (self.schema.metadata or {}).get(b"pandas")
        if kept is None:
            return []
        try:
            index = json.loads(kept)["index_columns"]
            if not isinstance(index, list) or any(not isinstance(i, str | dict) for i in index):
                raise TypeError("its index_columns are no list of names")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(
                f"{self.label}: what pandas wrote of the columns is damaged ({reason_of(error, 80)}"
                "); write the file again with pandas.DataFrame.to_parquet"
            ) from None
        return [name for name in index if isinstance(name, str) and name in self.names]

    def batches(
        self, columns: list[str], rows: int = ROWS, always: int | None = ALWAYS
    ) -> Iterator[pa.RecordBatch]:
        """Some columns, so many rows at a time. A text that many rows share is one in the file, and
        is many in memory: such columns are measured before they are read.

        Args:
            columns: their names.
            rows: at a time.
            always: bytes that they may take whatever the file's size is; None where the caller
                does not keep them.

        Raises:
            InputError: the file is damaged, or has lost columns since it was looked at; or they
                take far more than the file.
        """
        if not columns:
            return
        kinds = pa.schema([self.schema.field(name) for name in columns])
        shared = always is not None and self._may_be_large(columns, always)
        taken, found = 0, 0
        for batch in self._read(columns, rows, shared):
            found += batch.num_rows
            if shared and always is not None:
                taken += sum(unpacked_size(column) for column in batch.columns)
                self._refuse_large(taken, always)
            with self._faults("the Parquet file is damaged"):
                batch = batch.cast(kinds) if shared else batch
            yield batch
        if found != self.num_rows:
            raise InputError(
                f"{self.label}: the Parquet file is damaged ({found:,} rows of {self.num_rows:,})"
            )

    def values(self, batch: pa.RecordBatch) -> list[dict[str, Any]]:
        """The rows of a batch as values of Python.

        Raises:
            InputError: a value that Python has none for, as a time of the year 300,000.
        """
        with self._faults("the Parquet file is damaged"):
            rows: list[dict[str, Any]] = batch.to_pylist()
            return rows

    def table(self, columns: list[str] | None = None, always: int = ALWAYS) -> pa.Table:
        """Some columns, or all of them, whole.

        Raises:
            InputError: as `batches`.
        """
        columns = self.names if columns is None else columns
        schema = pa.schema([self.schema.field(name) for name in columns])
        parts = list(self.batches(columns, ROWS, always))
        with self._faults("the Parquet file is damaged"):
            return pa.Table.from_batches([part.cast(schema) for part in parts], schema)

    def _read(self, columns: list[str], rows: int, shared: bool) -> Iterator[pa.RecordBatch]:
        """Batches with the given columns, checked; texts once each where they are `shared`."""
        with self._faults("the Parquet file is damaged"):
            file = self._with_shared_texts() if shared else self._file
            for batch in file.iter_batches(batch_size=rows, columns=columns):
                chosen = batch.select(columns)
                chosen.validate(full=True)  # the parser does not look at texts
                for column in chosen.columns:
                    look_at_times(column)
                yield chosen

    def _with_shared_texts(self) -> pq.ParquetFile:
        """The same file, in which a text that many rows share is read once."""
        paths = [leaf.path for leaf in self._leaves() if leaf.physical_type == "BYTE_ARRAY"]
        return pq.ParquetFile(self._handle, metadata=self._file.metadata, read_dictionary=paths)

    def _leaves(self) -> list[Any]:
        """The columns as the file stores them, of which a nested one is several."""
        schema = self._file.schema
        return [schema.column(i) for i in range(len(schema))]

    def _checked_rows(self) -> int:
        described = self._file.metadata
        groups = [described.row_group(i).num_rows for i in range(described.num_row_groups)]
        if min(groups, default=0) < 0 or sum(groups) != described.num_rows:
            raise ValueError(f"it says that {described.num_rows:,} rows are {sum(groups):,}")
        return int(described.num_rows)

    def _may_be_large(self, columns: Iterable[str], always: int) -> bool:
        """Tell whether columns could take more than `always`, were each text as long as the longest
        that rows share.

        Raises:
            InputError: they take far more than the file, whatever their texts are.
        """
        with self._faults("the Parquet file is damaged"):
            parts = list(self._parts(columns))
        least = sum(part.least for part in parts)
        self._refuse_large(least, always)
        with self._faults("the Parquet file is damaged"):
            shared, most = self._with_shared_texts(), least
            most += sum({part.group: part.stored for part in parts if part.is_text}.values())
            for part in parts:
                if part.is_text and part.count * part.stored > always:
                    most += part.count * _longest_shared(shared, part)
        return most > always

    def _parts(self, columns: Iterable[str]) -> Iterator[_Part]:
        """Descriptions of some columns, in each group of rows."""
        leaves = self._leaves()
        chosen = [
            i
            for i, leaf in enumerate(leaves)
            if any(leaf.path == name or leaf.path.startswith(f"{name}.") for name in columns)
        ]
        listed = any(leaves[i].max_repetition_level for i in chosen)
        counts = value_counts(self._handle) if listed else []
        for group in range(self._file.metadata.num_row_groups):
            described = self._file.metadata.row_group(group)
            for i in chosen:
                leaf, rows = leaves[i], described.num_rows
                count = counts[group][i] if leaf.max_repetition_level else rows
                if min(count, described.total_byte_size) < 0:
                    raise ValueError(f"column {leaf.path}: {count} values")
                is_text = leaf.physical_type == "BYTE_ARRAY"
                width = OF_TEXT if is_text else leaf.length or 8
                stored = described.total_byte_size
                yield _Part(group, leaf.path, is_text, count, stored, count * width)

    def _refuse_large(self, taken: int, always: int) -> None:
        refuse_unpacked(self.size, taken, self.label, "its columns", REMEDY, always)

    @contextmanager
    def _faults(self, what: str) -> Iterator[None]:
        """Turn whatever pyarrow raises into an error of the input."""
        try:
            yield
        except (InputError, MemoryError):
            raise
        except Exception as error:
            raise InputError(f"{self.label}: {what} ({reason_of(error)})") from None


@dataclass(frozen=True)
class _Part:
    """Description of a column in a group of rows, by the file.

    Args:
        group: of rows, from 0.
        path: of the column, as the file stores it.
        is_text: whether its values are texts, of any length.
        count: of its values.
        stored: bytes that pages of the group take once they are unpacked.
        least: bytes that they take in memory, whatever the texts are.
    """

    group: int
    path: str
    is_text: bool
    count: int
    stored: int
    least: int


def _unpacked_handle(source: Source) -> BinaryIO:
    """The file to read from; unpacked, where it is compressed as a whole."""
    handle = source.open()
    packed = handle.read(2) == b"\x1f\x8b"
    handle.seek(0)
    if packed:
        handle.close()
        return io.BytesIO(source.read_bytes())
    return handle


def _longest_shared(file: pq.ParquetFile, part: _Part) -> int:
    """Bytes of the longest text that rows of a group may share: the first row brings them all."""
    for batch in file.iter_batches(batch_size=1, row_groups=[part.group], columns=[part.path]):
        return max(map(longest_shared, batch.columns), default=0)
    return 0
