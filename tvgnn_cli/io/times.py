"""Numbers that are times, years or dates, and hardly weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tvgnn_cli.io.source import is_natural

SECONDS = (3e8, 4.2e9)
"""From 1979 to 2103, in seconds since 1970."""

UNITS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}


RUNNING = "running numbers"
"""Whole numbers, each by one above the last."""


def looks_like_times(cells: Sequence[str]) -> str | None:
    """Kind of the times that numbers in cells seem to be, which are hardly weights; None for other
    numbers, and for text.
    """
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        return None
    return kind_of_times(values) if values else None


def kind_of_times(values: Sequence[float] | np.ndarray) -> str | None:
    """As `looks_like_times`, of numbers."""
    numbers = np.asarray(values, dtype=np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    for unit, factor in UNITS.items():
        if SECONDS[0] * factor < low and high < SECONDS[1] * factor and high < 4 * low:
            return f"times in {unit}"
    if len(numbers) < 3 or not (low >= 1800 and high < 1e9 and bool((numbers % 1 == 0).all())):
        return None
    if high <= 2100:
        return "years"
    return "dates" if _are_dates(numbers.astype(np.int64)) else None


def _are_dates(values: np.ndarray) -> bool:
    """Tell whether whole numbers read as dates, 20240131."""
    year, month, day = values // 10_000, values // 100 % 100, values % 100
    valid = (
        (year >= 1800) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    )
    return bool(valid.all())


def are_running(cells: Sequence[str]) -> str | None:
    """Kind of whole numbers of ten rows and more that rise from row to row: running numbers, or
    times since some start; None for others.
    """
    if len(cells) < 10 or not all(is_natural(cell) for cell in cells):
        return None
    return runs_of(np.array([int(cell) for cell in cells], dtype=np.int64))


def runs_of(values: np.ndarray) -> str | None:
    """As `are_running`, of whole numbers `[m]`."""
    steps = np.diff(values)
    if len(values) < 10 or int(values[0]) < 0 or bool((steps < 0).any()):
        return None
    if bool((steps == 1).all()):
        return RUNNING
    there = steps[steps > 0]
    different = 1 + len(there)
    # Weights that rise do not begin with 0, and are not all so many seconds apart.
    in_steps = different > 2 and (int(values[0]) == 0 or int(np.gcd.reduce(there)) > 1)
    return "times from a start on" if in_steps or 10 * different >= 9 * len(values) else None
