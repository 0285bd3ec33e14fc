"""Soft assignments, from the tables and AnnData files that `tvgnn cluster` writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from tvgnn_cli.errors import InputError, reason_of
from tvgnn_cli.io.content import first_bytes, form_of, held
from tvgnn_cli.io.feather import as_parquet
from tvgnn_cli.io.h5ad_clusters import read_observed_assignment
from tvgnn_cli.io.parquet import floats_of
from tvgnn_cli.io.parquet_file import ParquetFile
from tvgnn_cli.io.source import Source


def read_assignment(path: Path) -> np.ndarray:
    """S, float32 `[n, k]`, from the columns `p_0`, `p_1`, ... of a `.csv`, `.tsv` or `.parquet`,
    whose numbers rise; without gaps, unless a column `cluster` has such numbers too. Of an `.h5ad`
    it is in `obsm`.

    Raises:
        InputError: the file cannot be read, or has no such columns.
    """
    source = held(Source(str(path)))
    form = form_of(first_bytes(source))
    if form == ".feather":
        source = as_parquet(source)
    if form == ".h5ad":
        return _checked(read_observed_assignment(source), path)
    if source.suffix == ".parquet":
        with ParquetFile(source) as file:
            names, numbered = _shares(file.names)
            frame, count = file.table(names), file.num_rows
    else:
        frame = _of_text(source)
        names, numbered = _shares(frame.column_names)
        count = frame.num_rows
    if not count:
        raise InputError(f"{path}: has no vertices")
    if not numbered:
        raise InputError(
            f"{path}: has no columns p_0, p_1, ...; only methods that are trained end to end give "
            "soft assignments"
        )
    try:
        columns = [floats_of(frame.column(name)) for name in names]
    except pa.ArrowException:
        raise InputError(f"{path}: columns p_0, p_1, ... are not all numbers") from None
    return _checked(np.stack(columns, axis=1), path)


def _checked(shares: np.ndarray, path: Path) -> np.ndarray:
    """Shares as float32.

    Raises:
        InputError: they are no probabilities.
    """
    if not len(shares):
        raise InputError(f"{path}: has no vertices")
    found = shares.astype(np.float32)
    if not np.isfinite(found).all():
        raise InputError(f"{path}: columns p_0, p_1, ... are not all finite numbers")
    rows = np.flatnonzero((found < 0).any(axis=1) | (np.abs(found.sum(axis=1) - 1) > 1e-3))
    if len(rows):
        raise InputError(f"{path}: row {rows[0] + 1}: p_0, p_1, ... are no probabilities")
    return found


def _shares(names: list[str]) -> tuple[list[str], bool]:
    """The columns of shares, and whether they are numbered as those of clusters are."""
    found = [name for name in names if name.startswith("p_")]
    numbers = [name[2:] for name in found]
    if not all(each.isascii() and each.isdecimal() and len(each) < 11 for each in numbers):
        return found, False
    plain = list(map(str, sorted({int(each) for each in numbers})))
    has_gaps = plain != [str(k) for k in range(len(plain))]
    return found, bool(found) and numbers == plain and (not has_gaps or "cluster" in names)


def _of_text(source: Source) -> pa.Table:
    """A table of text whose first line names its columns.

    Raises:
        InputError: it is no such table.
    """
    import pyarrow.csv as pcsv

    data = source.read_text()
    mark = "\t" if source.suffix == ".tsv" else ","
    try:
        return pcsv.read_csv(pa.py_buffer(data), parse_options=pcsv.ParseOptions(delimiter=mark))
    except pa.ArrowException as error:
        raise InputError(f"{source.label}: cannot be read as a table: {reason_of(error)}") from None
