"""Vertices and edges in the order in which a reader of nested text meets them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.property_graph import Column, PropertyGraph


class GraphBuilder:
    """Numbers of vertices by their ids, and ends of edges as these numbers.

    Vertices that are declared come first, in their order; then those that only edges name. A group
    of vertices is a vertex itself only where an edge ends at it. The ids of edges are kept where
    `edge_ids` is a list.
    """

    def __init__(self) -> None:
        self.number_of: dict[str, int] = {}
        self.declared: dict[str, int] = {}
        self.order, self.tail, self.head = array("q"), array("q"), array("q")
        self.directed = bytearray()
        self.groups: set[int] = set()
        self.edge_ids: list[str] | None = None

    @property
    def num_edges(self) -> int:
        return len(self.tail)

    def number(self, name: str) -> int:
        """The number of the vertex of that id, declared or not."""
        return self.number_of.setdefault(name, len(self.number_of))

    def declare(self, name: str, line: int, where: str, what: str = "line") -> int:
        """The number of a vertex that the file declares.

        Args:
            name: its id.
            line: the line that declares it, or its place in a list.
            where: the same in words, as messages begin.
            what: has that number.

        Raises:
            InputError: it has been declared already; names both lines.
        """
        if name in self.declared:
            raise InputError(
                f"{where}: vertex '{name}' has been declared in {what} {self.declared[name]}"
            )
        self.declared[name] = line
        number = self.number(name)
        self.order.append(number)
        return number

    def add_edge(self, tail: str, head: str, directed: bool, edge_id: str = "") -> None:
        """Take an edge between two ids."""
        if self.edge_ids is not None:
            self.edge_ids.append(edge_id)
        self.tail.append(self.number(tail))
        self.head.append(self.number(head))
        self.directed.append(directed)

    def found(
        self,
        vertex_attributes: Mapping[str, Column],
        edge_attributes: Mapping[str, Column],
        *,
        by_default: bool,
        graph_attributes: Mapping[str, Column] | None = None,
        label: str,
        name: str,
        notes: tuple[str, ...] = (),
    ) -> PropertyGraph:
        """The graph.

        Args:
            vertex_attributes: columns of a value for each number of a vertex.
            edge_attributes: columns of a value for each edge.
            by_default: whether a graph without edges is directed.
            graph_attributes: columns of one value.
            label: name of the input in messages.
            name: stem that output files are named after.
            notes: sentences for the summary.
        """
        order, said = self._kept()
        place = np.full(len(self.number_of), -1, dtype=np.int64)
        place[order] = np.arange(len(order))
        names = np.array(list(self.number_of), dtype=object)
        directed: Any = np.frombuffer(bytes(self.directed), dtype=bool)
        if bool(directed.all()) or not bool(directed.any()):
            directed = bool(directed.any()) if len(directed) else by_default
        return PropertyGraph(
            ids=names[order],
            tail=place[_numbers(self.tail)],
            head=place[_numbers(self.head)],
            directed=directed,
            vertex_attributes={key: c.take(order) for key, c in vertex_attributes.items()},
            edge_attributes=edge_attributes,
            graph_attributes=graph_attributes or {},
            edge_ids=np.array(self.edge_ids, dtype=object) if any(self.edge_ids or ()) else None,
            label=label,
            name=name,
            notes=(*said, *notes),
        )

    def _kept(self) -> tuple[np.ndarray, tuple[str, ...]]:
        """Numbers of the vertices, and what is said of the others."""
        notes = []
        declared = _numbers(self.order)
        ended = np.zeros(len(self.number_of), dtype=bool)
        for ends in (self.tail, self.head):
            ended[_numbers(ends)] = True
        empty = np.array([g for g in sorted(self.groups) if not ended[g]], dtype=np.int64)
        if len(empty):
            declared = declared[~np.isin(declared, empty)]
            notes.append(f"groups of vertices, left out: {len(empty):,}")
        if len(empty) < len(self.groups):
            with_edges = len(self.groups) - len(empty)
            notes.append(f"groups that edges end at, kept as vertices: {with_edges:,}")
        undeclared = np.setdiff1d(np.flatnonzero(ended), declared)
        if len(undeclared):
            notes.append(f"vertices that only edges name, added: {len(undeclared):,}")
        return np.concatenate([declared, undeclared]), tuple(notes)


def _numbers(kept: array[int]) -> np.ndarray:
    return np.frombuffer(kept, np.int64) if kept else np.zeros(0, dtype=np.int64)
