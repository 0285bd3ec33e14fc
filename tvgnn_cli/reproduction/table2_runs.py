"""Makes the rows of Table 2, and times its epochs for Table 7."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.classification.classes import classes_of
from tvgnn_cli.classification.flow import train_on
from tvgnn_cli.errors import InputError, TrainingError
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.datasets import default_data_root
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.io.places import is_there
from tvgnn_cli.io.writers import make_folder
from tvgnn_cli.jobs.cross_validation import CrossValidation, cross_validate
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.machine.versions import processor
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.graph_splits import hold_out
from tvgnn_cli.reproduction.published import table7
from tvgnn_cli.reproduction.table2 import FOLDS, RUNS, Planned, rows_of_tables
from tvgnn_cli.train import Checkpointing


def read_set(dataset: str, data_root: Path | None, offline: bool) -> GraphSet:
    """A data set of Table 2: from the TU collection, cleaned of isomorphic graphs, or of the Bench
    sets `Bench/NAME.npz` in the folder of data sets.

    Raises:
        InputError: it is not there.
    """
    if not dataset.startswith("Bench"):
        return read_graph_set(dataset, cleaned=True, data_root=data_root, offline=offline)
    path = (data_root or default_data_root()) / "Bench" / f"{dataset}.npz"
    if not is_there(path):
        raise InputError(
            f"{path}: no such file; docs/graph-sets.md says how to make it of the published one"
        )
    return read_graph_set(path)


def _with_graphs(
    planned: Sequence[Planned], data_root: Path | None, offline: bool
) -> Iterator[tuple[Planned, GraphSet]]:
    """Cells with their data sets, each of which is read once where its cells follow each other."""
    for dataset, cells in groupby(planned, key=lambda cell: cell.dataset):
        graphs = read_set(dataset, data_root, offline)
        for cell in cells:
            yield cell, graphs


@dataclass(frozen=True)
class Done:
    """A cell whose runs are done, or those of this shard; or why it has none."""

    planned: Planned
    found: CrossValidation | None
    message: str = ""


def run_planned(  # noqa: PLR0913 parameters of an interface
    planned: Sequence[Planned],
    results: Path,
    *,
    data_root: Path | None = None,
    offline: bool = False,
    threads: int | None = None,
    folds: int = FOLDS,
    runs: int = RUNS,
    shard: Shard | None = None,
    jobs: int = 1,
    observer: Observer | None = None,
    interruption: Interruption | None = None,
) -> Iterator[Done]:
    """Make the rows that a folder lacks, cell by cell; a run that was interrupted goes on.

    A row counts as done where a table in the folder has it with the settings of today, too.

    Args:
        planned: the cells.
        results: where rows and states are kept.
        data_root: where data sets live.
        offline: never fetch one.
        threads: most CPU threads.
        folds: of the five, how many are run, for cells that would take too long.
        runs: of each.
        shard: the part of each cell's runs to do here.
        jobs: runs at the same time.
        observer: told of each run.
        interruption: asked between two epochs whether to end.

    Raises:
        InterruptionError: it was asked to end; what is done is kept.
        InputError: a data set that is not there.
    """
    make_folder("`results`", results)
    tabled = rows_of_tables(results)
    total = [i for i in range(FOLDS * runs) if i % FOLDS < folds]
    part = total if shard is None else [total[i] for i in shard.part(len(total))]
    lacking = {cell: [i for i in part if cell.key(i % FOLDS, i // FOLDS) not in tabled]
               for cell in planned}  # fmt: skip
    for cell, graphs in _with_graphs([c for c in planned if lacking[c]], data_root, offline):
        try:
            found = cross_validate(
                graphs, folds=FOLDS, runs=runs, config=cell.config, threads=threads, device="cpu",
                observer=observer, checkpointing=Checkpointing(cell.folder(results)),
                interruption=interruption, only=lacking[cell], jobs=jobs,
            )  # fmt: skip
        except TrainingError as error:
            yield Done(cell, None, str(error))
            continue
        yield Done(cell, found)


@dataclass(frozen=True)
class Timing:
    """Seconds per epoch of a method on a data set, beside the paper's."""

    dataset: str
    method: str
    seconds: float
    paper: float | None
    row: dict[str, Any]


def time_epochs(
    planned: Sequence[Planned],
    epochs: int,
    *,
    data_root: Path | None = None,
    offline: bool = False,
    threads: int | None = None,
) -> Iterator[Timing]:
    """Time some epochs of training on the first fold of each cell, at the median.

    Raises:
        InputError: a data set that is not there.
    """
    for cell, graphs in _with_graphs(planned, data_root, offline):
        y = classes_of(graphs)
        # As many graphs as a fold leaves.
        outside = hold_out(np.arange(graphs.num_graphs), y, 1 / FOLDS, 0).train
        config = replace(cell.config, epochs=epochs, patience=epochs + 1)
        split = hold_out(outside, y, config.validation, 0)
        result = train_on(graphs, split, config, threads=threads, device="cpu")
        told = {
            name: result.metrics[name]
            # No peak of memory: it is that of all cells so far.
            for name in ("seconds_per_epoch", "threads", "kernels", "pool_sizes", "version_torch")
        }  # fmt: skip
        row = {"dataset": cell.dataset, "method": cell.method, "epochs": epochs, **told}
        paper = table7().get((cell.dataset, cell.method))
        seconds = float(result.metrics["seconds_per_epoch"])
        yield Timing(cell.dataset, cell.method, seconds, paper, {**row, "processor": processor()})
