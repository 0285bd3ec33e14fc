"""Choice of the vertex attributes that are features: by meaning, or as the user says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, some_of
from tvgnn_cli.graph.missing import placeholders, rows_of_zeros
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.attribute_names import split_names
from tvgnn_cli.io.attribute_reasons import MISSING, named_as_others, of_type, reasons_against
from tvgnn_cli.io.attribute_values import no_value, number_column, one_hot
from tvgnn_cli.io.names import DISPLAY, fold
from tvgnn_cli.io.wanted import ALL, AUTO, NONE, find_named
from tvgnn_cli.io.written_numbers import with_numbers


@dataclass(frozen=True, eq=False)
class Chosen:
    """The features, and why other attributes are none.

    Args:
        x: float64 `[n, f]`; None for none.
        names: of its columns.
        sources: attributes that became features.
        left_out: names of the attributes that did not, by reason.
        written: those of the sources that are declared to be text.
        new: values of categories that the model was not trained on, which has no column for them.
    """

    x: np.ndarray | None
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    left_out: Mapping[str, list[str]] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    def notes(self, what: str = "vertex attributes") -> tuple[str, ...]:
        """Lines of the summary on the features, and on what is left out with the reasons."""
        said = [f"features: {what} {some_of(self.sources)}"] if self.sources else []
        if self.written:
            said.append(f"features declared as text, all of them numbers: {some_of(self.written)}")
        if self.new:
            said.append(f"values that the model does not know, taken for none: {some_of(self.new)}")
        reasons = [f"{some_of(names)} ({reason})" for reason, names in self.left_out.items()]
        if reasons:
            fills = ", `impute` fills gaps" if MISSING in self.left_out else ""
            said.append(
                f"{what} that are no features: {'; '.join(reasons)}; `feature_attrs` decides it"
                f"{fills}"
            )
        return (*said, *self._placeholders(), *self._rows_of_zeros())

    def _placeholders(self) -> tuple[str, ...]:
        """A line of the summary on numbers that may stand for a missing value."""
        found = [] if self.x is None else placeholders(self.x)
        told = [f"{number:g} in '{self.names[i]}' ({count:,})" for i, number, count in found]
        if not told:
            return ()
        return (
            f"features with a number far below all others: {some_of(told)}; where it stands for a "
            "missing value, empty those cells: `impute` fills them",
        )

    def _rows_of_zeros(self) -> tuple[str, ...]:
        """A line of the summary on vertices of which nothing may be known."""
        count = 0 if self.x is None else rows_of_zeros(self.x)
        if not count:
            return ()
        return (
            f"features: {count:,} vertices have 0 in all columns, where others hardly ever do; "
            "where that stands for a missing value, empty those cells: `impute` fills them",
        )


Asked = str | Sequence[str] | None
"""Answer to which attributes are features: "auto", "none", "all", names split by commas, or the
names of the columns that a model knows."""


def refuse_names(asked: Asked, label: str) -> None:
    """Refuse to choose by name among features that have no names. A list, of the features that a
    model was trained on, is no choice.

    Raises:
        UsageError: names, or none.
    """
    if isinstance(asked, str) and asked.strip().lower() not in (AUTO, ALL):
        raise UsageError(f"`feature_attrs`: {label} has no names to choose from; leave it out")


def choose_features(
    columns: Mapping[str, Column],
    asked: Asked,
    ids: np.ndarray,
    label: str,
    taken: Sequence[str] = (),
    *,
    of_a_table: bool = False,
    gaps: bool = False,
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
        gaps: whether they may lack values: NaN, which are filled later.

    Raises:
        InputError: a name that is not there, or whose values cannot be features.
    """
    if asked is not None and not isinstance(asked, str):
        return _of_known_columns(columns, asked, ids, label, gaps)
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
    chosen = _choose(columns, word, ids, label, taken, of_a_table, gaps)
    written = [name for name in chosen.sources if columns[name] is not given[name]]
    return replace(chosen, written=tuple(written))


