"""Numbers that are times, years or dates, and hardly weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

SECONDS = (3e8, 4.2e9)
"""From 1979 to 2103, in seconds since 1970."""

UNITS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}


def looks_like_times(cells: Sequence[str]) -> str | None:
    """What numbers in cells are that are hardly weights; None for numbers that may be, and text."""
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        return None
    return kind_of_times(values) if values else None


def kind_of_times(values: Sequence[float]) -> str | None:
    """As `looks_like_times`, of numbers."""
    low, high = min(values), max(values)
    for unit, factor in UNITS.items():
        if SECONDS[0] * factor < low and high < SECONDS[1] * factor and high < 4 * low:
            return f"times in {unit}"
    if not all(value == int(value) for value in values if abs(value) < 1e15):
        return None
    if len(values) > 2 and low >= 1800 and high <= 2100:
        return "years"
    if len(values) > 2 and all(_is_date(int(value)) for value in values):
        return "dates"
    return None


def _is_date(value: int) -> bool:
    """Whether a number reads as a date, 20240131."""
    year, month, day = value // 10_000, value // 100 % 100, value % 100
    return 1800 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31


def are_running(cells: Sequence[str]) -> str | None:
    """What whole numbers of ten rows and more are that rise from row to row: running numbers, or
    times since some start; None for others.
    """
    if len(cells) < 10 or not all(cell.isdecimal() for cell in cells):
        return None
    values = [int(cell) for cell in cells]
    if any(later < earlier for earlier, later in pairwise(values)):
        return None
    if values[-1] - values[0] == len(values) - 1 == len(set(values)) - 1:
        return "running numbers"
    return "times from a start on" if 10 * len(set(values)) >= 9 * len(values) else None
