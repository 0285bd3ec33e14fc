"""Tables in Arrow's file format, which pandas and polars call Feather."""

from __future__ import annotations

import io
from dataclasses import replace

import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq

from tvgnn_cli.errors import InputError, reason_of
from tvgnn_cli.io.source import Source


def as_parquet(source: Source) -> Source:
    """The same table in Parquet's form, in memory.

    Raises:
        InputError: the file is damaged, or holds columns that Parquet has no place for.
    """
    written = io.BytesIO()
    try:
        table = pf.read_table(io.BytesIO(source.read_bytes()), memory_map=False)
        table.validate(full=True)
        pq.write_table(table, written, compression="none", use_dictionary=False)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{source.label}: cannot be read as Feather ({reason_of(error)}); write it with "
            "pandas.DataFrame.to_parquet"
        ) from None
    return replace(source, held=written.getvalue(), form=".parquet")
