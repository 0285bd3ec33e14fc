"""What the attributes of vertices and edges mean: weight, features, true class, name.

Nothing is guessed in silence: each choice is a note, and so is each attribute that was left out,
with the reason. An option of `Wanted` settles each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tvgnn_cli.edges import SIMILARITIES, unusable_weights
from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph import Graph, compact
from tvgnn_cli.io.attribute_choice import choose_features, split_names
from tvgnn_cli.io.classes import classes_of, looks_like_classes
from tvgnn_cli.io.names import (
    DISPLAY,
    DISTANCES,
    GUESSED_CLASSES,
    fold,
    rank_of_weight,
)
from tvgnn_cli.io.times import kind_of_times
from tvgnn_cli.io.wanted import ALL, AUTO, NONE, Wanted, find_named
from tvgnn_cli.property_graph import Column, PropertyGraph


def to_graph(read: PropertyGraph, wanted: Wanted) -> Graph:
    """The graph that training takes, from a file's attributes by their meaning.

    Raises:
        InputError: an attribute that is named is not there, or cannot be what it is named for.
    """
    origin = read if wanted.keep_attributes else None
    read = with_ids_of(read, wanted.id_attr)
    weight, edge_notes = edge_weights(read, wanted.weight)
    asked = wanted.label_attr
    class_name, class_notes = class_attribute(
        _not_features(read.vertex_attributes, wanted) if asked is None else read.vertex_attributes,
        asked,
        read.label,
    )
    shown = display_names(read, class_name)
    spare = [n for n in (class_name, wanted.id_attr, wanted.no_feature) if n is not None]
    chosen = choose_features(
        read.vertex_attributes, wanted.feature_attrs, read.ids, read.label, spare
    )
    tail, head = oriented(read)
    y: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    if wanted.labels_elsewhere:
        class_notes = ()  # the attribute is only kept from the features
    elif class_name is not None:
        found = classes_of(read.vertex_attributes[class_name].texts())
        y, class_names = found.codes, found.names
        class_notes = (found.said(class_notes[0].partition(": ")[2]), *found.notes)
    return Graph.from_edges(
        read.ids,
        tail,
        head,
        weight,
        undirected=not bool(np.any(read.directed)),
        x=None if chosen.x is None else compact(chosen.x),
        feature_names=chosen.names,
        y=y,
        class_names=class_names,
        names=None if shown is None else np.array(shown[1], dtype=object),
        name=read.name,
        notes=(
            *read.notes,
            *edge_notes,
            *class_notes,
            *chosen.notes(),
            *_name_notes(shown, wanted.id_attr),
        ),
        explicit_ids=read.explicit_ids,
        origin=origin,
    )


def _not_features(columns: Mapping[str, Column], wanted: Wanted) -> Mapping[str, Column]:
    """Attributes that no user has asked for as features, of which one may be the true class."""
    asked = wanted.feature_attrs
    if asked is None or (isinstance(asked, str) and asked.lower() in (AUTO, ALL, NONE)):
        return columns
    wished = split_names(asked, columns) if isinstance(asked, str) else list(asked)
    folded = {fold(name) for name in wished}
    return {name: column for name, column in columns.items() if fold(name) not in folded}


def oriented(read: PropertyGraph) -> tuple[np.ndarray, np.ndarray]:
    """The ends of each edge. Those without a direction begin at the earlier vertex, so that
    listings from either end are one; so do others between the same vertices, which add to them.
    """
    if read.directed is True:
        return read.tail, read.head
    low, high = np.minimum(read.tail, read.head), np.maximum(read.tail, read.head)
    if read.directed is False:
        return low, high
    directed, pair = np.asarray(read.directed), low * read.num_vertices + high
    alone = directed & ~np.isin(pair, pair[~directed])
    return np.where(alone, read.tail, low), np.where(alone, read.head, high)


def with_ids_of(read: PropertyGraph, id_attr: str | None) -> PropertyGraph:
    """The graph with the values of an attribute as vertex ids.

    Raises:
        InputError: there is no such attribute, or it does not tell the vertices apart.
    """
    if id_attr is None or id_attr.lower() == NONE:
        return read
    names = list(read.vertex_attributes)
    name = names[find_named(id_attr, names, "--id-attr", read.label, "vertex attribute")]
    texts = read.vertex_attributes[name].texts()
    lacking = [str(i) for i, text in zip(read.ids, texts, strict=True) if not text]
    if lacking:
        raise InputError(
            f"{read.label}: vertex {first_and_rest(lacking)} has no '{name}' to be its id "
            "(--id-attr)"
        )
    seen: set[str] = set()
    twice = [text for text in texts if text in seen or seen.add(text)]  # type: ignore[func-returns-value]
    if twice:
        raise InputError(
            f"{read.label}: '{name}' is no id (--id-attr): more than one vertex has "
            f"{first_and_rest(twice)}"
        )
    note = f"ids: vertex attribute '{name}'"
    return replace(read, ids=np.array(texts, dtype=object), notes=(*read.notes, note))


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
    column = read.edge_attributes[name]
    told = (
        () if fold(name) == "weight" and asked is None else (f"weights: edge attribute '{name}'",)
    )
    return usable_weights(read, name, column, asked), (*told, *notes)


def choose_weight(
    columns: Mapping[str, Column], asked: str | None, label: str, what: str
) -> str | None:
    """The name of the weight among columns: the one that is asked for, else the likeliest by name.

    Raises:
        InputError: there is none of the name that is asked for.
    """
    names = list(columns)
    if asked is not None:
        if asked.lower() == NONE and asked not in names:
            return None
        return names[find_named(asked, names, "--weight", label, what)]
    for name, column in columns.items():
        if fold(name) == "weight" and not column.is_number and len(column.present):
            return name  # its values are refused
    ranked = [
        (rank, name)
        for name, column in columns.items()
        if (rank := rank_of_weight(name)) is not None
        and column.is_number
        and column.values.dtype.kind != "b"
        and (not len(column.present) or kind_of_times(column.present.tolist()) is None)
    ]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def left_unread(
    names: Sequence[str], what: str, weight: str | None, asked: str | None
) -> tuple[str, ...]:
    """A note on the columns of edges that were not read."""
    if not names:
        return ()
    shown = ", ".join(_with_reason(name) for name in names[:8])
    rest = f" and {len(names) - 8} more" if len(names) > 8 else ""
    alike = "; edges count alike" if weight is None else ""
    way = " (--weight NAME takes one)" if weight is None and asked is None else ""
    return (f"{what} not read: {shown}{rest}{alike}{way}",)


def _with_reason(name: str) -> str:
    if fold(name) in DISTANCES:
        return f"'{name}' (a distance is no similarity)"
    return f"'{name}'"


def usable_weights(read: PropertyGraph, name: str, column: Column, asked: str | None) -> np.ndarray:
    """The values of an edge attribute as weights.

    Raises:
        InputError: some edges lack it, or values that are no similarities.
    """
    remedy = "" if asked else "; --weight none counts edges alike"
    lacking = [] if column.missing is None else np.flatnonzero(column.missing).tolist()
    if lacking:
        first = first_and_rest([_edge(read, i) for i in lacking])
        raise InputError(f"{read.label}: edge {first} has no '{name}', others have{remedy}")
    if not column.is_number:
        raise InputError(
            f"{read.label}: the edge attribute '{name}' is not a number "
            f"({column.present[0]!r}){remedy}"
        )
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


def class_attribute(
    columns: Mapping[str, Column], asked: str | None, label: str
) -> tuple[str | None, tuple[str, ...]]:
    """The attribute with the true class: the one that is asked for, else one that looks like it.

    Raises:
        InputError: there is none of the name that is asked for.
    """
    names = list(columns)
    if asked is not None and asked.lower() == NONE and asked not in names:
        return None, ()
    if asked is not None:
        name = names[find_named(asked, names, "--label-attr", label, "vertex attribute")]
        return name, (f"true labels: vertex attribute '{name}'",)
    folded = {fold(name): name for name in reversed(names)}
    for known in GUESSED_CLASSES:
        found = folded.get(known)
        if found is None or (known == "y" and "x" in folded):  # a place in a drawing
            continue
        if looks_like_classes(columns[found]):
            note = f"true labels: vertex attribute '{found}' (--label-attr none takes none)"
            return found, (note,)
    return None, ()


def display_names(read: PropertyGraph, class_name: str | None) -> tuple[str, list[str]] | None:
    """The attribute that names vertices for people, and its values; None where there is none, or
    where the ids say the same.
    """
    for known in DISPLAY:
        for name, column in read.vertex_attributes.items():
            if fold(name) != known or name == class_name or column.is_number:
                continue
            texts = column.texts()
            there = [text for text in texts if text]
            if 2 * len(set(there)) > len(texts) and texts != read.ids.tolist():
                return name, texts
    return None


def _name_notes(shown: tuple[str, list[str]] | None, id_attr: str | None) -> tuple[str, ...]:
    if shown is None or id_attr is not None:
        return ()
    return (
        f"names: vertex attribute '{shown[0]}', a column beside the ids (--id-attr takes it for "
        "them)",
    )
