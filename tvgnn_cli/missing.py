"""The marks that stand for a missing value in text, the same in every reader."""

from __future__ import annotations

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


def is_missing(value: str) -> bool:
    """Whether a cell of text stands for no value."""
    return value.strip() in MISSING
