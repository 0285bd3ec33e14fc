"""A graph as tensors, with what layers and losses derive from its edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from torch import Tensor

from tvgnn_cli.kernels.adjacency import adjacency
from tvgnn_cli.kernels.checks import check_edges, check_runs, check_vector
from tvgnn_cli.kernels.neighbourhoods import Neighbourhoods
from tvgnn_cli.shapes import EdgeIndex, EdgeValues


@dataclass(frozen=True, eq=False)
class GraphTensors:
    """Edges of a graph on one device, as layers and losses take them.

    The neighbourhoods and the adjacency matrix are made when a layer or a loss first asks for them,
    and kept. Make another object rather than change edges or weights in place; weights that
    require a gradient may change.

    Args:
        edge_index: undirected edges, each once, int64 `[2, e]`.
        num_vertices: n.
        edge_weight: `[e]`, or None for 1.
        ptr: of several graphs, which lie one after another, the first vertex of each and the number
            of all, int64 `[graphs + 1]`; None for one graph.
        has_its_vertices: whether the edges are known to be between vertices that are there.

    Raises:
        TypeError: no tensors, or a number of vertices that is none.
        ValueError: other shapes, or a vertex that is not there.
    """

    edge_index: EdgeIndex
    num_vertices: int
    edge_weight: EdgeValues | None = None
    ptr: Tensor | None = None
    has_its_vertices: bool = field(default=False, repr=False)
    _adjacency: dict[tuple[str, torch.dtype], Tensor] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not self.has_its_vertices:
            if not isinstance(self.num_vertices, int) or self.num_vertices < 0:
                raise TypeError(f"`num_vertices` is {self.num_vertices!r}, not an `int` from 0 on")
            check_edges(self.edge_index, self.num_vertices)
            if self.ptr is not None:
                check_runs("ptr", self.ptr, self.num_vertices)
        if self.edge_weight is not None:
            check_vector("edge_weight", self.edge_weight, self.num_edges)

    @classmethod
    def of_sorted(
        cls, edge_index: EdgeIndex, num_vertices: int, edge_weight: EdgeValues | None = None,
        *, with_values: bool = True,
    ) -> GraphTensors:  # fmt: skip
        """Build the graph of edges that are sorted by their lower ends, which come first; its
        neighbourhoods at once, in time that grows with the edges.

        Without `with_values` its edges will never have weights, and which neighbour comes by which
        edge is not kept.

        Raises:
            ValueError: weights of edges whose values are not to be kept.
        """
        if edge_weight is not None and not with_values:
            raise ValueError("edges without values have no weights")
        made = cls(edge_index, num_vertices, edge_weight)
        # Where a cached property keeps what it has made.
        made.__dict__["neighbourhoods"] = Neighbourhoods.of_sorted(
            edge_index, num_vertices, with_values=with_values
        )
        return made

    @classmethod
    def joined(cls, graphs: Sequence[GraphTensors]) -> GraphTensors:
        """Put several graphs one after another: a graph that has no edges between them, and in
        which layers do what they do in each.

        Raises:
            ValueError: there are none, or only some have weights.
        """
        if not graphs or len({graph.edge_weight is None for graph in graphs}) > 1:
            raise ValueError("graphs are joined of which all have weights, or none has")
        sizes = torch.tensor([0, *(graph.num_vertices for graph in graphs)])
        ptr = sizes.cumsum(0)
        edges = [
            graph.edge_index + int(first) for graph, first in zip(graphs, ptr[:-1], strict=True)
        ]
        weights = [graph.edge_weight for graph in graphs if graph.edge_weight is not None]
        joined = torch.cat(edges, dim=1)
        weight = torch.cat(weights) if weights else None
        return cls(joined, int(ptr[-1]), weight, ptr.to(joined.device), has_its_vertices=True)

    def check_rows(self, rows: int) -> None:
        """Refuse values that are not those of its vertices, a row each.

        Raises:
            ValueError: there are more or fewer.
        """
        if rows != self.num_vertices:
            raise ValueError(f"{rows} rows for a graph of {self.num_vertices} vertices")

    @property
    def num_edges(self) -> int:
        """Number of undirected edges, e."""
        return self.edge_index.size(1)

    @cached_property
    def neighbourhoods(self) -> Neighbourhoods:
        """The neighbours of each vertex."""
        return Neighbourhoods.of(self.edge_index, self.num_vertices)

    @cached_property
    def _weight_of_neighbours(self) -> Tensor | None:
        weight = self.edge_weight
        return None if weight is None else self.neighbourhoods.spread(weight)

    def weight_of_neighbours(self) -> Tensor | None:
        """Weights of edges as weights of neighbours, `[2 e]`; None for 1."""
        if self.edge_weight is None or not self.edge_weight.requires_grad:
            return self._weight_of_neighbours
        return self.neighbourhoods.spread(self.edge_weight)

    def adjacency(self, form: str, dtype: torch.dtype = torch.float32) -> Tensor:
        """The symmetric adjacency matrix, CSR `[n, n]`, without a gradient for the weights.

        Args:
            form: "plain" for A; "normalized" for `D^-1/2 A D^-1/2`, rows of vertices without edges
                being 0; "loops" for the same of `A + I`.
            dtype: of its values.
        """
        key, weight = (form, dtype), self.edge_weight
        given = self.edge_index, weight, self.num_vertices, form, dtype
        if weight is not None and weight.requires_grad:
            return adjacency(*given)  # which may have changed
        if key not in self._adjacency:
            self._adjacency[key] = adjacency(*given)
        return self._adjacency[key]

    def with_weight(self, edge_weight: EdgeValues) -> GraphTensors:
        """Give the edges other weights; both graphs share the neighbourhoods that are known."""
        made = replace(self, edge_weight=edge_weight, has_its_vertices=True, _adjacency={})
        if "neighbourhoods" in self.__dict__:
            made.__dict__["neighbourhoods"] = self.neighbourhoods
        return made

    def to(self, device: torch.device) -> GraphTensors:
        """Move the edges to a device; on the one where they are, it is the same graph."""
        index = self.edge_index.device.index if device.index is None else device.index
        if (self.edge_index.device.type, self.edge_index.device.index) == (device.type, index):
            return self
        weight = self.edge_weight
        moved = None if weight is None else weight.to(device)
        ptr = None if self.ptr is None else self.ptr.to(device)
        return GraphTensors(
            self.edge_index.to(device), self.num_vertices, moved, ptr, has_its_vertices=True
        )


def graph_of(
    edges: GraphTensors | EdgeIndex, num_vertices: int, edge_weight: EdgeValues | None = None
) -> GraphTensors:
    """Make a graph of what a caller of a layer gives: a graph, or edges and their weights.

    Raises:
        ValueError: a graph of another number of vertices, or weights beside it.
    """
    if isinstance(edges, GraphTensors):
        edges.check_rows(num_vertices)
        if edge_weight is not None:
            raise ValueError("edge_weight goes with edge_index; a graph has its own")
        return edges
    return GraphTensors(edges, num_vertices, edge_weight)
