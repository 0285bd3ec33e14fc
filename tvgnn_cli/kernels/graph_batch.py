"""Several graphs of any sizes at once, one after another."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from tvgnn_cli.kernels.coarse_graphs import CoarseGraphs
from tvgnn_cli.kernels.graph_tensors import GraphTensors


@dataclass(frozen=True, eq=False)
class GraphBatch:
    """Several graphs of any sizes, given by their edges. No vertex is there that none of them has.

    Args:
        edges: their union.
        sizes: number of vertices of each graph.

    Raises:
        TypeError: sizes that are no whole numbers.
        ValueError: sizes that are not those of the edges' vertices.
    """

    edges: GraphTensors
    sizes: tuple[int, ...]
    _by_share: dict[torch.dtype, GraphTensors] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if {*map(type, self.sizes)} - {int}:
            raise TypeError("`sizes` are not all whole numbers")
        if min(self.sizes, default=0) < 0 or sum(self.sizes) != self.edges.num_vertices:
            raise ValueError(
                f"graphs of {sum(self.sizes)} vertices, and edges of {self.edges.num_vertices}"
            )

    @property
    def num_graphs(self) -> int:
        return len(self.sizes)

    @property
    def graph_of_vertex(self) -> torch.Tensor:
        """Position of the graph of each vertex, int64 `[n]`."""
        device = self.edges.edge_index.device
        sizes = torch.tensor(self.sizes, device=device)
        return torch.repeat_interleave(torch.arange(self.num_graphs, device=device), sizes)

    def by_share(self, dtype: torch.dtype) -> GraphTensors:
        """The same edges, with such weights that total variations add up to the mean over graphs of
        `L_GTV`: each has 1 / (2 E) of its graph as a factor.
        """
        if dtype not in self._by_share:
            edges = self.edges
            graph = self.graph_of_vertex[edges.edge_index[0]]
            count = torch.bincount(graph, minlength=self.num_graphs)[graph].double()
            share = (1 / (2 * self.num_graphs * count)).to(dtype)
            weight = share if edges.edge_weight is None else share * edges.edge_weight.to(dtype)
            self._by_share[dtype] = edges.with_weight(weight)
        return self._by_share[dtype]


AnyGraphs = GraphBatch | CoarseGraphs
"""Graphs that poolings work on: of any sizes by their edges, or of one size by their matrices."""
