"""The neighbours of each vertex, from a list of edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from tvgnn_cli.kernels.checks import check_edges, check_places, check_runs
from tvgnn_cli.kernels.gpu.pieces import Pieces
from tvgnn_cli.shapes import EdgeIndex, EdgeValues

MOST_VERTICES = 2**31 - 1
"""Vertices and edges that 32 bits tell apart."""


@dataclass(frozen=True, eq=False)
class Neighbourhoods:
    """Each undirected edge seen from both of its ends, by vertex.

    Args:
        start: where the neighbours of each vertex begin, int64 `[n + 1]`.
        neighbour: the other end, int32 `[2 e]`.
        edge: which edge it is, int32 `[2 e]`; empty where edges have no values.
        num_vertices: number of those that may be neighbours, at least n.
        is_sound: whether what is checked here is known of them.

    Raises:
        TypeError: other types of values.
        ValueError: runs that are none, or neighbours that are not there.
    """

    start: Tensor
    neighbour: Tensor
    edge: Tensor
    num_vertices: int
    is_sound: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        if self.is_sound:
            return
        types = self.start.dtype, self.neighbour.dtype, self.edge.dtype
        if types != (torch.int64, torch.int32, torch.int32):
            raise TypeError(f"neighbourhoods of {', '.join(map(str, types))}")
        check_runs("start", self.start, len(self.neighbour))
        if len(self.start) - 1 > self.num_vertices:
            raise ValueError(f"`start` is of more than {self.num_vertices} vertices")
        check_places("neighbour", self.neighbour, self.num_vertices)

    @classmethod
    def of(cls, edge_index: EdgeIndex, num_vertices: int) -> Neighbourhoods:
        """Find the neighbourhoods of edges in any order.

        Raises:
            ValueError: vertices that are not there, or more than 32 bits tell apart.
        """
        num_edges = edge_index.size(1)
        _check_edges(edge_index, num_vertices)
        from_ends, to_ends = edge_index.reshape(-1), edge_index.flip(0).reshape(-1)
        # Stable, so that neighbours come in the order of the edges on any machine.
        order = torch.argsort(from_ends, stable=True)
        start = from_ends.new_zeros(num_vertices + 1)
        torch.cumsum(torch.bincount(from_ends, minlength=num_vertices), 0, out=start[1:])
        # Place p of the ends is edge p, or edge p - e where it is the second half's.
        edge = (order % max(num_edges, 1)).to(torch.int32)
        return cls(start, to_ends[order].to(torch.int32), edge, num_vertices)

    @classmethod
    def of_sorted(
        cls, edge_index: EdgeIndex, num_vertices: int, *, with_values: bool = True
    ) -> Neighbourhoods:
        """Find the neighbourhoods of edges that are sorted by their lower ends, which come first,
        in time that grows with them.

        Without `with_values`, which neighbour comes by which edge is not kept.

        Raises:
            ValueError: vertices that are not there, or more than 32 bits tell apart; or another
                order.
        """
        _check_edges(edge_index, num_vertices)
        low, high = edge_index
        if bool((low > high).any()) or bool((low[1:] < low[:-1]).any()):
            raise ValueError("`edge_index` is not sorted by lower ends that come first")
        num_edges = low.numel()
        # A row of this matrix has the edges to higher neighbours; its entries number the edges.
        first = torch.searchsorted(low, torch.arange(num_vertices + 1))
        upper = sp.csr_array(
            (np.arange(num_edges, dtype=np.int32), high.to(torch.int32).numpy(), first.numpy()),
            shape=(num_vertices, num_vertices),
        )
        # Its columns have the edges to lower neighbours, these in rising order.
        lower = upper.tocsc()
        up, down = np.diff(upper.indptr), np.diff(lower.indptr)
        start = np.concatenate([[0], np.cumsum(up + down, dtype=np.int64)])
        # Lower neighbours come first: each is moved up by all higher ones of the vertices before,
        # and each higher one by all lower ones up to and with those of its own vertex.
        sides = (
            (lower, np.repeat(upper.indptr[:-1], down)),
            (upper, np.repeat(lower.indptr[1:], up)),
        )
        neighbour = np.empty(2 * num_edges, dtype=np.int32)
        edge = np.empty(2 * num_edges if with_values else 0, dtype=np.int32)
        for side, before in sides:
            place = np.arange(num_edges) + before
            neighbour[place] = side.indices
            if with_values:
                edge[place] = side.data
        return cls(
            torch.from_numpy(start), torch.from_numpy(neighbour), torch.from_numpy(edge),
            num_vertices,
        )  # fmt: skip

    @cached_property
    def pieces(self) -> Pieces:
        """The neighbourhoods cut into pieces that programs of a GPU walk."""
        return Pieces.of(self.start)

    def tensors(self) -> Iterator[Tensor]:
        """Tensors of which the neighbourhoods consist, with pieces where these are known."""
        yield from (self.start, self.neighbour, self.edge)
        if "pieces" in self.__dict__:
            yield from self.pieces.tensors()

    def spread(self, values: EdgeValues) -> Tensor:
        """Values of edges `[e]` as values of neighbours, `[2 e]`, without a gradient.

        Raises:
            ValueError: which neighbour comes by which edge was not kept, or other edges' values.
        """
        if len(self.edge) != len(self.neighbour) or 2 * len(values) != len(self.edge):
            raise ValueError(f"{len(values)} values for {len(self.neighbour) // 2} edges")
        return values.detach().index_select(0, self.edge)

    def gather(self, values: Tensor) -> Tensor:
        """Sums over both ends of values of neighbours `[2 e]`, `[e]`."""
        total = values.new_zeros(len(self.edge) // 2)
        return total.index_add_(0, self.edge, values)

    def of_first(self, rows: int) -> Neighbourhoods:
        """Those of the first vertices only, which may have any vertex as a neighbour."""
        last = int(self.start[rows])
        return Neighbourhoods(
            self.start[: rows + 1], self.neighbour[:last], self.edge[:last], self.num_vertices,
            is_sound=True,
        )  # fmt: skip


def _check_edges(edge_index: Tensor, num_vertices: int) -> None:
    """Refuse edges that have no neighbourhoods.

    Raises:
        ValueError: vertices that are not there, or more than 32 bits tell apart.
    """
    if max(num_vertices, edge_index.size(1)) > MOST_VERTICES:
        raise ValueError(f"the kernels take at most {MOST_VERTICES} vertices and edges")
    check_edges(edge_index, num_vertices)
