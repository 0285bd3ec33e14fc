"""The rows of an experiment on disk: one file for each run, or a table of many."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.writers import write_atomically, write_rows
from tvgnn_cli.reproduction.plan import Planned

COLUMNS = (
    "protocol", "method", "dataset", "seed", "nmi", "acc", "ari", "loss", "epochs",
    "clusters_used", "sharpness", "off_diagonal_mass", "modularity", "cut_fraction", "seconds",
    "seconds_per_epoch", "peak_memory_mb", "threads", "command", "settings", "version_tvgnn",
    "version_python", "version_torch", "version_scikit-learn", "input_fingerprint",
)  # fmt: skip
"""What a table of rows has of each run's metrics."""

Row = Mapping[str, Any]


def row_of(planned: Planned, metrics: Mapping[str, Any]) -> Row:
    """What is kept of a run's metrics."""
    about = {
        "protocol": planned.protocol,
        "dataset": planned.dataset,
        "command": planned.command,
        "settings": planned.settings,
    }
    return {name: about.get(name, metrics.get(name)) for name in COLUMNS}


def keep(row: Row, folder: Path) -> None:
    """Write a row as a file of its own.

    Raises:
        UsageError: it cannot be written.
    """
    data = json.dumps(row, indent=1) + "\n"
    write_atomically(folder / f"{_key(row)}.json", data.encode())


def is_done(planned: Planned, rows: Mapping[str, Row]) -> bool:
    """Whether there is a row of it, made by the command and settings that it would have now."""
    row = rows.get(planned.key)
    made = None if row is None else (row.get("command"), row.get("settings"))
    return made == (planned.command, planned.settings)


def rows_in(folder: Path) -> dict[str, Row]:
    """The rows of a folder by the key of their run: one in each `.json`, many in a `.csv`.

    Raises:
        InputError: a file that holds none.
    """
    rows: dict[str, Row] = {}
    for path in sorted(folder.glob("*.csv")):
        rows.update({_key(row): row for row in _table(path)})
    for path in sorted(folder.glob("*.json")):
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            rows[_key(row)] = row
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: is not a row of a run ({error}); remove it") from None
    return rows


def _table(path: Path) -> list[Row]:
    import pandas as pd

    try:
        frame = pd.read_csv(path)
        missing = [name for name in COLUMNS if name not in frame.columns]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: is not a table of rows ({error}); remove it") from None
    if missing:
        raise InputError(f"{path}: has no column {missing[0]!r}; is not a table of rows")
    cells: list[Row] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return cells


def _key(row: Row) -> str:
    return Planned(row["protocol"], row["method"], row["dataset"], int(row["seed"])).key


def export(rows: Mapping[str, Row], path: Path) -> None:
    """All rows as one `.csv`, in the order of their keys.

    Raises:
        UsageError: it cannot be written.
    """
    table = [{name: row.get(name) for name in COLUMNS} for _, row in sorted(rows.items())]
    write_rows(table, str(path))
