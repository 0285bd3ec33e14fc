"""The rows of an experiment on disk: one file for each run, or a table of many."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.io.datasets import DATASETS
from tvgnn_cli.io.places import found_in
from tvgnn_cli.io.writers import write_rows
from tvgnn_cli.jobs.ledger import read_row
from tvgnn_cli.methods import METHODS
from tvgnn_cli.reproduction.plan import PROTOCOLS, Planned

COLUMNS = (
    "protocol", "method", "dataset", "seed", "nmi", "acc", "ari", "loss", "epochs",
    "clusters_used", "sharpness", "off_diagonal_mass", "modularity", "cut_fraction", "seconds",
    "seconds_per_epoch", "peak_memory_mb", "threads", "command", "settings", "version_tvgnn",
    "version_python", "version_torch", "version_scikit-learn", "input_fingerprint",
)  # fmt: skip
"""Metrics of each run that a table of rows has."""

NUMBERS = tuple(
    metric.name for metric in METRICS if metric.name in COLUMNS and metric.kind is float
)
"""Those that are numbers, where they are there."""

Row = Mapping[str, Any]


def row_of(planned: Planned, metrics: Mapping[str, Any]) -> Row:
    """Select what is kept of a run's metrics."""
    about = {
        "protocol": planned.protocol,
        "dataset": planned.dataset,
        "command": planned.command,
        "settings": planned.settings,
    }
    return {name: about.get(name, metrics.get(name)) for name in COLUMNS}


def rows_in(folder: Path) -> dict[str, Row]:
    """The rows of a folder by the key of their run: one in each `.json`, many in a `.csv`.

    Raises:
        InputError: a file that holds none, or one of whose rows a score is missing.
    """
    rows: dict[str, Row] = {}
    for path in (*found_in(folder, "*.csv"), *found_in(folder, "*.json")):
        where = ""
        try:
            table = path.suffix == ".csv"
            read = _table(path) if table else [read_row(path)]
            for number, row in enumerate(read, 2):
                where = f"line {number}: " if table else ""
                checked = _checked(row)
                rows[_key(checked)] = checked
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            said = where + (f"no '{error.args[0]}'" if isinstance(error, KeyError) else str(error))
            raise InputError(
                f"{path}: is not a row of a run, or a table of them ({said}); remove it, or export "
                "it anew"
            ) from None
    return rows


def _table(path: Path) -> list[Row]:
    import pandas as pd

    frame = pd.read_csv(path, float_precision="round_trip")
    cells: list[Row] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return cells


def _checked(row: Row) -> Row:
    """The row, if it says which run it is of and what came of it.

    Raises:
        ValueError, KeyError, TypeError: it does not.
    """
    for name in ("protocol", "method", "dataset"):
        if not isinstance(row[name], str):
            raise ValueError(f"{name} is {row[name]!r:.40}")
    for name in ("seed", "nmi", "acc", "clusters_used", "seconds", "peak_memory_mb"):
        if row[name] is None:
            raise ValueError(f"a row lacks its {name}")
    for name in NUMBERS:
        value = row.get(name)
        if value is not None and not (isinstance(value, Real) and math.isfinite(value)):
            raise ValueError(f"{name} is {value!r:.40}")
    if not 0 <= row["seed"] < 2**32:
        raise ValueError(f"seed is {row['seed']!r:.40}")
    return {name: row.get(name) for name in COLUMNS}


def current(rows: Mapping[str, Row]) -> dict[str, Row]:
    """Rows that the command and settings of today would make again."""
    return {
        key: row for key, row in rows.items() if _is_known(row) and is_done(_planned(row), rows)
    }


def _is_known(row: Row) -> bool:
    return row["method"] in METHODS and row["dataset"] in DATASETS and row["protocol"] in PROTOCOLS


def is_done(planned: Planned, rows: Mapping[str, Row]) -> bool:
    """Tell whether there is a row of it, made by the command and settings that it would
    have now.
    """
    row = rows.get(planned.key)
    made = None if row is None else (row.get("command"), row.get("settings"))
    return made == (planned.command, planned.settings)


def _planned(row: Row) -> Planned:
    return Planned(row["protocol"], row["method"], row["dataset"], int(row["seed"]))


def _key(row: Row) -> str:
    return _planned(row).key


def export(rows: Mapping[str, Row], path: Path) -> None:
    """All rows as one `.csv`, in the order of their keys.

    Raises:
        UsageError: it cannot be written.
    """
    table = [{name: row.get(name) for name in COLUMNS} for _, row in sorted(rows.items())]
    write_rows(table, str(path))