def _choose(
    columns: Mapping[str, Column],
    word: str,
    ids: np.ndarray,
    label: str,
    taken: Sequence[str],
    of_a_table: bool,
    gaps: bool,
) -> Chosen:
    if word.lower() in (AUTO, ALL) and word not in columns:
        free = {name: column for name, column in columns.items() if name not in taken}
        reasons = reasons_against(free, word.lower() == AUTO, of_a_table, gaps)
        kept = [name for name in free if name not in reasons]
        return _assembled({name: free[name] for name in kept}, reasons, ids, label, gaps)
    names = list(columns)
    wanted = [
        names[find_named(name, names, "`feature_attrs`", label, "vertex attribute")]
        for name in split_names(word, columns)
    ]
    chosen = {name: columns[name] for name in dict.fromkeys(wanted)}
    return _assembled(chosen, {}, ids, label, gaps)


def _of_known_columns(
    columns: Mapping[str, Column], known: Sequence[str], ids: np.ndarray, label: str, gaps: bool
) -> Chosen:
    """Those of the columns that are there, in their order."""
    parts, found = [], []
    texts: dict[str, np.ndarray] = {}
    for name in known:
        column = columns.get(name)
        column = None if column is None else with_numbers(column)
        if column is not None and column.is_number:
            where = f"{label}: attribute '{name}'"
            if column.missing is not None and not gaps:
                raise no_value(where, ids[column.missing], "`impute` fills it in")
            parts.append(number_column(column, ids, where, gaps)[:, 0])
        elif column is None and (category := name.rpartition("=")[0]) in columns:
            if category not in texts:
                texts[category] = np.array(columns[category].texts(), dtype=object)
            part = (texts[category] == name.rpartition("=")[2]).astype(np.float64)
            parts.append(np.where(texts[category] == "", np.nan, part) if gaps else part)
        else:
            continue
        found.append(name)
    x = np.stack(parts, axis=1) if parts else None
    values = {
        f"{name}={text}" for name, each in texts.items() for text in set(each.tolist()) if text
    }
    return Chosen(x, tuple(found), tuple(found), new=tuple(sorted(values.difference(known))))


def choose_by_name(
    kinds: Mapping[str, str | None], asked: Asked, label: str, taken: Sequence[str] = ()
) -> Chosen:
    """The columns of a table that are features, by names and types alone.

    Args:
        kinds: None for a column of numbers, "" for one of text, else its type.
        asked: as in `choose_features`.
        label: name of the input.
        taken: columns that are something else, unless they are asked for by name.

    Raises:
        InputError: a name that is not there.
    """
    names = list(kinds)
    if asked is not None and not isinstance(asked, str):
        return Chosen(None, sources=tuple(name for name in asked if name in kinds))
    word = AUTO if asked is None else asked.strip()
    if word.lower() not in (AUTO, ALL) or word in kinds:
        wanted = [
            names[find_named(name, names, "`feature_attrs`", label, "column")]
            for name in split_names(word, kinds)
        ]
        return Chosen(None, sources=tuple(dict.fromkeys(wanted)))
    by_name = named_as_others(names, of_a_table=True) if word.lower() == AUTO else {}
    reasons = {
        name: reason
        for name, kind in kinds.items()
        if (reason := by_name.get(name) if kind is None else of_type(name, kind)) is not None
    }
    kept = tuple(name for name in names if name not in reasons and name not in taken)
    return Chosen(None, sources=kept, left_out=_by_reason(reasons))


def _by_reason(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    left_out: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        left_out.setdefault(reason, []).append(name)
    return left_out


def nothing_left(left_out: Mapping[str, Sequence[str]], label: str) -> InputError:
    """The error that no column of a table is a feature, with the reasons."""
    shown = "; ".join(f"{', '.join(n[:6])} ({r})" for r, n in left_out.items())
    return InputError(
        f"{label}: no feature columns are left, of {shown or 'none'}; `feature_attrs` "
        f"names those to use{', `impute` fills gaps' if MISSING in left_out else ''}"
    )


def _assembled(
    columns: Mapping[str, Column],
    reasons: Mapping[str, str],
    ids: np.ndarray,
    label: str,
    gaps: bool,
) -> Chosen:
    parts: list[np.ndarray] = []
    names: list[str] = []
    for name, column in columns.items():
        where = f"{label}: attribute '{name}'"
        if column.is_number:
            parts.append(number_column(column, ids, where, gaps))
            names.append(name)
        else:
            categories, values = one_hot(column, ids, where, gaps)
            parts.append(values)
            names += [f"{name}={category}" for category in categories]
    x = np.concatenate(parts, axis=1) if parts else None
    return Chosen(x, tuple(names), tuple(columns), _by_reason(reasons))
