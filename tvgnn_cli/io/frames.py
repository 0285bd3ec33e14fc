"""Tables of edges that are in memory: a DataFrame of pandas or polars, a table of pyarrow."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.parquet_edges import read_parquet_edges
from tvgnn_cli.io.readers import NO_ATTRIBUTES, TABLES
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted


def read_frame(frame: Any, label: str, wanted: Wanted) -> Graph:
    """Read a table of edges, whatever library holds it, by the rules of a Parquet file of it.

    Args:
        frame: what has Arrow's stream of columns (`__arrow_c_stream__`).
        label: name of it in messages.
        wanted: columns that are asked for.

    Raises:
        UsageError: an option that a table of edges has no use for.
        InputError: columns that Arrow has no type for; as `read_parquet_edges`.
    """
    wanted.refuse(f"{label} {TABLES}", *NO_ATTRIBUTES, "header")
    written = io.BytesIO()
    try:
        pq.write_table(pa.table(frame), written, compression="none", use_dictionary=False)
    except (pa.ArrowException, TypeError, ValueError) as error:
        parts = error.args if isinstance(error, pa.ArrowException) else (error,)
        reason = "; ".join(map(str, parts))
        raise InputError(f"{label}: pyarrow.table does not take it ({reason[:200]})") from None
    source = Source(label, held=written.getvalue(), form=".parquet")
    return replace(read_parquet_edges(source, wanted), name="graph")
