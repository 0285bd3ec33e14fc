"""Reasons why vertex attributes are no features: by their names, types and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.classes import are_whole, looks_like_classes
from tvgnn_cli.io.names import (
    CLASSES,
    CODES,
    DISPLAY,
    DRAWING,
    OWN_COLUMNS,
    PARTITIONS,
    PARTITIONS_WITHIN,
    PLACE,
    PLACES,
    PROGRAMS,
    STATISTICS,
    STATISTICS_WITHIN,
    fold,
)
from tvgnn_cli.io.written_numbers import TEXT, text_among_numbers

CONSTANT = "the same everywhere"
"""The reason to leave out a column without differences."""

MANY = 20
"""Columns of whole numbers that are all different, above which most columns being so is no sign."""

MAY_BE_CLASS = "could be the true class: `label_attr`"
"""The reason to leave out what may be classes."""

OF_PROGRAMS = ("written by the program, for drawing or selecting", "a statistic of the edges")
"""Reasons that go for what programs export of graphs."""


MISSING = "missing for some vertices"
"""The reason to leave out what lacks values that nothing fills."""


def reasons_against(  # noqa: C901, PLR0912 a branch for each kind
    columns: Mapping[str, Column], auto: bool, of_a_table: bool, gaps: bool = False
) -> dict[str, str]:
    """Reasons why attributes are left out, by name; those without one are features.

    Args:
        columns: attributes by name.
        auto: whether meaning decides, else only whether their values can be features.
        of_a_table: whether they are columns of a table that was given as one of features.
        gaps: whether they may lack values.
    """
    reasons: dict[str, str] = {}
    by_name = named_as_others(list(columns), of_a_table)
    numbers = [name for name, column in columns.items() if column.is_number]
    counts = _counts if of_a_table else _tells_apart
    counting = {name for name in numbers if counts(columns[name])}
    # Counts of many things, few vertices: no two the same in most columns, and no running numbers.
    counted = len(counting) > MANY and 2 * len(counting) > len(numbers)
    for name, column in columns.items():
        reason = None
        if not len(column.present):
            reason = "without a value"
        elif (
            auto and not of_a_table and fold(name) in CODES + CLASSES and looks_like_classes(column)
        ):
            reason = MAY_BE_CLASS
        elif not column.is_number:
            reason = of_type(name, column.kind, text_among_numbers(column))
        elif auto:
            reason = by_name.get(name)
            if reason is None and column.num_missing and not gaps:
                reason = MISSING
            if reason is None and not of_a_table and not np.isfinite(column.present).all():
                reason = "infinite for some vertices"
            if reason is None and _is_constant(column):
                reason = CONSTANT
            if reason is None and name in counting and not counted:
                reason = "running numbers: whole and all different"
        elif column.num_missing and not gaps:
            reason = MISSING
        if reason is not None:
            reasons[name] = reason
    return reasons


def named_as_others(names: Sequence[str], of_a_table: bool = False) -> dict[str, str]:
    """The names that tell that an attribute is no feature, each with the reason. In a table of
    features, height and degree are what they say, unless a program that draws has written it.
    """
    folded = {fold(name) for name in names}
    drawn, own = _drawn(names), {"cluster", "confidence"} <= folded
    found = {name: _meaning(name, drawn, own) for name in names}
    if of_a_table and not folded & set(PROGRAMS):
        found = {name: None if r in OF_PROGRAMS else r for name, r in found.items()}
    return {name: reason for name, reason in found.items() if reason is not None}


def of_type(name: str, kind: str, example: str | None = None) -> str:
    """The reason to leave out an attribute that is no number."""
    if kind not in TEXT:
        return f"of type {kind}, not numbers"
    if fold(name) in DISPLAY:
        return "a name"
    if example is not None:
        return f"not all numbers: {example[:20]!r}; by name they become one column for each value"
    return "not numbers; by name they become one column for each value"


def _drawn(columns: Sequence[str]) -> set[str]:
    """Names that mean a place or a colour because all of their group are there."""
    letters = {name.strip().lower(): name for name in columns}
    groups = [group for group in PLACE if all(letter in letters for letter in group)]
    return {letters[letter] for group in groups for letter in group}


def _meaning(name: str, drawn: set[str], own: bool) -> str | None:  # noqa: PLR0911 a return for each answer
    """The reason that a name alone gives to leave an attribute out."""
    folded = fold(name)
    if name in drawn or folded in DRAWING or _is_place(folded):
        return "written by the program, for drawing or selecting"
    if own and (folded in OWN_COLUMNS or (folded.startswith("p") and folded[1:].isdecimal())):
        return "an earlier clustering"
    if folded in STATISTICS or any(part in folded for part in STATISTICS_WITHIN):
        return "a statistic of the edges"
    if folded in PARTITIONS or any(part in folded for part in PARTITIONS_WITHIN):
        return "an earlier clustering"
    if folded in CLASSES:
        return MAY_BE_CLASS
    if folded in DISPLAY or folded in ("id", "vertexid", "nodeid"):
        return "a name"
    return None


def _is_place(folded: str) -> bool:
    """Tell whether a name is that of a coordinate in a drawing, or of the look of a vertex."""
    stem = folded.rstrip("xyz0123456789")
    return folded.startswith("viz") or (stem != folded and stem in PLACES)


def _is_constant(column: Column) -> bool:
    values = column.present
    return len(values) > 0 and bool((values == values[0]).all())


def _tells_apart(column: Column) -> bool:
    """Tell whether all values are whole numbers, no two of them the same."""
    values = column.present
    if values.dtype.kind == "b" or not are_whole(values):
        return False
    return len(values) > 1 and len(np.unique(values)) == len(values)


def _counts(column: Column) -> bool:
    """Tell whether there are ten vertices and more, whose values are one after the other in any
    order: 1, 2, 3, ...
    """
    if len(column.values) < 10 or not _tells_apart(column):
        return False
    return bool(np.ptp(column.present) == len(column.present) - 1)
