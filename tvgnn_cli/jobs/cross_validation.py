"""Cross-validation of a classifier of graphs, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.classification.flow import read_asked, sizes_of
from tvgnn_cli.classification.record import notes_on
from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.errors import UsageError, shown, some_of
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.writers import write_metrics, write_rows, write_table
from tvgnn_cli.jobs.at_once import check_jobs, done_at_once, threads_of_each
from tvgnn_cli.jobs.fold_runs import COLUMNS, FoldRuns, tasks_of
from tvgnn_cli.observer import Observer
from tvgnn_cli.progress import showing
from tvgnn_cli.run.machine import Clock
from tvgnn_cli.train import Checkpointing

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Accuracies on graphs that were not learned from.

    Args:
        rows: of each fold and run, by `COLUMNS`, and `seconds`.
        confusion: graphs of each class (row) by the class that they were taken for (column), over
            all runs, int64 `[c, c]`.
        class_names: of its rows and columns.
        metrics: one row of numbers and provenance.
        name: stem of the input.
        notes: what was done with the input that its reader might not expect.
    """

    rows: tuple[dict[str, Any], ...]
    confusion: np.ndarray
    class_names: tuple[str, ...]
    metrics: dict[str, Any]
    name: str = "graphs"
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Name the graphs, count the trainings and say how accurate they are, in one line."""
        acc, deviation = self.metrics.get("acc"), self.metrics.get("acc_sd")
        said = "" if acc is None else f", accuracy {acc:.3f}"
        said += "" if deviation is None else f" \u00b1 {deviation:.3f}"
        return f"<CrossValidation {shown(self.name)}: {len(self.rows):,} trainings{said}>"

    @property
    def accuracies(self) -> list[float]:
        """Accuracies of each fold and run, in [0, 1]."""
        return [float(row["acc"]) for row in self.rows]

    def to_frame(self) -> pd.DataFrame:
        """One line for each fold and run, as it is written."""
        import pandas as pd

        return pd.DataFrame(self._table())

    def write(
        self,
        path: str | Path,
        confusion: str | Path | None = None,
        metrics: str | Path | None = None,
    ) -> None:
        """Write one line for each fold and run; and optionally the confusion matrix and the
        metrics.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written.
        """
        if metrics is not None:
            write_metrics(self.metrics, str(metrics))
        if confusion is not None:
            named = np.array(self.class_names, dtype=object)
            taken_for = zip(self.class_names, self.confusion.T, strict=True)
            columns = {f"as_{name}": counts for name, counts in taken_for}
            write_table({"class": named, **columns}, str(confusion), {})
        write_rows(self._table(), str(path))

    def _table(self) -> list[dict[str, Any]]:
        return [{name: row[name] for name in COLUMNS} for row in self.rows]


def cross_validate(  # noqa: PLR0913 parameters of an interface
    graphs: Any,
    *,
    folds: int = 5,
    runs: int = 3,
    config: ClassifyConfig | None = None,
    threads: int | None = None,
    device: str = "auto",
    observer: Observer | None = None,
    progress: bool | str = False,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
    only: Sequence[int] | None = None,
    jobs: int = 1,
    ignore_memory: bool = False,
    **options: Any,
) -> CrossValidation:
    """Train on all folds but one and score on that one, for each fold and several times.

        found = tvgnn_cli.cross_validate("MUTAG", folds=10, runs=1)
        found.accuracies

    Args:
        graphs: as for `classify`.
        folds: parts of the graphs, with the classes in the same shares.
        runs: trainings of each fold, from different weights.
        config: every setting at once; else `options` has some.
        threads: as for `classify`, and so is `device`.
        device: "cpu", "cuda", ...; "auto" is the CPU.
        observer: told of each run.
        progress: as for `cluster`.
        checkpointing: where rows that are done and the state of the one in work are kept.
        interruption: asked between two epochs whether to end.
        only: positions of the runs to do here, of `folds * runs`; None for all. The others are for
            other processes that share the folder.
        jobs: trainings at the same time, each in a process of its own with its share of `threads`:
            the rows are those of one process of so many threads. A script that has more than one
            calls this below `if __name__ == "__main__":`.
        ignore_memory: try even where the estimate says that memory will not do.
        **options: as for `classify`.

    Raises:
        UsageError: settings that cannot work; fewer graphs than folds.
        InputError: graphs that cannot be read or learned from.
        TrainingError: training failed.
        InterruptionError: it was asked to end; what is done is kept.
    """
    if runs < 1:
        raise UsageError(f"`runs` is {runs}; needs to be at least 1")
    check_jobs(jobs)
    asked, kept = interruption or Interruption(), checkpointing or Checkpointing()
    with showing(progress, observer) as told:
        clock = Clock(told)
        known, config = read_asked(graphs, config, options, clock)
        tasks = tasks_of(known, config, folds, runs)
        trainings = {
            "threads": threads_of_each(threads, jobs), "device": device,
            "ignore_memory": ignore_memory,
        }  # fmt: skip
        positions = range(len(tasks)) if only is None else only
        chosen = [tasks[position] for position in positions]
        work = FoldRuns(known, config, kept, asked, clock, trainings)
        work.open(chosen)
        lacking = [position for position in positions if not work.has(tasks[position])]

        def pieces(own: Checkpointing) -> _Trainings:
            return _Trainings(known, config, folds, runs, own, trainings)

        with done_at_once(jobs, pieces, lacking, kept, asked, clock) as (place, goes_on):
            work = replace(work, checkpointing=place, interruption=goes_on)
            rows = tuple(work.rows(chosen, len(tasks)))
    empty = np.zeros((known.num_classes, known.num_classes), dtype=np.int64)
    confusion = sum((np.array(row["confusion"]) for row in rows), start=empty)
    metrics = _metrics(rows, folds, runs, clock)
    sizes = sizes_of(known, config)
    notes = (*known.all_notes, *_notes(known, folds), *notes_on(known, tasks[0].split, sizes))
    return CrossValidation(
        rows, confusion, known.class_names, metrics, known.name, notes
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Trainings:
    """All trainings, for processes that each do some; arguments as of `FoldRuns`."""

    graphs: GraphSet
    config: ClassifyConfig
    folds: int
    runs: int
    checkpointing: Checkpointing
    options: Mapping[str, Any]

    def do(self, position: int, interruption: Interruption, observer: Observer) -> None:
        """Keep the row of one training."""
        resume = "auto" if self.checkpointing.resume == "must" else self.checkpointing.resume
        kept, clock = replace(self.checkpointing, resume=resume), Clock(observer)
        work = FoldRuns(self.graphs, self.config, kept, interruption, clock, self.options)
        work.row(tasks_of(self.graphs, self.config, self.folds, self.runs)[position])


def _notes(graphs: GraphSet, folds: int) -> tuple[str, ...]:
    """Note what folds cannot have, and what they do not heed."""
    assert graphs.y is not None
    notes = []
    counts = np.bincount(graphs.y[graphs.y != UNKNOWN], minlength=graphs.num_classes)
    rare = [
        f"{shown(name)} ({count:,})"
        for name, count in zip(graphs.class_names, counts.tolist(), strict=True)
        if 0 < count < folds
    ]
    if rare:
        notes.append(f"classes of fewer graphs than folds, which some folds lack: {some_of(rare)}")
    if graphs.split is not None:
        notes.append("parts that the input names are not heeded: folds take their place")
    return tuple(notes)


def _metrics(
    rows: Sequence[Mapping[str, Any]], folds: int, runs: int, clock: Clock
) -> dict[str, Any]:
    """Mean and deviation over all runs, and the time that they took together."""
    accuracies = [float(row["acc"]) for row in rows]
    epochs = sum(int(row["epochs"]) for row in rows)
    seconds = sum(float(row["seconds"]) for row in rows)
    return {
        "acc": mean(accuracies) if accuracies else None,
        "acc_sd": stdev(accuracies) if len(accuracies) > 1 else None,
        "folds": folds,
        "runs": runs,
        "rows": len(rows),
        "seconds_of_rows": round(seconds, 3),
        "seconds_per_epoch": seconds / epochs if epochs else None,
        **{k: v for k, v in clock.measured().items() if k == "seconds"},
    }
