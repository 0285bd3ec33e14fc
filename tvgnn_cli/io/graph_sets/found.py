"""A set of graphs as a reader finds it, and how it becomes a `GraphSet`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.graph.edges import SIMILARITIES, EdgeCounts, unusable_weights
from tvgnn_cli.graph.graph_set import Category, GraphSet
from tvgnn_cli.io.graph_sets.words import GraphClasses, classes_of_graphs


@dataclass(frozen=True, eq=False)
class Found:
    """Graphs one after another, as a form has them.

    Args:
        label: the input, for messages.
        name: the stem that output files are named after.
        ids: of the graphs `[g]`.
        sizes: vertices of each `[g]`.
        tail, head: ends of edges over the vertices of all, int64 `[m]`.
        weight: of edges, usable ones, `[m]`; None for 1.
        undirected: whether the input says that edges have no direction.
        attributes: `[n, a]`, finite; None where there are none.
        attribute_names: of their columns.
        categories: kinds of vertices.
        labels: the class of each graph as text, "" for an unknown one; None where there are none.
        split: the part of each graph; None where the input says none.
        vertex_ids: object array `[n]`; None for numbers from 0.
        counts: of edges, where they were counted before.
        notes: sentences that the summary shows.
    """

    label: str
    name: str
    ids: Sequence[str]
    sizes: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    weight: np.ndarray | None = None
    undirected: bool = False
    attributes: np.ndarray | None = None
    attribute_names: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    labels: Sequence[str] | None = None
    split: Sequence[str] | None = None
    vertex_ids: np.ndarray | None = None
    counts: EdgeCounts | None = None
    notes: tuple[str, ...] = ()

    def graph_set(self) -> GraphSet:
        """The set that these are.

        Raises:
            InputError: no graphs, an edge between two of them, weights that add up to infinity.
        """
        if not len(self.ids):
            raise InputError(f"{self.label}: holds no graphs")
        classes = GraphClasses(None, ())
        if self.labels is not None:
            classes = classes_of_graphs(self.labels)
        split = None if self.split is None else np.array(self.split, dtype=object)
        try:
            made = GraphSet.from_edges(
                self.ids,
                self.sizes,
                self.tail,
                self.head,
                self.weight,
                undirected=self.undirected,
                attributes=self.attributes,
                attribute_names=self.attribute_names,
                categories=self.categories,
                y=classes.y,
                class_names=classes.names,
                split=None if split is None or not (split != "").any() else split,
                vertex_ids=self.vertex_ids,
                name=self.name,
                notes=(*self.notes, *classes.notes, *_without(self.sizes)),
            )
        except (InputError, ValueError) as error:
            raise InputError(f"{self.label}: {error}") from None
        return made if self.counts is None else replace(made, counts=self.counts)


def _without(sizes: np.ndarray) -> tuple[str, ...]:
    empty = int((np.asarray(sizes) == 0).sum())
    return (f"graphs without vertices: {empty:,}, kept",) if empty else ()


def refuse_unusable(weight: np.ndarray, where: Callable[[int], str]) -> None:
    """Refuse weights that are no similarities: negative, infinite or NaN.

    Args:
        weight: of edges `[m]`.
        where: the place of an edge, by its position.

    Raises:
        InputError: naming the first.
    """
    bad = unusable_weights(weight)
    if len(bad):
        place = int(bad[0])
        raise InputError(
            f"{where(place)}: weight {weight[place]:g}; {SIMILARITIES}; `weight` none counts edges "
            "alike"
        )


def as_attributes(values: np.ndarray, where: Callable[[int], str]) -> np.ndarray:
    """Numbers of vertices as float32 `[n, a]`.

    Args:
        values: numbers `[n, a]`.
        where: the place of a vertex, by its position.

    Raises:
        InputError: a value that is not finite, or beyond the range of float32.
    """
    usable = np.abs(values) <= np.finfo(np.float32).max
    rows = np.flatnonzero(~usable.all(axis=1))
    if len(rows):
        row = int(rows[0])
        value = values[row][~usable[row]][0]
        raise InputError(f"{where(row)}: {value:g} is no feature; features are finite numbers")
    return np.ascontiguousarray(values, dtype=np.float32)


def grouped(graph: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Vertices of each graph `[g]`, and the order that makes those of one graph a run, each in the
    order of the input; None where they are runs already.

    Args:
        graph: position of the graph of each vertex, integers `[n]`.
        count: of graphs.
    """
    sizes = np.bincount(graph, minlength=count)
    if bool((graph[1:] >= graph[:-1]).all()):
        return sizes, None
    return sizes, np.argsort(graph, kind="stable")


def placed(order: np.ndarray) -> np.ndarray:
    """The new position of each vertex `[n]`, from the order in which they are taken."""
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places


def refuse_twice(ids: Sequence[str], where: Callable[[int], str], what: str = "graph") -> None:
    """Refuse an id that is there twice.

    Raises:
        InputError: naming the second place, and the first.
    """
    first: dict[str, int] = {}
    for place, name in enumerate(ids):
        earlier = first.setdefault(name, place)
        if earlier != place:
            raise InputError(
                f"{where(place)}: {what} {shown(name)} is listed twice (first in "
                f"{where(earlier).rpartition(': ')[2]})"
            )
