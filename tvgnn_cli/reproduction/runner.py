"""Runs what is planned, each in a process of its own, and keeps a row of each as it is done."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, InterruptionError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.writers import make_folder, write_atomically
from tvgnn_cli.methods import METHODS
from tvgnn_cli.reproduction.plan import Planned

POLL = 0.2
RESUMABLE = InterruptionError.exit_code

COLUMNS = (
    "protocol", "method", "dataset", "seed", "nmi", "acc", "ari", "loss", "epochs",
    "clusters_used", "sharpness", "off_diagonal_mass", "modularity", "cut_fraction", "seconds",
    "seconds_per_epoch", "peak_memory_mb", "threads", "command", "version_tvgnn",
    "version_python", "version_torch", "version_scikit-learn", "input_fingerprint",
)  # fmt: skip
"""What a table of rows has of each run's metrics."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Ended:
    """How a run ended: its row, or the last line that it wrote on standard error."""

    planned: Planned
    row: Row | None
    message: str = ""


def run_planned(
    planned: Sequence[Planned],
    folder: Path,
    *,
    added: Sequence[str] = (),
    interruption: Interruption | None = None,
    told: Callable[[Ended], None] | None = None,
) -> list[Ended]:
    """Run what the folder has no row of; a run that was interrupted goes on from its state.

    Args:
        planned: what there is to do.
        folder: where rows and states are kept.
        added: arguments that do not decide the result: where data sets are, threads.
        interruption: asked while a run goes on, which is then told to end.
        told: of each run that is done here.

    Raises:
        InterruptionError: it was asked to end; what is done is kept.
        UsageError: the folder cannot be written into.
    """
    make_folder("--results", folder)
    done, interruption, ended = rows_in(folder), interruption or Interruption(), []
    interruption.defer()
    for each in planned:
        if is_done(each, done):
            continue
        outcome = _run(each, folder, added, interruption)
        ended.append(outcome)
        if told is not None:
            told(outcome)
    return ended


def is_done(planned: Planned, rows: Mapping[str, Row]) -> bool:
    """Whether there is a row of it, made by the command that it would be made by now."""
    row = rows.get(planned.key)
    return row is not None and row["command"] == planned.command


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


def _run(planned: Planned, folder: Path, added: Sequence[str], interruption: Interruption) -> Ended:
    """One run to its end.

    Raises:
        InterruptionError: it was asked to end.
    """
    states = folder / "states" / planned.key
    kept: tuple[str, ...] = ()
    if METHODS[planned.method].is_trained:
        states.mkdir(parents=True, exist_ok=True)
        kept = ("--checkpoint", str(states))
    with tempfile.TemporaryDirectory() as scratch:
        metrics = Path(scratch) / "metrics.json"
        files = ("-o", f"{scratch}/clusters.csv", "--metrics", str(metrics), "-q")
        command = [sys.executable, "-m", "tvgnn_cli", *planned.arguments, *added, *kept, *files]
        errors = Path(scratch) / "errors"
        with errors.open("wb") as heard:
            code = _wait(subprocess.Popen(command, stderr=heard), interruption)
        said = errors.read_text(errors="replace").strip().splitlines()
        if code == RESUMABLE:
            reason = interruption.reason or "a run was asked to end"
            raise InterruptionError(f"{reason}; the same command goes on from there")
        if code:
            return Ended(planned, None, said[-1] if said else f"exit code {code}")
        found = json.loads(metrics.read_text())
    row = {name: found.get(name) for name in COLUMNS}
    row.update(protocol=planned.protocol, dataset=planned.dataset, command=planned.command)
    write_atomically(folder / f"{planned.key}.json", (json.dumps(row, indent=1) + "\n").encode())
    _remove(states)
    return Ended(planned, row)


def _wait(process: subprocess.Popen[bytes], interruption: Interruption) -> int:
    """Its exit code, `RESUMABLE` where it was asked to end; it is told once."""
    told = False
    while process.poll() is None:
        if interruption.reason is not None and not told:
            process.terminate()
            told = True
        time.sleep(POLL)
    asked = interruption.reason is not None and process.returncode != 0
    return RESUMABLE if asked else int(process.returncode)


def _remove(states: Path) -> None:
    with suppress(OSError):
        for path in states.iterdir():
            path.unlink()
        states.rmdir()
        states.parent.rmdir()


def export(rows: Mapping[str, Row], path: Path) -> None:
    """All rows as one `.csv`, in the order of their keys.

    Raises:
        UsageError: it cannot be written.
    """
    from tvgnn_cli.io.writers import write_rows

    write_rows([{name: row.get(name) for name in COLUMNS} for _, row in sorted(rows.items())],
               str(path))  # fmt: skip
