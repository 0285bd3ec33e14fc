"""Means of the rows of Table 2, beside what the paper reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from tvgnn_cli.reproduction.published import Accuracy, table2
from tvgnn_cli.reproduction.table2 import DATASETS, FOLDS, METHODS, RUNS, Planned

NO_POOLING = ("gtv", "gin")


@dataclass(frozen=True)
class Cell:
    """Accuracies of a method on a data set, in percent.

    Args:
        dataset, method: which.
        accuracies: of each row that its command of today makes.
        epochs: of all rows.
        seconds: that all rows took, of wall clock.
        seconds_per_epoch: mean.
        paper: what the paper reports; None where it does not.
    """

    dataset: str
    method: str
    accuracies: tuple[float, ...]
    epochs: int
    seconds: float
    seconds_per_epoch: float | None
    paper: Accuracy | None

    @property
    def acc(self) -> float:
        return mean(self.accuracies)

    @property
    def acc_sd(self) -> float:
        return stdev(self.accuracies) if len(self.accuracies) > 1 else 0.0

    @property
    def is_whole(self) -> bool:
        """Tell whether every fold and run is there."""
        return len(self.accuracies) == FOLDS * RUNS

    @property
    def reaches_paper(self) -> bool | None:
        """Tell whether the mean is within one of the paper's deviations of its own, or above."""
        return None if self.paper is None else self.acc >= self.paper.acc - self.paper.acc_sd


def summarise(rows: Iterable[Mapping[str, Any]]) -> list[Cell]:
    """One cell for each data set and method with rows, in the order of the plan; rows of other
    settings than today's are left out.
    """
    groups: dict[Planned, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(Planned(row["dataset"], row["method"]), []).append(row)
    order = [Planned(dataset, method) for dataset in DATASETS for method in METHODS]
    found = []
    for planned in order:
        wanted = planned.config.fingerprint()[:12]
        mine = [row for row in groups.get(planned, ()) if row["settings"] == wanted]
        if mine:
            found.append(_cell(planned, mine))
    return found


def _cell(planned: Planned, rows: Sequence[Mapping[str, Any]]) -> Cell:
    timed = [float(row["seconds_per_epoch"]) for row in rows if row["seconds_per_epoch"]]
    return Cell(
        planned.dataset,
        planned.method,
        tuple(100 * float(row["acc"]) for row in rows),
        sum(int(row["epochs"]) for row in rows),
        sum(float(row["seconds"]) for row in rows),
        mean(timed) if timed else None,
        table2().get((planned.dataset, planned.method)),
    )


@dataclass(frozen=True)
class Best:
    """The two methods of the highest means on a data set, and the p-value of their difference by
    Student's test of two means, which gives the paper's own p-values with ten runs each.
    """

    first: Cell
    second: Cell
    p_value: float


def comparable(cells: Sequence[Cell]) -> list[Cell]:
    """Select the cells that have a run of each fold, where some do: folds differ more than methods,
    and the first is an easy one of some data sets.
    """
    whole = [cell for cell in cells if len(cell.accuracies) >= FOLDS]
    return whole or list(cells)


def best_two(cells: Sequence[Cell]) -> Best | None:
    """The two best of a data set's cells that are comparable; None of fewer, or without a
    spread.
    """
    from scipy.stats import ttest_ind

    ranked = sorted(comparable(cells), key=lambda cell: -cell.acc)[:2]
    if len(ranked) < 2 or min(len(cell.accuracies) for cell in ranked) < 2:
        return None
    p_value = float(ttest_ind(ranked[0].accuracies, ranked[1].accuracies).pvalue)
    return Best(ranked[0], ranked[1], p_value)


def pooling_beats_none(cells: Sequence[Cell]) -> tuple[Cell, Cell] | None:
    """TVGNN and the best method without pooling on one data set; None where either lacks."""
    pooled = next((cell for cell in cells if cell.method == "tvgnn"), None)
    plain = comparable([cell for cell in cells if cell.method in NO_POOLING])
    return None if pooled is None or not plain else (pooled, max(plain, key=lambda c: c.acc))
