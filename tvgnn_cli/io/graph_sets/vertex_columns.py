"""Attributes of vertices by name, over all graphs of a set: which are numbers, which are kinds.

Names and types decide it, never how often a value occurs: a model that was trained on one set has
to find the same columns in a set of a single graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tvgnn_cli.errors import InputError, shown, some_of
from tvgnn_cli.graph.graph_set import NOT_READ
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.attribute_reasons import MAY_BE_CLASS, named_as_others
from tvgnn_cli.io.attribute_values import MOST_CATEGORIES
from tvgnn_cli.io.classes import are_whole
from tvgnn_cli.io.graph_sets.asked import Asked
from tvgnn_cli.io.graph_sets.found import as_attributes
from tvgnn_cli.io.graph_sets.member import Member, OfVertices
from tvgnn_cli.io.graph_sets.words import category_of
from tvgnn_cli.io.names import CLASSES, DISPLAY, GUESSED_CLASSES, fold
from tvgnn_cli.io.written_numbers import TEXT, with_numbers

KIND = "label"
"""Name of the category that an attribute becomes which is named as classes are."""

NAMES = frozenset(DISPLAY) - {"label", "symbol"}


def columns_of_all(members: Sequence[Member], asked: Asked) -> OfVertices:
    """The numbers and the kinds of vertices.

    Raises:
        InputError: a graph without an attribute that others have, or one that is not finite.
    """
    names = list(dict.fromkeys(name for member in members for name in member.columns))
    all_of = {name: _over_all(name, members) for name in names}
    reasons = {
        name: reason
        for name, reason in named_as_others(names).items()
        if reason != MAY_BE_CLASS and fold(name) != "symbol"  # of an element, say
    }
    for name, column in all_of.items():
        reason = _reason_against(name, column, members)
        if reason is not None:
            reasons.setdefault(name, reason)
    free = {name: column for name, column in all_of.items() if name not in reasons}
    numbers = [n for n, column in free.items() if column.is_number and not _is_kind(n, column)]
    if asked.attributes:
        _refuse_ragged(numbers, members)
    for name in [name for name in numbers if free[name].num_missing]:
        reasons[name] = "missing for some vertices"
        numbers.remove(name)
    kinds = [name for name in free if name not in numbers and name not in reasons]
    return _assembled(free, numbers, kinds, reasons, members, asked)


def _assembled(
    free: Mapping[str, Column],
    numbers: Sequence[str],
    kinds: Sequence[str],
    reasons: Mapping[str, str],
    members: Sequence[Member],
    asked: Asked,
) -> OfVertices:
    numbers = numbers if asked.attributes else ()
    kinds = kinds if asked.categories else ()
    attributes = None
    if numbers:
        values = np.stack([free[name].floats() for name in numbers], axis=1)
        attributes = as_attributes(values, lambda row: vertex_at(members, row))
    main = next((n for known in GUESSED_CLASSES for n in kinds if fold(n) == known), None)
    taken = {name: KIND if name == main else name for name in kinds}
    categories = tuple(
        category_of(called, np.array(free[name].texts(), dtype=object))
        for name, called in taken.items()
    )
    said = [f"features: vertex attributes {some_of(numbers)}"] if numbers else []
    said += [f"vertex labels: vertex attributes {some_of(kinds)}"] if kinds else []
    if reasons:
        listed = some_of([f"{shown(name, 20)} ({reason})" for name, reason in reasons.items()])
        said.append(f"{NOT_READ}{listed}")
    return OfVertices(attributes, tuple(numbers), categories, tuple(said))


def _over_all(name: str, members: Sequence[Member]) -> Column:
    """An attribute of the vertices of all graphs, missing where a graph has none."""
    found = [member.columns.get(name) for member in members]
    there = [column for column in found if column is not None]
    kinds = [column.kind for column in there if not column.is_number]
    kind = next((kind for kind in kinds if kind not in TEXT), "")
    gaps = np.concatenate([
        np.ones(member.num_vertices, dtype=bool) if column is None
        else np.zeros(member.num_vertices, dtype=bool) if column.missing is None
        else column.missing
        for member, column in zip(members, found, strict=True)
    ])  # fmt: skip
    missing = gaps if gaps.any() else None
    if all(column.is_number or not len(column.present) for column in there):
        parts = [
            np.zeros(member.num_vertices) if column is None or not column.is_number
            else column.values
            for member, column in zip(members, found, strict=True)
        ]  # fmt: skip
        return Column(np.concatenate(parts), missing, "")
    texts = [
        text
        for member, column in zip(members, found, strict=True)
        for text in ([""] * member.num_vertices if column is None else column.texts())
    ]
    return with_numbers(Column(np.array(texts, dtype=object), missing, kind))


def _reason_against(name: str, column: Column, members: Sequence[Member]) -> str | None:
    """The reason to leave an attribute out; None for none."""
    reason = None
    if not len(column.present):
        reason = "without a value"
    elif (fold(name) in DISPLAY or not column.is_number) and _are_ids(name, members):
        reason = "a name"
    elif column.is_number:
        reason = None
    elif any(name in m.columns and m.columns[name].is_number for m in members):
        reason = "numbers in some graphs, text in others"
    elif column.kind not in TEXT:
        reason = f"of type {column.kind}"
    elif fold(name) in NAMES:
        reason = "a name"
    elif len(set(column.texts())) > MOST_CATEGORIES:
        reason = f"text of more than {MOST_CATEGORIES:,} values"
    return reason


def _are_ids(name: str, members: Sequence[Member]) -> bool:
    """Tell whether values are the vertices' ids once more, as networkx writes them in GEXF."""
    return all(
        member.columns[name].texts() == member.graph.ids.tolist()
        for member in members
        if name in member.columns
    )


def _is_kind(name: str, column: Column) -> bool:
    """Tell whether whole numbers are codes of kinds, by the name."""
    return fold(name) in CLASSES and are_whole(column.present)


def _refuse_ragged(numbers: Sequence[str], members: Sequence[Member]) -> None:
    """Refuse graphs that lack an attribute which others have.

    Raises:
        InputError: naming the first of them, with its attributes and those of another.
    """
    wanted = set(numbers)
    lists = [
        (member.label, [name for name in member.columns if name in wanted])
        for member in members
        if member.num_vertices
    ]
    fullest = max(lists, key=lambda entry: len(entry[1]), default=None)
    for label, names in lists:
        if fullest is not None and set(names) != wanted:
            others = fullest if set(fullest[1]) != set(names) else next(
                entry for entry in lists if set(entry[1]) != set(names)
            )  # fmt: skip
            raise ragged(label, names, *others)


def ragged(label: str, names: Sequence[str], other: str, others: Sequence[str]) -> InputError:
    """The error of two graphs whose features differ, with both lists."""
    first, second = (some_of([shown(n, 20)[1:-1] for n in x], 4) or "none" for x in (names, others))
    return InputError(
        f"{label}: vertex features {first}, but {other} has {second}; `vertex_features` labels "
        "leaves them out"
    )


def vertex_at(members: Sequence[Member], row: int) -> str:
    """The place of a vertex, by its position among those of all graphs."""
    for member in members:
        if row < member.num_vertices:
            return f"{member.label}: vertex {shown(member.graph.ids[row])}"
        row -= member.num_vertices
    return "vertex"
