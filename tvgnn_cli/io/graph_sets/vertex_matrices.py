"""Features and classes of vertices that came as arrays, over all graphs of a set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph_set import Category
from tvgnn_cli.graph.stored_features import StoredFeatures
from tvgnn_cli.io.graph_sets.asked import Asked
from tvgnn_cli.io.graph_sets.found import as_attributes
from tvgnn_cli.io.graph_sets.member import Member, OfVertices
from tvgnn_cli.io.graph_sets.vertex_columns import KIND, ragged, vertex_at
from tvgnn_cli.io.graph_sets.words import category_of


def matrices_of_all(members: Sequence[Member], asked: Asked) -> OfVertices:
    """The features of vertices, and their classes as a category.

    Raises:
        InputError: features of other columns than those of another graph.
    """
    attributes, names = _features(members) if asked.attributes else (None, ())
    category = _classes(members) if asked.categories else None
    said: tuple[str, ...] = ()
    if category is not None:
        said = ("vertex labels: the classes of vertices",)
    if any(member.columns for member in members):
        said += ("vertex attributes: not read beside arrays of features",)
    categories = () if category is None else (category,)
    return OfVertices(attributes, names, categories, said)


def _features(members: Sequence[Member]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    there = [member for member in members if member.num_vertices]
    first = next((member for member in there if member.graph.x is not None), None)
    if first is None:
        return None, ()
    for member in there:
        if _columns(member) != _columns(first):
            raise ragged(member.label, _columns(member), first.label, _columns(first))
    values = np.concatenate([_dense(member.graph.x, member.label) for member in there])
    return as_attributes(values, lambda row: vertex_at(there, row)), first.graph.feature_names


def _columns(member: Member) -> list[str]:
    """Names of the features; of those without a name their numbers."""
    graph = member.graph
    return list(graph.feature_names) or [f"{i + 1}" for i in range(graph.num_features)]


def _dense(x: Any, label: str) -> np.ndarray:
    """Features as an array `[n, f]`."""
    if isinstance(x, StoredFeatures):
        raise InputError(f"{label}: its features are too many to hold; a set holds those of all")
    return np.asarray(x if isinstance(x, np.ndarray) else x.toarray())


def _classes(members: Sequence[Member]) -> Category | None:
    """The classes of vertices by name; None where no graph has them."""
    if all(member.graph.y is None for member in members):
        return None
    texts = np.concatenate([member.graph.class_texts for member in members])
    return category_of(KIND, texts)
