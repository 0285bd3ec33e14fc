"""Choice of the vertex attributes that are features: by meaning, or as the user says."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest, some_of
from tvgnn_cli.graph import check_features
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
from tvgnn_cli.io.wanted import ALL, AUTO, NONE, find_named
from tvgnn_cli.io.written_numbers import TEXT, text_among_numbers, with_numbers
from tvgnn_cli.property_graph import Column

CONSTANT = "the same everywhere"
"""The reason to leave out a column without differences."""

MANY = 20
"""Columns of whole numbers that are all different, above which most columns being so is no sign."""

MOST_CATEGORIES = 1000
"""Values of a category that become columns."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """The features, and why other attributes are none.

    Args:
        x: float64 `[n, f]`; None for none.
        names: of its columns.
        sources: attributes that became features.
        left_out: names of the attributes that did not, by reason.
        written: those of the sources that are declared to be text.
    """

    x: np.ndarray | None
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    left_out: Mapping[str, list[str]] = field(default_factory=dict)
    written: tuple[str, ...] = ()

    def notes(self, what: str = "vertex attributes") -> tuple[str, ...]:
        """Lines of the summary on the features, and on what is left out with the reasons."""
        said = [f"features: {what} {some_of(self.sources)}"] if self.sources else []
        if self.written:
            said.append(f"features declared as text, all of them numbers: {some_of(self.written)}")
        reasons = [f"{some_of(names)} ({reason})" for reason, names in self.left_out.items()]
        if reasons:
            said.append(
                f"{what} that are no features: {'; '.join(reasons)}; --feature-attrs decides it"
            )
        return tuple(said)


Asked = str | Sequence[str] | None
"""Answer to which attributes are features: "auto", "none", "all", names split by commas, or the
names of the columns that a model knows."""


def choose_features(
    columns: Mapping[str, Column],
    asked: Asked,
    ids: np.ndarray,
    label: str,
    taken: Sequence[str] = (),
    *,
    of_a_table: bool = False,
) -> Chosen:
    """The attributes that are features, as columns of numbers.

    Args:
        columns: attributes by name.
        asked: "auto" or None, "none", "all", names split by commas; or a list of columns, of which
            those that are there are taken: `age`, and `city=Oslo` for a value of a category.
        ids: of the vertices, for messages.
        label: name of the input.
        taken: attributes that are something else: the true class, the ids.
        of_a_table: whether they are columns of a table that was given as one of features, in which
            whole numbers that are all different may well be features.

    Raises:
        InputError: a name that is not there, or whose values cannot be features.
    """
    if asked is not None and not isinstance(asked, str):
        return _of_known_columns(columns, asked, ids, label)
    word = AUTO if asked is None else asked.strip()
    if word.lower() == NONE and word not in columns:
        return Chosen(None)
    by_name = word.lower() not in (AUTO, ALL) or word in columns
    given, columns = (
        columns,
        {
            name: with_numbers(column) if by_name or fold(name) not in DISPLAY else column
            for name, column in columns.items()
        },
    )
    chosen = _choose(columns, word, ids, label, taken, of_a_table)
    written = [name for name in chosen.sources if columns[name] is not given[name]]
    return replace(chosen, written=tuple(written))


def _choose(
    columns: Mapping[str, Column],
    word: str,
    ids: np.ndarray,
    label: str,
    taken: Sequence[str],
    of_a_table: bool,
) -> Chosen:
    if word.lower() in (AUTO, ALL) and word not in columns:
        free = {name: column for name, column in columns.items() if name not in taken}
        reasons = _reasons(free, word.lower() == AUTO, of_a_table)
        kept = [name for name in free if name not in reasons]
        return _assembled({name: free[name] for name in kept}, reasons, ids, label)
    names = list(columns)
    wanted = [
        names[find_named(name, names, "--feature-attrs", label, "vertex attribute")]
        for name in split_names(word, columns)
    ]
    return _assembled({name: columns[name] for name in dict.fromkeys(wanted)}, {}, ids, label)


def _of_known_columns(
    columns: Mapping[str, Column], known: Sequence[str], ids: np.ndarray, label: str
) -> Chosen:
    """Those of the columns that are there, in their order."""
    parts, found = [], []
    texts: dict[str, np.ndarray] = {}
    for name in known:
        column = columns.get(name)
        column = None if column is None else with_numbers(column)
        if column is not None and column.is_number:
            where = f"{label}: attribute '{name}'"
            _refuse_gaps(column, ids, where)
            check_features(column.floats()[:, None], ids, where)
            parts.append(column.floats())
        elif column is None and (category := name.rpartition("=")[0]) in columns:
            if category not in texts:
                texts[category] = np.array(columns[category].texts(), dtype=object)
            parts.append((texts[category] == name.rpartition("=")[2]).astype(np.float64))
        else:
            continue
        found.append(name)
    x = np.stack(parts, axis=1) if parts else None
    return Chosen(x, tuple(found), tuple(found))


def choose_by_name(kinds: Mapping[str, str | None], asked: Asked, label: str) -> Chosen:
    """The columns of a table that are features, by names and types alone.

    Args:
        kinds: None for a column of numbers, "" for one of text, else its type.
        asked: as in `choose_features`.
        label: name of the input.

    Raises:
        InputError: a name that is not there.
    """
    names = list(kinds)
    if asked is not None and not isinstance(asked, str):
        return Chosen(None, sources=tuple(name for name in asked if name in kinds))
    word = AUTO if asked is None else asked.strip()
    if word.lower() not in (AUTO, ALL) or word in kinds:
        wanted = [
            names[find_named(name, names, "--feature-attrs", label, "column")]
            for name in split_names(word, kinds)
        ]
        return Chosen(None, sources=tuple(dict.fromkeys(wanted)))
    by_name = named_as_others(names, of_a_table=True) if word.lower() == AUTO else {}
    reasons = {
        name: reason
        for name, kind in kinds.items()
        if (reason := by_name.get(name) if kind is None else _of_type(name, kind)) is not None
    }
    kept = tuple(name for name in names if name not in reasons)
    return Chosen(None, sources=kept, left_out=_by_reason(reasons))


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


MAY_BE_CLASS = "could be the true class: --label-attr"
"""The reason to leave out what may be classes."""

OF_PROGRAMS = ("written by the program, for drawing or selecting", "a statistic of the edges")
"""Reasons that go for what programs export of graphs."""


def _of_type(name: str, kind: str, example: str | None = None) -> str:
    """The reason to leave out an attribute that is no number."""
    if kind not in TEXT:
        return f"of type {kind}, not numbers"
    if fold(name) in DISPLAY:
        return "a name"
    if example is not None:
        return f"not all numbers: {example[:20]!r}; by name they become one column for each value"
    return "not numbers; by name they become one column for each value"


def _by_reason(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    left_out: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        left_out.setdefault(reason, []).append(name)
    return left_out


def split_names(asked: str, columns: Collection[str]) -> list[str]:
    """Names at the commas. A name that holds commas is found where it is one of the columns', or is
    quoted.
    """
    found: list[str] = []
    parts = [part.strip() for part in next(csv.reader([asked], skipinitialspace=True), [])]
    most = 1 + max((name.count(",") for name in columns), default=0)
    while parts:
        longest = next(
            (n for n in range(min(most, len(parts)), 0, -1) if ",".join(parts[:n]) in columns
             or ", ".join(parts[:n]) in columns), 1,
        )  # fmt: skip
        joined = ",".join(parts[:longest])
        found.append(joined if joined in columns else ", ".join(parts[:longest]))
        del parts[:longest]
    return [name for name in found if name]


def _reasons(columns: Mapping[str, Column], auto: bool, of_a_table: bool) -> dict[str, str]:
    """Reasons why attributes are left out, by name; those without one are features."""
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
            reason = _of_type(name, column.kind, text_among_numbers(column))
        elif auto:
            reason = by_name.get(name)
            if reason is None and column.num_missing:
                reason = "missing for some vertices"
            if reason is None and not of_a_table and not np.isfinite(column.present).all():
                reason = "infinite for some vertices"
            if reason is None and _is_constant(column):
                reason = CONSTANT
            if reason is None and name in counting and not counted:
                reason = "running numbers: whole and all different"
        elif column.num_missing:
            reason = "missing for some vertices"
        if reason is not None:
            reasons[name] = reason
    return reasons


def _drawn(columns: Sequence[str]) -> set[str]:
    """Names that mean a place or a colour because all of their group are there."""
    letters = {name.strip().lower(): name for name in columns}
    groups = [group for group in PLACE if all(letter in letters for letter in group)]
    return {letters[letter] for group in groups for letter in group}


def _meaning(name: str, drawn: set[str], own: bool) -> str | None:
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


def _assembled(
    columns: Mapping[str, Column], reasons: Mapping[str, str], ids: np.ndarray, label: str
) -> Chosen:
    parts: list[np.ndarray] = []
    names: list[str] = []
    for name, column in columns.items():
        where = f"{label}: attribute '{name}'"
        if column.is_number:
            _refuse_gaps(column, ids, where)
            values = column.floats()[:, None]
            check_features(values, ids, where)
            parts.append(values)
            names.append(name)
        else:
            categories, values = _one_hot(column, ids, where)
            parts.append(values)
            names += [f"{name}={category}" for category in categories]
    x = np.concatenate(parts, axis=1) if parts else None
    return Chosen(x, tuple(names), tuple(columns), _by_reason(reasons))


def _refuse_gaps(column: Column, ids: np.ndarray, where: str) -> None:
    if column.missing is not None:
        lacking = [str(ids[i]) for i in np.flatnonzero(column.missing)]
        raise InputError(f"{where}: vertex {first_and_rest(lacking)} has no value; leave it out")


def _one_hot(column: Column, ids: np.ndarray, where: str) -> tuple[list[str], np.ndarray]:
    """The sorted values of a category, and a column of 0 and 1 for each; a vertex without one has 0
    in all.
    """
    texts = column.texts()
    values = sorted({text for text in texts if text})
    if not 1 < len(values) <= min(MOST_CATEGORIES, max(len(ids) // 2, 2)):
        raise InputError(
            f"{where}: {len(values):,} different values for {len(ids):,} vertices; a category has "
            "2 or more, and at most one for two vertices: leave it out"
        )
    position = {value: i for i, value in enumerate(values)}
    table = np.zeros((len(ids), len(values)))
    for row, text in enumerate(texts):
        if text:
            table[row, position[text]] = 1
    return values, table
