"""Several graphs, each with its class: what a classifier of graphs learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tvgnn_cli.errors import counted
from tvgnn_cli.graph.edges import EdgeCounts, merge_edges
from tvgnn_cli.graph.labels import UNKNOWN

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
"""Parts that an input may say a graph is of."""


NOT_READ = "vertex attributes that are not read: "
"""Beginning of the note on those that are no features."""


@dataclass(frozen=True, eq=False)
class Category:
    """A kind of vertex that is no number: an element, a colour.

    Args:
        name: of the column that it came from.
        codes: of each vertex, int64 `[n]`, into `values`; -1 where the input does not say.
        values: names of the kinds.
    """

    name: str
    codes: np.ndarray
    values: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class GraphSet:
    """Undirected graphs one after another: the vertices of each are a run of those of all.

    Args:
        ids: what results call the graphs, object array `[g]`, in input order.
        ptr: the first vertex of each graph and the number of all, int64 `[g + 1]`.
        edge_index: int64 `[2, e]` over the vertices of all; each undirected edge is one column
            with the lower vertex first, columns sorted, no self-loops, none between two graphs.
        edge_weight: float64 `[e]`, positive and finite; None means 1.
        attributes: numbers of each vertex, float32 `[n, a]`; None where there are none.
        attribute_names: of their columns; empty where they have none.
        categories: kinds of each vertex.
        y: class of each graph `[g]`, int64 codes into `class_names`, -1 for an unknown one; None
            where the input has no classes.
        class_names: what the codes of `y` stand for, at least those that occur.
        split: of each graph "train", "validation", "test", or "" where the input does not say,
            object array `[g]`; None where it says nothing of any.
        vertex_ids: ids of the vertices as their graph has them, object array `[n]`; None for their
            numbers from 0 in each graph.
        name: the stem that output files are named after.
        counts: what became of the edges as they were read.
        notes: sentences that the summary shows.
        read_with: names and values of the options that it was read with, but for its classes.
    """

    ids: np.ndarray
    ptr: np.ndarray
    edge_index: np.ndarray
    edge_weight: np.ndarray | None = None
    attributes: np.ndarray | None = None
    attribute_names: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    y: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    split: np.ndarray | None = None
    vertex_ids: np.ndarray | None = None
    name: str = "graphs"
    counts: EdgeCounts = field(default_factory=EdgeCounts)
    notes: tuple[str, ...] = ()
    read_with: tuple[tuple[str, Any], ...] = ()

    def __repr__(self) -> str:
        """Name the set, and count what it holds, in one line."""
        return (
            f"<GraphSet {self.name!r}: {counted(self.num_graphs, 'graph')}, "
            f"{counted(self.num_vertices, 'vertex')}, {counted(self.num_edges, 'edge')}, "
            f"{counted(self.num_classes, 'class')}>"
        )

    @classmethod
    def from_edges(
        cls,
        ids: Sequence[str] | np.ndarray,
        sizes: Sequence[int] | np.ndarray,
        tail: np.ndarray,
        head: np.ndarray,
        weight: np.ndarray | None = None,
        *,
        undirected: bool = False,
        **fields: Any,
    ) -> GraphSet:
        """A set from any list of edges, as `merge_edges` makes them one.

        Args:
            ids: of the graphs.
            sizes: number of vertices of each, `[g]`.
            tail: first ends of edges, counted over the vertices of all graphs.
            head: their second ends, of the same graphs.
            weight: of edges, finite and at least 0; None for 1.
            undirected: whether the input says that its edges have no direction.
            **fields: other fields of the set.

        Raises:
            ValueError: an edge between two graphs.
        """
        ptr = np.concatenate([[0], np.cumsum(np.asarray(sizes, dtype=np.int64))])
        edges = merge_edges(tail, head, weight, undirected)
        low, high = edges.edge_index
        if (high >= ptr[np.searchsorted(ptr, low, side="right")]).any():
            raise ValueError("an edge between two graphs")
        named = np.array([str(each) for each in ids], dtype=object)
        return cls(named, ptr, edges.edge_index, edges.edge_weight, counts=edges.counts, **fields)

    @property
    def num_graphs(self) -> int:
        return len(self.ids)

    @property
    def num_vertices(self) -> int:
        return int(self.ptr[-1])

    @property
    def num_edges(self) -> int:
        return int(self.edge_index.shape[1])

    @property
    def num_classes(self) -> int:
        return len(self.class_names)

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of vertices of each graph, `[g]`."""
        return np.diff(self.ptr)

    @cached_property
    def edge_ptr(self) -> np.ndarray:
        """The first edge of each graph and the number of all, `[g + 1]`."""
        return np.searchsorted(self.edge_index[0], self.ptr)

    @cached_property
    def graph_of_vertex(self) -> np.ndarray:
        """Position of the graph of each vertex, `[n]`."""
        return np.repeat(np.arange(self.num_graphs), self.sizes)

    @cached_property
    def degrees(self) -> np.ndarray:
        """Neighbours of each vertex, `[n]`."""
        return np.bincount(self.edge_index.reshape(-1), minlength=self.num_vertices)

    @property
    def all_notes(self) -> tuple[str, ...]:
        """Notes on the reading, those that matter least at the end."""
        return (*self.counts.notes(), *self.notes, *self.counts.last_notes())

    @property
    def class_texts(self) -> np.ndarray:
        """The name of each graph's class, object array `[g]`; "" where it is unknown."""
        y = np.full(self.num_graphs, UNKNOWN) if self.y is None else self.y
        names: np.ndarray = np.array([*self.class_names, ""], dtype=object)[y]
        return names

    def take(self, graphs: Sequence[int] | np.ndarray) -> GraphSet:
        """Some of the graphs, by position, in the order in which they are asked for."""
        graphs = np.asarray(graphs, dtype=np.int64)
        vertices, edges = runs(self.ptr, graphs), runs(self.edge_ptr, graphs)
        ptr = np.concatenate([[0], np.cumsum(self.sizes[graphs])])
        shift = np.repeat(ptr[:-1] - self.ptr[graphs], np.diff(self.edge_ptr)[graphs])
        return replace(
            self,
            ids=self.ids[graphs],
            ptr=ptr,
            edge_index=self.edge_index[:, edges] + shift,
            edge_weight=None if self.edge_weight is None else self.edge_weight[edges],
            attributes=None if self.attributes is None else self.attributes[vertices],
            categories=tuple(replace(c, codes=c.codes[vertices]) for c in self.categories),
            y=None if self.y is None else self.y[graphs],
            split=None if self.split is None else self.split[graphs],
            vertex_ids=None if self.vertex_ids is None else self.vertex_ids[vertices],
        )

    def fingerprint(self) -> str:
        """SHA-256 over what is known of graphs, not their classes; computed once."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        """SHA-256 over graphs, edges, weights and what is known of vertices; not the classes."""
        digest = hashlib.sha256()
        kinds = [(each.name, *each.values) for each in self.categories]
        told = (
            *self.ids.tolist(),
            *self.attribute_names,
            *(word for kind in kinds for word in kind),
        )
        digest.update("\0".join(told).encode())
        codes = [each.codes for each in self.categories]
        for part in (self.ptr, self.edge_index, self.edge_weight, self.attributes, *codes):
            digest.update(b"none" if part is None else np.ascontiguousarray(part).data)
        return digest.hexdigest()


def runs(ptr: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Positions of the members of some runs, one run after another.

    Args:
        ptr: the first member of each run and the number of all, `[r + 1]`.
        chosen: which runs, `[c]`.
    """
    lengths = ptr[chosen + 1] - ptr[chosen]
    before = np.cumsum(lengths) - lengths
    shift = np.repeat(ptr[chosen] - before, lengths)
    members: np.ndarray = np.arange(len(shift)) + shift
    return members
