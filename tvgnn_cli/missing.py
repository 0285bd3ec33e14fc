"""The marks that stand for a missing value in text, the same in every reader."""

from __future__ import annotations

MISSING = frozenset({
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
})  # fmt: skip
"""Those that pandas.read_csv knows. An id is never one of them: `NA` may name a vertex."""


def is_missing(value: str) -> bool:
    """Tell whether a cell of text stands for no value."""
    return value.strip() in MISSING
