"""Vertex representations on file: a table by vertex, or a plain array."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.writers import TABLE_WRITERS, check_target, write_table

EMBEDDING_SUFFIXES = (*TABLE_WRITERS, ".npy")
"""Forms of an embedding: tables name their vertices, an array has them in input order."""


def write_embedding(
    ids: np.ndarray, x: np.ndarray, target: str, metadata: dict[str, Any], of: str = "vertex"
) -> None:
    """Write one row for each vertex: `vertex, x_0 ... x_{h-1}`, or the numbers alone to `.npy`.

    Args:
        ids: of the vertices, `[n]`.
        x: their representations, float32 `[n, h]`.
        target: a file, or `-` for CSV on standard output.
        metadata: what a Parquet file carries besides.
        of: name of the first column, "vertex" or "graph".

    Raises:
        UsageError: an unknown suffix, or a target that cannot be written.
    """
    if Path(target).suffix.lower() == ".npy":
        check_target("", target, EMBEDDING_SUFFIXES, ())
        buffer = io.BytesIO()
        np.save(buffer, x)
        write_atomically(Path(target), buffer.getvalue())
        return
    columns = {f"x_{i}": column for i, column in enumerate(x.T)}
    write_table({of: ids, **columns}, target, metadata)
