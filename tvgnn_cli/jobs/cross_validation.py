"""Cross-validation of a classifier of graphs: each run is done once, kept, and gone on with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.classification.flow import READING, classes_of, train_on
from tvgnn_cli.config.classification import ClassifyConfig, make_classify_config
from tvgnn_cli.errors import InterruptionError, UsageError
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.claims import Holder
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.io.writers import make_folder, write_metrics, write_rows, write_table
from tvgnn_cli.jobs.ledger import Entry
from tvgnn_cli.observer import Observer, Relay
from tvgnn_cli.prepare.graph_splits import Split, hold_out, stratified_folds
from tvgnn_cli.run.machine import Clock
from tvgnn_cli.train import Checkpointing

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "fold", "run", "seed", "acc", "acc_validation", "loss", "validation_loss", "best_epoch",
    "epochs", "graphs_train", "graphs_validation", "graphs_test",
)  # fmt: skip
"""Columns of the table: none that differs when the same command runs again."""


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
            columns = dict(zip(self.class_names, self.confusion.T, strict=True))
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
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
    only: Sequence[int] | None = None,
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
        device: "auto", "cpu", "cuda", ...
        observer: told of each run.
        checkpointing: where rows that are done and the state of the one in work are kept.
        interruption: asked between two epochs whether to end.
        only: positions of the runs to do here, of `folds * runs`; None for all. The others are for
            other processes that share the folder.
        ignore_memory: try even where the estimate says that memory will not do.
        **options: as for `classify`.

    Raises:
        UsageError: settings that cannot work; fewer graphs than folds.
        InputError: graphs that cannot be read or learned from.
        TrainingError: training failed.
        InterruptionError: it was asked to end; what is done is kept.
    """
    clock = Clock(observer or Observer())
    reading = {name: options.pop(name) for name in READING if name in options}
    if config is not None and options:
        raise UsageError(f"give config or single settings, not both: {', '.join(options)}")
    config = make_classify_config(options) if config is None else config
    if runs < 1:
        raise UsageError(f"`runs` is {runs}; needs to be at least 1")
    clock.phase("reading")
    known = read_graph_set(graphs, **reading)
    tasks = _tasks(known, config, folds, runs)
    work = _Work(
        known, config, checkpointing or Checkpointing(), interruption or Interruption(), clock,
        {"threads": threads, "device": device, "ignore_memory": ignore_memory},
    )  # fmt: skip
    chosen = tasks if only is None else [tasks[position] for position in only]
    rows = tuple(work.rows(chosen, len(tasks)))
    confusion = sum((np.array(row["confusion"]) for row in rows), start=np.zeros(1, dtype=np.int64))
    metrics = _metrics(rows, folds, runs, clock)
    return CrossValidation(
        rows, confusion, known.class_names, metrics, known.name, known.all_notes
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Task:
    """One training: its fold, run and seed, and the graphs that it learns from and is scored on."""

    fold: int
    run: int
    config: ClassifyConfig
    split: Split
    test: np.ndarray

    @property
    def name(self) -> str:
        """As progress shows it."""
        return f"fold {self.fold + 1}, run {self.run + 1}"


class _Named(Relay):
    """Says of each phase which training it is of."""

    def __init__(self, other: Observer, name: str) -> None:
        super().__init__(other)
        self._name = name

    def phase(self, name: str, done: int = 0, total: int | None = None) -> None:
        super().phase(f"{self._name}: {name}", done, total)


def _tasks(graphs: GraphSet, config: ClassifyConfig, folds: int, runs: int) -> list[_Task]:
    """All trainings, each fold once before any a second time."""
    y = classes_of(graphs)
    parts = stratified_folds(np.flatnonzero(y != UNKNOWN), y, folds, config.seed)
    splits = [hold_out(outside, y, config.validation, config.seed) for outside, _ in parts]
    return [
        _Task(fold, run, replace(config, seed=config.seed + run * folds + fold), splits[fold], test)
        for run in range(runs)
        for fold, (_, test) in enumerate(parts)
    ]


@dataclass(frozen=True, eq=False)
class _Work:
    """All that the trainings share."""

    graphs: GraphSet
    config: ClassifyConfig
    checkpointing: Checkpointing
    interruption: Interruption
    observer: Clock
    options: Mapping[str, Any]

    def rows(self, tasks: Sequence[_Task], total: int) -> Iterator[dict[str, Any]]:
        """A row for each training, from the folder or made."""
        folder = self.checkpointing.folder
        if folder is not None:
            make_folder("`checkpoint`", folder)
            self._refuse_nothing(folder)
        for done, task in enumerate(tasks):
            reason = self.interruption.reason
            if reason is not None and folder is not None:
                raise InterruptionError(f"{reason}; {self.checkpointing.how} goes on from there")
            self.observer.phase(task.name, done, total)
            yield (
                self._train(task, self.checkpointing)
                if folder is None
                else self._kept(task, folder)
            )

    def _refuse_nothing(self, folder: Path) -> None:
        is_empty = not any(folder.glob("cv-*.json")) and not any(folder.glob("states-*/restart-*"))
        if self.checkpointing.resume == "must" and is_empty:
            raise UsageError(f"`checkpoint` {folder}: there is nothing to resume from")

    def _kept(self, task: _Task, folder: Path) -> dict[str, Any]:
        """Row of a folder, made where it has none."""
        key = self._key(task)
        entry = Entry(folder / f"cv-{key}.json", key, folder / f"states-{key}")
        row = None if self.checkpointing.resume == "never" else entry.read()
        if row is not None:
            return row
        claim = entry.claim()
        if isinstance(claim, Holder):
            raise entry.refusal(claim)
        try:
            row = None if self.checkpointing.resume == "never" else entry.read()
            if row is None:
                resume = "auto" if self.checkpointing.resume == "must" else None
                states = replace(
                    self.checkpointing, folder=entry.states, is_claimed=claim.path is not None,
                    resume=resume or self.checkpointing.resume,
                )  # fmt: skip
                row = self._train(task, states)
                entry.keep(row)
        finally:
            claim.release()
        return row

    def _key(self, task: _Task) -> str:
        """Name of a training: of its graphs, classes, settings and part."""
        digest = hashlib.sha256(self.graphs.fingerprint().encode())
        digest.update("\0".join(self.graphs.class_texts.tolist()).encode())
        for part in (task.split.train, task.split.validation, task.test):
            digest.update(np.ascontiguousarray(part).tobytes() + b"|")
        digest.update(task.config.fingerprint().encode())
        return f"{task.fold:02d}-{task.run:02d}-{digest.hexdigest()[:16]}"

    def _train(self, task: _Task, checkpointing: Checkpointing) -> dict[str, Any]:
        graphs = self.graphs
        result = train_on(
            graphs, task.split, task.config, clock=Clock(_Named(self.observer, task.name)),
            checkpointing=checkpointing, interruption=self.interruption, **self.options,
        )  # fmt: skip
        assert graphs.y is not None
        found = result.probabilities[task.test].argmax(axis=1)
        confusion = np.zeros((graphs.num_classes, graphs.num_classes), dtype=np.int64)
        np.add.at(confusion, (graphs.y[task.test], found), 1)
        metrics = {name: result.metrics.get(name) for name in (*COLUMNS, "seconds")}
        own = {
            "fold": task.fold, "run": task.run, "seed": task.config.seed,
            "settings": self.config.fingerprint()[:12],
            "acc": float((found == graphs.y[task.test]).mean()), "graphs_test": len(task.test),
        }  # fmt: skip
        about = ("method", "preset", "pool_sizes", "threads", "kernels", "peak_memory_mb")
        told = {name: result.metrics.get(name) for name in about}
        versions = {k: v for k, v in result.metrics.items() if k.startswith("version_")}
        return {**metrics, **own, "confusion": confusion.tolist(), **told, **versions}


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
