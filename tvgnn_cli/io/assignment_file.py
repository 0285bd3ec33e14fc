"""Soft assignments, from the tables that `tvgnn cluster` writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tvgnn_cli.errors import InputError


def read_assignment(path: Path) -> np.ndarray:
    """S, float32 `[n, k]`, from the columns `p_0 ... p_{K-1}` of a `.csv`, `.tsv` or `.parquet`.

    Raises:
        InputError: the file cannot be read, or has no such columns.
    """
    import pandas as pd

    try:
        if path.suffix.lower() == ".parquet":
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(path, sep="\t" if path.suffix.lower() == ".tsv" else ",")
    except Exception as error:  # readers raise many kinds
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: cannot be read as a table: {said}") from None
    if not len(frame):
        raise InputError(f"{path}: has no vertices")
    names = [str(name) for name in frame.columns if str(name).startswith("p_")]
    if not names or names != [f"p_{k}" for k in range(len(names))]:
        raise InputError(
            f"{path}: has no columns p_0, p_1, ...; only methods that are trained end to end give "
            "soft assignments"
        )
    try:
        found: np.ndarray = frame[names].to_numpy(dtype=np.float32)
    except ValueError:
        raise InputError(f"{path}: columns p_0, p_1, ... are not all numbers") from None
    if not np.isfinite(found).all():
        raise InputError(f"{path}: columns p_0, p_1, ... are not all finite numbers")
    rows = np.flatnonzero((found < 0).any(axis=1) | (np.abs(found.sum(axis=1) - 1) > 1e-3))
    if len(rows):
        raise InputError(f"{path}: row {rows[0] + 1}: p_0, p_1, ... are no probabilities")
    return found
