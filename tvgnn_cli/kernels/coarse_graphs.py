"""Graphs that pooling made: small, of one size, and every vertex next to every other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch
from torch import Tensor

from tvgnn_cli.kernels.neighbourhoods import MOST_VERTICES, Neighbourhoods

LEAST_DEGREE = 1e-6
"""Degree that smaller ones are taken for, where they are divided by."""


@dataclass(frozen=True, eq=False)
class CoarseGraphs:
    """Several graphs of one size, given by their adjacency matrices.

    Their vertices lie one graph after another: values of vertices have `graphs * size` rows. What
    is on the diagonals, edges inside clusters, changes nothing that layers and losses see: a
    vertex does not differ from itself.

    Args:
        weight: symmetric adjacency matrices, `[graphs, size, size]`, non-negative; it may
            require a gradient, which is that for symmetric changes.

    Raises:
        TypeError: weights that are no tensor.
        ValueError: weights that are not square matrices.
    """

    weight: Tensor

    def __post_init__(self) -> None:
        if not isinstance(self.weight, Tensor) or self.weight.layout != torch.strided:
            raise TypeError("`weight` is no dense tensor")
        if self.weight.dim() != 3 or self.weight.size(1) != self.weight.size(2):
            raise ValueError(f"weights of shape {tuple(self.weight.shape)} are no square matrices")

    @property
    def num_graphs(self) -> int:
        return self.weight.size(0)

    @property
    def size(self) -> int:
        """Number of vertices of each graph."""
        return self.weight.size(1)

    @property
    def num_vertices(self) -> int:
        """Number of vertices of all graphs."""
        return self.num_graphs * self.size

    def check_rows(self, rows: int) -> None:
        """Refuse values that are not those of its vertices, a row each.

        Raises:
            ValueError: there are more or fewer.
        """
        if rows != self.num_vertices:
            raise ValueError(f"{rows} rows for {self.num_graphs} graphs of {self.size} vertices")

    @property
    def edge_weight(self) -> Tensor:
        """Weights, for their gradient."""
        return self.weight

    @property
    def neighbourhoods(self) -> Neighbourhoods:
        """The neighbours of each vertex: all vertices of its graph, itself too."""
        return _complete(self.num_graphs, self.size)

    def weight_of_neighbours(self) -> Tensor:
        """Weights as weights of neighbours, `[graphs * size * size]`."""
        return self.weight.detach().reshape(-1)

    @cached_property
    def without_loops(self) -> Tensor:
        """The adjacency matrices with zeros on their diagonals."""
        own = torch.eye(self.size, dtype=torch.bool, device=self.weight.device)
        return self.weight.masked_fill(own, 0)

    @property
    def with_loops(self) -> CoarseGraphs:
        """The graphs with an edge of weight 1 more from each vertex to itself."""
        own = torch.eye(self.size, dtype=self.weight.dtype, device=self.weight.device)
        return CoarseGraphs(self.weight + own)

    @property
    def normalized(self) -> Tensor:
        """`D^-1/2 A D^-1/2` of each graph; rows of vertices without edges are 0."""
        # A degree near 0, of a cluster that nobody is in, must not make gradients that are none.
        root = self.weight.sum(dim=2).clamp(min=LEAST_DEGREE).rsqrt()
        return root.unsqueeze(2) * self.weight * root.unsqueeze(1)


class _Complete(Neighbourhoods):
    """Neighbourhoods of complete graphs, whose edges are entries of matrices."""

    def gather(self, values: Tensor) -> Tensor:
        """Both ends' sums of values of neighbours, as matrices `[graphs, size, size]`: what either
        end says of an edge is the same, and each of its two entries has one.
        """
        size = int(self.start[1])
        return values.view(-1, size, size)


@lru_cache(maxsize=16)
def _complete(graphs: int, size: int) -> Neighbourhoods:
    if graphs * size > MOST_VERTICES:
        raise ValueError(f"the kernels take at most {MOST_VERTICES} vertices")
    start = torch.arange(graphs * size + 1) * size
    each = torch.arange(size, dtype=torch.int32).expand(graphs, size, size)
    first = torch.arange(graphs, dtype=torch.int32).view(-1, 1, 1) * size
    none = torch.empty(0, dtype=torch.int32)
    return _Complete(start, (each + first).reshape(-1), none, graphs * size, is_sound=True)
