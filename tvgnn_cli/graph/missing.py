"""The marks that stand for a missing value in text, the same in every reader."""

from __future__ import annotations

import numpy as np

MISSING = frozenset({
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
})  # fmt: skip
"""Those that pandas.read_csv knows."""

DOUBTFUL_IDS = frozenset({
    "NA", "NONE", "None", "none", "null", "Null", "nan", "-", "--", "?", "(null)", "(blank)",
    "undefined",
})  # fmt: skip
"""Ids that may stand for no vertex, and may name one: Namibia, a word."""

MISSING_IDS = (MISSING - DOUBTFUL_IDS) | {r"\N"}
"""Ids that stand for no vertex."""


NO_CLASS = frozenset({"?", "\\N"})
"""Marks of ARFF and SQL that no class is named: a class that is one of them is unknown."""

_DOUBTFUL = frozenset({
    ".", "-", "--", "---", "*", "n.a.", "na", "nil", "none", "unknown", "unk", "unlabeled",
    "unlabelled", "unassigned", "unannotated", "unclassified", "unspecified", "undefined",
    "undetermined", "missing", "not available", "not assigned", "not applicable", "no label",
    "no class", "noise",
})  # fmt: skip


def may_be_no_class(value: str) -> bool:
    """Tell whether a class may stand for none, by its name: `unknown`, `Unassigned`, `-`."""
    return value.strip().lower().replace("_", " ") in _DOUBTFUL


def is_missing(value: str) -> bool:
    """Tell whether a cell of text stands for no value."""
    return value.strip() in MISSING


PLACEHOLDERS = (-99.0, -999.0, -9999.0, -99999.0)
"""Numbers that surveys, sensors and maps write where they have none."""


def placeholders(x: np.ndarray) -> list[tuple[int, float, int]]:
    """Columns whose smallest value is such a number and far below all others: each with that
    number and how often it is there.

    Args:
        x: `[n, f]`.
    """
    if not x.size:
        return []
    lowest = np.fmin.reduce(x, axis=0)  # without NaN
    found = []
    for column in np.flatnonzero(np.isin(lowest, PLACEHOLDERS)).tolist():
        values, number = x[:, column], float(lowest[column])
        others = values[values > number]
        if len(others) and float(others.min()) > number / 10:
            found.append((column, number, int((values == number).sum())))
    return found


HARDLY = 0.01
"""Share of zeros below which a feature hardly ever is 0."""


def rows_of_zeros(x: np.ndarray) -> int:
    """Number of rows that are 0 in all of several columns, where others hardly ever have a 0: they
    may be vertices of which nothing is known. A single such row is not counted.

    Args:
        x: `[n, f]`.
    """
    if len(x) < 2 or x.shape[1] < 2:
        return 0
    zero = x == 0
    blank = zero.all(axis=1)
    if not 1 < blank.sum() < len(x) or zero[~blank].mean() >= HARDLY:
        return 0
    return int(blank.sum())
