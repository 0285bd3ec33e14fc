"""Meaning of the attributes of vertices and edges: weight, features, true class, name.

Nothing is guessed in silence: each choice is a note, and so is each attribute that was left out,
with the reason. An option of `Wanted` settles each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph.graph import Graph, compact
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.attribute_choice import choose_features
from tvgnn_cli.io.attribute_names import split_names
from tvgnn_cli.io.classes import classes_of, looks_like_classes
from tvgnn_cli.io.edge_meaning import edge_weights
from tvgnn_cli.io.names import DISPLAY, GUESSED_CLASSES, fold
from tvgnn_cli.io.wanted import ALL, AUTO, NONE, Wanted, find_named


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
        read.vertex_attributes, wanted.feature_attrs, read.ids, read.label, spare,
        gaps=wanted.gaps,
    )  # fmt: skip
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
    name = names[find_named(id_attr, names, "`id_attr`", read.label, "vertex attribute")]
    texts = read.vertex_attributes[name].texts()
    lacking = [str(i) for i, text in zip(read.ids, texts, strict=True) if not text]
    if lacking:
        raise InputError(
            f"{read.label}: vertex {first_and_rest(lacking)} has no '{name}' to be its id "
            "(`id_attr`)"
        )
    seen: set[str] = set()
    twice = [text for text in texts if text in seen or seen.add(text)]  # type: ignore[func-returns-value]
    if twice:
        raise InputError(
            f"{read.label}: '{name}' is no id (`id_attr`): more than one vertex has "
            f"{first_and_rest(twice)}"
        )
    note = f"ids: vertex attribute '{name}'"
    return replace(read, ids=np.array(texts, dtype=object), notes=(*read.notes, note))


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
        name = names[find_named(asked, names, "`label_attr`", label, "vertex attribute")]
        return name, (f"true labels: vertex attribute '{name}'",)
    folded = {fold(name): name for name in reversed(names)}
    for known in GUESSED_CLASSES:
        found = folded.get(known)
        if found is None or (known == "y" and "x" in folded):  # a place in a drawing
            continue
        if looks_like_classes(columns[found]):
            note = f"true labels: vertex attribute '{found}' (`label_attr` none takes none)"
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
        f"names: vertex attribute '{shown[0]}', a column beside the ids (`id_attr` takes it for "
        "them)",
    )
