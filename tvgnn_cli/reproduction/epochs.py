"""Seconds per epoch of the methods that are trained end to end, beside the paper's Table 6."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, TrainingError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.datasets import DATASETS
from tvgnn_cli.io.places import is_there
from tvgnn_cli.io.writers import write_rows
from tvgnn_cli.machine.versions import processor
from tvgnn_cli.methods import METHODS
from tvgnn_cli.reproduction.plan import PROTOCOLS, Planned
from tvgnn_cli.reproduction.published import table6
from tvgnn_cli.reproduction.runner import execute

EPOCHS = 60
FIXED = ("--epochs", str(EPOCHS), "--patience", str(EPOCHS), "--tolerance", "0")
TEXTS = ("protocol", "method", "dataset", "processor", "command")


@dataclass(frozen=True)
class Timing:
    """A row: the median over a run's epochs, in milliseconds."""

    protocol: str
    method: str
    dataset: str
    ms_per_epoch: float
    peak_memory_mb: float
    threads: int
    processor: str
    command: str

    @property
    def paper_ms(self) -> float | None:
        """Time that the paper reports, on another machine."""
        return table6().get((self.method, self.dataset))


def measure_epochs(
    path: Path,
    added: Sequence[str] = (),
    interruption: Interruption | None = None,
    told: Callable[[Timing], None] | None = None,
) -> list[Timing]:
    """One short run of each method, data set and protocol, each in a process of its own; those that
    the file has are not made again.

    Raises:
        InterruptionError: it was asked to end; what is done is in the file.
        TrainingError: a run failed.
    """
    interruption = interruption or Interruption()
    interruption.defer()
    known = {timing.command: timing for timing in read_timings(path)} if is_there(path) else {}
    wanted = {f"{planned.command} {' '.join(FIXED)}": planned for planned in _runs()}
    for command, planned in wanted.items():
        if command in known:
            continue
        known[command] = _measure(planned, command, added, interruption)
        kept = [known[each] for each in wanted if each in known]
        write_rows([vars(timing) for timing in kept], str(path))
        if told is not None:
            told(known[command])
    return [known[command] for command in wanted]


def _runs() -> list[Planned]:
    trained = [name for name, method in METHODS.items() if method.is_trained]
    return [Planned(p, m, d, 0) for p in PROTOCOLS for d in DATASETS for m in trained]


def _measure(
    planned: Planned, command: str, added: Sequence[str], interruption: Interruption
) -> Timing:
    found = execute((*planned.arguments, *FIXED, *added), interruption)
    if isinstance(found, str):
        raise TrainingError(f"{command}: {found}")
    return Timing(
        planned.protocol, planned.method, planned.dataset, 1000 * found["seconds_per_epoch"],
        found["peak_memory_mb"], found["threads"], processor(), command,
    )  # fmt: skip


def read_timings(path: Path) -> list[Timing]:
    """The rows of a file that `measure_epochs` wrote.

    Raises:
        InputError: it is none.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            for column in fields(Timing):
                if column.name not in (table.fieldnames or ()):
                    raise ValueError(f"no column '{column.name}'")
            return [_timing(row, f"line {table.line_num}") for row in table]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: is not a table of timings ({error}); remove it") from None


def _timing(row: Mapping[Any, Any], where: str) -> Timing:
    cells = {name: cell for name, cell in row.items() if cell is not None}
    if len(cells) < len(row) or None in row:
        raise ValueError(f"{where} has fewer or more cells than the first")
    texts = {name: cells[name] for name in TEXTS}
    if texts["method"] not in METHODS:
        raise ValueError(f"{where}: unknown method '{texts['method']}'")
    return Timing(
        ms_per_epoch=float(cells["ms_per_epoch"]),
        peak_memory_mb=float(cells["peak_memory_mb"]),
        threads=int(cells["threads"]),
        **texts,
    )
