"""One graph of a set that was read by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.graph_set import Category
from tvgnn_cli.graph.property_graph import Column


@dataclass(frozen=True, eq=False)
class Member:
    """A graph and what is known of its vertices.

    Args:
        name: its id in the set.
        label: of it, for messages.
        graph: its edges, and features and classes of vertices where they are settled.
        columns: attributes whose meaning is not.
    """

    name: str
    label: str
    graph: Graph
    columns: Mapping[str, Column] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, label: str, graph: Graph) -> Member:
        """A graph that was read with its attributes, which stay in `columns` alone."""
        columns = {} if graph.origin is None else dict(graph.origin.vertex_attributes)
        return cls(name, label, replace(graph, origin=None), columns)

    @property
    def num_vertices(self) -> int:
        return self.graph.num_vertices

    @property
    def has_matrix(self) -> bool:
        """Tell whether features or classes of vertices came as arrays."""
        return self.graph.x is not None or (self.graph.y is not None and not self.columns)


@dataclass(frozen=True, eq=False)
class OfVertices:
    """Numbers and kinds of the vertices of all graphs.

    Args:
        attributes: float32 `[n, a]`; None for none.
        names: of their columns.
        categories: kinds of vertices.
        notes: sentences that the summary shows.
    """

    attributes: np.ndarray | None = None
    names: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    notes: tuple[str, ...] = ()
