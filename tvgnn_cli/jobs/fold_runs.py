"""Trainings of a cross-validation: each is done once, kept, and gone on with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from tvgnn_cli import kernels
from tvgnn_cli.classification.classes import classes_of, held_out
from tvgnn_cli.classification.flow import train_on
from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.claims import Holder
from tvgnn_cli.io.places import found_in, is_there
from tvgnn_cli.io.schema import MOST, Cell, Within, declared
from tvgnn_cli.io.writers import make_folder
from tvgnn_cli.jobs.ledger import Entry
from tvgnn_cli.machine.device import choose_for_small_graphs
from tvgnn_cli.machine.versions import versions
from tvgnn_cli.observer import Observer, Relay
from tvgnn_cli.prepare.graph_splits import Split, stratified_folds
from tvgnn_cli.run.machine import Clock
from tvgnn_cli.train import Checkpointing

COLUMNS = (
    "fold", "run", "seed", "acc", "acc_validation", "loss", "validation_loss", "best_epoch",
    "epochs", "graphs_train", "graphs_validation", "graphs_test",
)  # fmt: skip
"""Columns of the table: none that differs when the same command runs again."""


_Share = Annotated[float, Within(0, 1)]
_Count = Annotated[int, Within(0, MOST)]


@dataclass(frozen=True)
class RowFacts:
    """Facts of a kept row that tables and sums are made of; it has more."""

    fold: _Count
    run: _Count
    seed: _Count
    acc: _Share
    acc_validation: _Share | None
    loss: float | None
    validation_loss: float | None
    best_epoch: _Count | None
    epochs: _Count
    graphs_train: _Count
    graphs_validation: _Count
    graphs_test: _Count
    seconds: Annotated[float, Within(0, float("inf"))]
    confusion: tuple[tuple[_Count, ...], ...]


@dataclass(frozen=True, eq=False)
class Task:
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


def tasks_of(graphs: GraphSet, config: ClassifyConfig, folds: int, runs: int) -> list[Task]:
    """All trainings, each fold once before any a second time."""
    y = classes_of(graphs)
    parts = stratified_folds(np.flatnonzero(y != UNKNOWN), y, folds, config.seed)
    splits = [held_out(graphs, outside, config) for outside, _ in parts]
    return [
        Task(
            fold,
            run,
            replace(config, seed=(config.seed + run * folds + fold) % 2**32),
            splits[fold],
            test,
        )
        for run in range(runs)
        for fold, (_, test) in enumerate(parts)
    ]


@dataclass(frozen=True, eq=False)
class FoldRuns:
    """All that the trainings share."""

    graphs: GraphSet
    config: ClassifyConfig
    checkpointing: Checkpointing
    interruption: Interruption
    observer: Clock
    options: Mapping[str, Any]

    def rows(self, tasks: Sequence[Task], total: int) -> Iterator[dict[str, Any]]:
        """A row for each training, from the folder or made."""
        self.open(tasks)
        may_end = False
        for done, task in enumerate(tasks):
            self.checkpointing.end_between(self.interruption, may_end)
            may_end = may_end or not self.has(task)
            self.observer.phase(task.name, done, total)
            yield self.row(task)

    def row(self, task: Task) -> dict[str, Any]:
        """A row for one training, from the folder or made."""
        folder = self.checkpointing.folder
        if folder is None:
            return self._train(task, self.checkpointing)
        return self._kept(task, folder)

    def has(self, task: Task) -> bool:
        """Tell whether a training's row is in the folder, and is to be taken."""
        folder = self.checkpointing.folder
        is_kept = folder is not None and is_there(self._entry(task, folder).path)
        return is_kept and self.checkpointing.resume != "never"

    def open(self, tasks: Sequence[Task]) -> None:
        """Make the folder, where there is to be one.

        Raises:
            UsageError: it cannot be made, or has nothing to resume from, where it must.
        """
        folder = self.checkpointing.folder
        if folder is None:
            return
        make_folder("`checkpoint`", folder)
        entries = [self._entry(task, folder) for task in tasks]
        there = any(is_there(e.path) or (e.states and found_in(e.states, "*")) for e in entries)
        if self.checkpointing.resume == "must" and not there:
            raise UsageError(f"`checkpoint` {folder}: there is nothing to resume from")

    def _entry(self, task: Task, folder: Path) -> Entry:
        """Place of a training's row and states."""
        key = self._key(task)
        return Entry(folder / f"cv-{key}.json", key, folder / f"states-{key}")

    def _read(self, entry: Entry, task: Task) -> dict[str, Any] | None:
        """The row that is there; None where there is none, or it is not to be taken.

        Raises:
            InputError: it is damaged, or that of another training.
        """
        row = None if self.checkpointing.resume == "never" else entry.read()
        if row is None:
            return None
        try:
            self._check(declared(RowFacts, row, rest=Cell), task)
            if row.pop("key", entry.key) != entry.key:
                raise ValueError("it is of another training")
        except ValueError as error:
            raise entry.refused(error) from None
        made = {
            "kernels": kernels.in_use(choose_for_small_graphs(self.options["device"])),
            **versions(),
        }
        for name, value in made.items():
            if row.get(name) != value:
                self.observer.warning(
                    f"{entry.path.name} was made with {name.removeprefix('version_')} "
                    f"{row.get(name)}, this is {value}: the last digits may differ"
                )
        return row

    def _check(self, row: RowFacts, task: Task) -> None:
        """Refuse a row of another training, and one that counts other graphs.

        Raises:
            ValueError: it is one.
        """
        if (row.fold, row.run, row.seed) != (task.fold, task.run, task.config.seed):
            raise ValueError("it is of another training")
        widths = {len(row.confusion), *map(len, row.confusion)}
        counted = sum(map(sum, row.confusion))
        if widths != {self.graphs.num_classes} or counted != len(task.test):
            raise ValueError("confusion is of other classes or graphs")

    def _kept(self, task: Task, folder: Path) -> dict[str, Any]:
        """Row of a folder, made where it has none."""
        entry = self._entry(task, folder)
        row = self._read(entry, task)
        if row is not None:
            return row
        claim = entry.claim()
        if isinstance(claim, Holder):
            raise entry.refusal(claim)
        try:
            row = self._read(entry, task)
            if row is None:
                resume = "auto" if self.checkpointing.resume == "must" else None
                states = replace(
                    self.checkpointing, folder=entry.states, is_claimed=claim.path is not None,
                    resume=resume or self.checkpointing.resume,
                )  # fmt: skip
                row = self._train(task, states)
                entry.keep({**row, "key": entry.key})
        finally:
            claim.release()
        return row

    def _key(self, task: Task) -> str:
        """Name of a training: of its graphs, classes, settings and part."""
        digest = hashlib.sha256(self.graphs.fingerprint().encode())
        digest.update("\0".join(self.graphs.class_texts.tolist()).encode())
        for part in (task.split.train, task.split.validation, task.test):
            digest.update(np.ascontiguousarray(part).tobytes() + b"|")
        digest.update(task.config.fingerprint().encode())
        return f"{task.fold:02d}-{task.run:02d}-{digest.hexdigest()[:16]}"

    def _train(self, task: Task, checkpointing: Checkpointing) -> dict[str, Any]:
        graphs = self.graphs
        result = train_on(
            graphs, task.split, task.config, clock=Clock(_Named(self.observer, task.name)),
            checkpointing=checkpointing, interruption=self.interruption, **self.options,
        )  # fmt: skip
        assert graphs.y is not None
        place = np.array([graphs.class_names.index(name) for name in result.class_names])
        found = place[result.probabilities[task.test].argmax(axis=1)]
        confusion = np.zeros((graphs.num_classes, graphs.num_classes), dtype=np.int64)
        np.add.at(confusion, (graphs.y[task.test], found), 1)
        metrics = {name: result.metrics.get(name) for name in (*COLUMNS, "seconds")}
        own = {
            "fold": task.fold, "run": task.run, "seed": task.config.seed,
            "settings": self.config.fingerprint()[:12],
            "acc": float((found == graphs.y[task.test]).mean()), "graphs_test": len(task.test),
        }  # fmt: skip
        about = (
            "seconds_per_epoch", "method", "preset", "pool_sizes", "threads", "kernels",
            "peak_memory_mb",
        )  # fmt: skip
        told = {name: result.metrics.get(name) for name in about}
        made = {k: v for k, v in result.metrics.items() if k.startswith("version_")}
        return {**metrics, **own, "confusion": confusion.tolist(), **told, **made}
