"""Meaning of the attributes of edges: the weight, and the reasons for not reading the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest, some_of
from tvgnn_cli.graph.edges import SIMILARITIES, unusable_weights
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.names import fold, is_distance, rank_of_weight
from tvgnn_cli.io.times import kind_of_times
from tvgnn_cli.io.wanted import NONE, find_named
from tvgnn_cli.io.written_numbers import TEXT, text_among_numbers, with_numbers


def edge_weights(
    read: PropertyGraph, asked: str | None
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The weight of each edge, None for 1, and what is to be said of the edges' attributes.

    Raises:
        InputError: the attribute that is named is missing, or holds no similarities.
    """
    names = list(read.edge_attributes)
    name = choose_weight(read.edge_attributes, asked, read.label, "edge attribute")
    unread = [other for other in names if other != name]
    notes = left_unread(unread, "edge attributes", name, asked)
    if name is None:
        return None, notes
    column = with_numbers(read.edge_attributes[name])
    written = column.is_number and not read.edge_attributes[name].is_number
    usual = fold(name) == "weight" and asked is None and not written
    told = f"weights: edge attribute '{name}'" + (", numbers declared as text" if written else "")
    return usable_weights(read, name, column, asked), (*(() if usual else (told,)), *notes)


def choose_weight(
    columns: Mapping[str, Column], asked: str | None, label: str, what: str
) -> str | None:
    """The name of the weight among columns: the one that is asked for, else the likeliest by name.

    Raises:
        InputError: there is none of the name that is asked for; the only one that could be it is
            named as distances are.
    """
    names = list(columns)
    if asked is not None:
        if asked.lower() == NONE and asked not in names:
            return None
        return names[find_named(asked, names, "`weight`", label, what)]
    weights = [name for name, column in columns.items() if fold(name) == "weight"]
    numbers = any(_are_quantities(columns[name]) for name in weights)
    for name in weights:
        if not numbers and not columns[name].is_number and len(columns[name].present):
            return name  # values that are no numbers are refused
    ranked = [
        (rank, name)
        for name, column in columns.items()
        if (rank := rank_of_weight(name)) is not None
        and _are_quantities(values := with_numbers(column))
        and (not len(values.present) or kind_of_times(values.present) is None)
    ]
    if ranked:
        return min(ranked, key=lambda pair: pair[0])[1]
    distances = list(filter(is_distance, names))
    refuse_distances(
        [name for name in distances if _are_quantities(with_numbers(columns[name]))], label, what
    )
    return None


def _are_quantities(column: Column) -> bool:
    return column.is_number and column.values.dtype.kind != "b"


def refuse_distances(names: Sequence[str], label: str, what: str = "column") -> None:
    """Refuse a column of edges that is named as distances are, where no other is the weight.

    Args:
        names: of the columns.
        label: name of the input.
        what: a column is called.

    Raises:
        InputError: naming it and what to do.
    """
    distances = list(filter(is_distance, names))
    if distances:
        raise InputError(
            f"{label}: {what} '{distances[0]}' is named as distances are, and weights are "
            "similarities, larger is closer: take 1 / (1 + distance), say, and name it 'weight'; "
            "`weight` none counts edges alike"
        )


def left_unread(
    names: Sequence[str], what: str, weight: str | None, asked: str | None
) -> tuple[str, ...]:
    """A note on the columns of edges that were not read."""
    if not names:
        return ()
    shown = some_of(list(map(_with_reason, names)), 8)
    alike = "; edges count alike" if weight is None else ""
    way = " (`weight` NAME takes one)" if weight is None and asked is None else ""
    return (f"{what} not read: {shown}{alike}{way}",)


def _with_reason(name: str) -> str:
    if is_distance(name):
        return f"'{name}' (a distance is no similarity)"
    return f"'{name}'"


def usable_weights(read: PropertyGraph, name: str, column: Column, asked: str | None) -> np.ndarray:
    """The values of an edge attribute as weights.

    Raises:
        InputError: some edges lack it, or values that are no similarities.
    """
    remedy = "" if asked else "; `weight` none counts edges alike"
    lacking = [] if column.missing is None else np.flatnonzero(column.missing).tolist()
    if lacking:
        first = first_and_rest([_edge(read, i) for i in lacking])
        raise InputError(f"{read.label}: edge {first} has no '{name}', others have{remedy}")
    if not column.is_number:
        value = text_among_numbers(column) or column.present[0]
        kind = "not a number" if column.kind in TEXT else f"of type {column.kind}, not a number"
        raise InputError(f"{read.label}: the edge attribute '{name}' is {kind} ({value!r}){remedy}")
    weight = column.floats()
    bad = unusable_weights(weight)
    if len(bad):
        raise InputError(
            f"{read.label}: edge '{_edge(read, int(bad[0]))}' has '{name}' {weight[bad[0]]:g}; "
            f"{SIMILARITIES}{remedy}"
        )
    return weight


def _edge(read: PropertyGraph, i: int) -> str:
    return f"{read.ids[read.tail[i]]}' - '{read.ids[read.head[i]]}"
