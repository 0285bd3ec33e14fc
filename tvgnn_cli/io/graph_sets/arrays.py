"""Sets of graphs in an `.npz` file: one list of vertices and edges, and whose vertex each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, shown, some_of
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.graph_set import Category, GraphSet
from tvgnn_cli.io.archive import Archive
from tvgnn_cli.io.graph_sets.asked import Asked
from tvgnn_cli.io.graph_sets.found import Found, as_attributes, grouped, placed
from tvgnn_cli.io.graph_sets.words import category_names, category_of, part_of
from tvgnn_cli.io.names import ARRAYS_OF_FEATURES, find_array
from tvgnn_cli.io.npz import OF_SCIPY, graph_of_arrays
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.vertex_arrays import are_classes

OF_GRAPHS = ("graph", "graphid", "graphids", "batch", "graphindicator")
"""Arrays with the graph of each vertex."""

OF_KINDS = ("nodelabels", "nodelabel", "vertexlabels", "vertexlabel")
OF_CLASSES = ("y", "labels", "label", "graphlabels", "graphlabel", "classes", "class", "targets")
OF_PARTS = ("split", "splits")
OF_EDGES = ("edgeattr", "edgeattrs", "edgelabels", "edgelabel")
"""Arrays of what is known of edges, as kinds of bonds, which is not read."""


def read_arrays(source: Source, asked: Asked) -> GraphSet:
    """Read arrays of vertices and edges over all graphs.

    Raises:
        InputError: no array of the graph of each vertex, or arrays that do not fit each other.
        UsageError: a `weight`: arrays have no names to choose from.
    """
    if asked.weight is not None and not asked.no_weight:
        raise UsageError(f"`weight`: {source.label} has no names to choose from; leave it out")
    archive = Archive(source)
    name = find_array(archive, OF_GRAPHS)
    if name is None:
        raise InputError(
            f"{source.label}: no array of the graph of each vertex ({', '.join(OF_GRAPHS[:3])}) "
            f"among {some_of([shown(each, 20) for each in archive])}; without one it is one graph"
        )
    owner = archive[name]
    if owner.ndim != 1 or owner.dtype.kind not in "iuU" or not len(owner):
        raise InputError(
            f"{source.label}: {name} has dtype {owner.dtype} and shape {owner.shape}; need a whole "
            "number or word for each vertex"
        )
    distinct, first, graph = np.unique(owner, return_index=True, return_inverse=True)
    graph, ids = graph.reshape(-1), [str(value) for value in distinct.tolist()]
    if "" in ids:
        vertex = int(first[ids.index("")])
        raise InputError(f"{source.label}: {name}: the graph of vertex {vertex} has an empty name")
    read = _edges(archive, name, len(owner), source)
    _refuse_between(read, graph, ids, source)
    sizes, order = grouped(graph, len(ids))
    places = np.arange(len(owner)) if order is None else placed(order)
    order = np.arange(len(owner)) if order is None else order
    attributes = _attributes(archive, len(owner), source) if asked.attributes else None
    parts = _of_graphs(archive, OF_PARTS, ids, name, source)
    labels = _of_graphs(archive, OF_CLASSES, ids, name, source)
    weight = None if asked.no_weight else read.edge_weight
    return Found(
        label=source.label,
        name=source.stem,
        ids=ids,
        sizes=sizes,
        tail=places[read.edge_index[0]],
        head=places[read.edge_index[1]],
        weight=weight,
        attributes=None if attributes is None else attributes[order],
        categories=_categories(archive, order, source) if asked.categories else (),
        labels=labels,
        split=None if parts is None else [part_of(word, source.label) for word in parts],
        counts=read.counts,
        notes=(
            *_order(first, ids, [each for each in archive if _is(each, (*OF_CLASSES, *OF_PARTS))]),
            *_notes(read, archive, source),
            *_said(labels, source),
        ),
    ).graph_set()


class _Shown(Mapping[str, np.ndarray]):
    """The arrays of edges of an archive, and a stand-in for features that counts the vertices."""

    def __init__(self, archive: Archive, hidden: set[str], n: int) -> None:
        self._archive, self._n = archive, n
        self._names = ["x", *(name for name in archive if name not in hidden | {"x"})]

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._names:
            raise KeyError(name)
        return np.zeros((self._n, 1), np.float32) if name == "x" else self._archive[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _edges(archive: Archive, owner: str, n: int, source: Source) -> Graph:
    """The edges as an archive of one graph has them, over so many vertices."""
    known = (OF_GRAPHS, OF_KINDS, OF_CLASSES, OF_PARTS, ARRAYS_OF_FEATURES, OF_EDGES)
    hidden = {name for names in known for name in archive if _is(name, names)}
    hidden |= {owner, "num_nodes"} | {
        name for name in archive if name.startswith(("x_", "features_", "attr_"))
    }
    arrays = _Shown(archive, hidden, n)
    if len(arrays) == 1:
        raise InputError(
            f"{source.label}: no edges in the arrays {some_of([shown(a, 20) for a in archive])}; "
            "need edge_index (2, edges), edges (edges, 2) or an adjacency matrix adj"
        )
    return graph_of_arrays(arrays, source)


def _is(name: str, known: Sequence[str]) -> bool:
    return find_array([name], known) is not None


def _refuse_between(read: Graph, graph: np.ndarray, ids: Sequence[str], source: Source) -> None:
    """Refuse an edge between two graphs."""
    tail, head = read.edge_index
    apart = np.flatnonzero(graph[tail] != graph[head])
    if len(apart):
        low, high = int(tail[apart[0]]), int(head[apart[0]])
        raise InputError(
            f"{source.label}: an edge between two graphs, of vertex {low} of graph "
            f"{shown(ids[graph[low]])} and {high} of {shown(ids[graph[high]])}"
        )


def _attributes(archive: Archive, n: int, source: Source) -> np.ndarray | None:
    """Features `[n, f]` in the order of the file."""
    name = find_array(archive, ARRAYS_OF_FEATURES)
    if name is None:
        return None
    x = archive[name]
    if x.dtype.kind not in "iufb" or x.ndim != 2 or len(x) != n or not x.shape[1]:
        raise InputError(
            f"{source.label}: {name} has dtype {x.dtype} and shape {x.shape}; need numbers "
            f"({n}, f), a row for each vertex"
        )
    return as_attributes(x.astype(np.float64), lambda row: f"{source.label}: {name}, vertex {row}")


def _categories(archive: Archive, order: np.ndarray, source: Source) -> tuple[Category, ...]:
    """A category for each column of the labels of vertices."""
    name = find_array(archive, OF_KINDS)
    if name is None:
        return ()
    kinds = archive[name]
    columns = kinds[:, None] if kinds.ndim == 1 else kinds
    if columns.ndim != 2 or len(columns) != len(order) or columns.dtype.kind not in "iubU":
        raise InputError(
            f"{source.label}: {name} has dtype {kinds.dtype} and shape {kinds.shape}; need whole "
            f"numbers or words of shape ({len(order)},), one for each vertex"
        )
    names = category_names(columns.shape[1])
    return tuple(category_of(each, columns[order, i]) for i, each in enumerate(names))


def _of_graphs(
    archive: Archive, known: Sequence[str], ids: Sequence[str], owner: str, source: Source
) -> list[str] | None:
    """A word for each graph, in the order of their sorted ids; "" for NaN."""
    name = find_array(archive, known)
    if name is None:
        return None
    values = archive[name]
    values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if values.shape != (len(ids),):
        raise InputError(
            f"{source.label}: {name} has shape {values.shape}, but {owner} has {len(ids)} distinct "
            "graphs; one value for each, in the order of their sorted ids"
        )
    if values.dtype.kind == "f" and are_classes(values):
        return ["" if value != value else str(int(value)) for value in values.tolist()]
    if values.dtype.kind not in "iubU":
        raise InputError(
            f"{source.label}: {name} has dtype {values.dtype}; need whole numbers or words"
        )
    return [str(value) for value in values.tolist()]


def _notes(read: Graph, archive: Archive, source: Source) -> list[str]:
    """Notes on the edges, and on arrays that are not read."""
    known = (OF_GRAPHS, OF_KINDS, OF_CLASSES, OF_PARTS, ARRAYS_OF_FEATURES)
    meant = {find_array(archive, names) for names in known} | archive.taken | {OF_SCIPY}
    unread = [shown(name, 20) for name in archive if name not in meant]
    told = f"arrays of {source.label} that are not read: {some_of(unread)}"
    return [*read.notes, told] if unread else list(read.notes)


def _order(first: np.ndarray, ids: Sequence[str], values: Sequence[str]) -> list[str]:
    """The note on an order of graphs that may not be the one that somebody has in mind.

    Args:
        first: the first vertex of each graph, `[g]`.
        ids: of the graphs.
        values: names of the arrays that have a value for each graph.
    """
    if not values or bool((first[1:] > first[:-1]).all()):
        return []
    listed = some_of([shown(each, 20) for each in ids], 3)
    return [
        f"{' and '.join(values)}: a value for each graph in the order of their sorted ids, "
        f"{listed}, and not in that in which their vertices come"
    ]


def _said(labels: Sequence[str] | None, source: Source) -> tuple[str, ...]:
    return (f"classes: {source.label} has no array y",) if labels is None else ()
