"""Results that the paper reports, as data: `published/*.csv`, each row with its source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Score:
    """A mean and standard deviation over the paper's ten runs; ACC in percent."""

    nmi: float
    nmi_sd: float
    acc: float
    acc_sd: float


@cache
def table1() -> dict[tuple[str, str], Score]:
    """Scores by method and data set, as `methods.METHODS` and `io.datasets.DATASETS` name them."""
    names = ("nmi", "nmi_sd", "acc", "acc_sd")
    return {
        (row["method"], row["dataset"]): Score(*(float(row[name]) for name in names))
        for row in _rows("table1.csv")
    }


@cache
def table6() -> dict[tuple[str, str], float]:
    """Milliseconds per epoch, by method and data set."""
    return {
        (row["method"], row["dataset"]): float(row["ms_per_epoch"]) for row in _rows("table6.csv")
    }


@dataclass(frozen=True)
class Accuracy:
    """A mean and standard deviation in percent; the p-value of the difference between the two best
    methods of the data set stands with the best.
    """

    acc: float
    acc_sd: float
    p_value: float | None


@cache
def table2() -> dict[tuple[str, str], Accuracy]:
    """Accuracies by data set and method, as `config.CLASSIFIERS` names them."""
    return {
        (row["dataset"], row["method"]): Accuracy(
            float(row["acc"]), float(row["acc_sd"]),
            float(row["p_value"]) if row["p_value"] else None,
        )
        for row in _rows("table2.csv")
    }  # fmt: skip


@cache
def table7() -> dict[tuple[str, str], float]:
    """Seconds per epoch, by data set and method."""
    return {
        (row["dataset"], row["method"]): float(row["seconds_per_epoch"])
        for row in _rows("table7.csv")
    }


def _rows(name: str) -> list[dict[str, str]]:
    text = files("tvgnn_cli.reproduction").joinpath("published", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
