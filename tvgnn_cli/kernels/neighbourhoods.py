"""The neighbours of each vertex, from a list of edges."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from tvgnn_cli.shapes import EdgeIndex, EdgeValues


@dataclass(eq=False)
class Neighbourhoods:
    """Each undirected edge seen from both of its ends, by vertex.

    Args:
        start: where the neighbours of each vertex begin, int64 `[n + 1]`.
        neighbour: the other end, int32 `[2 e]`.
        edge: which edge it is, int32 `[2 e]`; empty where edges have no values.
    """

    start: Tensor
    neighbour: Tensor
    edge: Tensor
    _spread: WeakIdKeyDictionary = field(default_factory=WeakIdKeyDictionary, init=False)

    def spread(self, values: EdgeValues) -> Tensor:
        """Values of edges `[e]` as values of neighbours, `[2 e]`; kept while `values` lives and
        is not one that training may change.
        """
        if values.requires_grad:
            return values.detach().index_select(0, self.edge)
        if values in self._spread and self._spread[values][0] == values._version:
            kept: Tensor = self._spread[values][1]
            return kept
        spread = values.detach().index_select(0, self.edge)
        self._spread[values] = values._version, spread
        return spread

    def gather(self, values: Tensor) -> Tensor:
        """Sums over both ends of values of neighbours `[2 e]`, `[e]`."""
        total = values.new_zeros(len(self.edge) // 2)
        return total.index_add_(0, self.edge, values)

    def of_first(self, rows: int) -> Neighbourhoods:
        """Those of the first vertices only, which may have any vertex as a neighbour."""
        last = int(self.start[rows])
        return Neighbourhoods(self.start[: rows + 1], self.neighbour[:last], self.edge[:last])


_KNOWN: WeakIdKeyDictionary = WeakIdKeyDictionary()


def neighbourhoods(edge_index: EdgeIndex, num_vertices: int) -> Neighbourhoods:
    """The neighbourhoods of a graph, made once for each `edge_index` that lives."""
    key = edge_index._version, num_vertices
    if edge_index in _KNOWN and _KNOWN[edge_index][0] == key:
        known: Neighbourhoods = _KNOWN[edge_index][1]
        return known
    made = _make(edge_index, num_vertices)
    _KNOWN[edge_index] = key, made
    return made


def remember_sorted(
    edge_index: EdgeIndex, num_vertices: int, *, with_values: bool = True
) -> EdgeIndex:
    """Make the neighbourhoods of edges that are sorted by their lower ends, which come first, in
    time that grows with them, and keep them for `neighbourhoods`. Returns the edges.

    Without `with_values` edges will have no weights, and which neighbour comes by which edge is not
    kept.
    """
    low, high = edge_index
    first = torch.searchsorted(low, torch.arange(num_vertices + 1))
    upper = sp.csr_array(
        (np.arange(low.numel(), dtype=np.int32), high.to(torch.int32).numpy(), first.numpy()),
        shape=(num_vertices, num_vertices),
    )
    lower = upper.tocsc()  # edges by their higher end, in rising order of the lower one
    up, down = np.diff(upper.indptr), np.diff(lower.indptr)
    start = np.concatenate([[0], np.cumsum(up + down, dtype=np.int64)])
    sides = (lower, np.repeat(upper.indptr[:-1], down)), (upper, np.repeat(lower.indptr[1:], up))
    neighbour = np.empty(2 * low.numel(), dtype=np.int32)
    edge = np.empty(2 * low.numel() if with_values else 0, dtype=np.int32)
    for side, before in sides:
        place = np.arange(low.numel()) + before
        neighbour[place] = side.indices
        if with_values:
            edge[place] = side.data
    made = Neighbourhoods(*map(torch.from_numpy, (start, neighbour, edge)))
    _KNOWN[edge_index] = (edge_index._version, num_vertices), made
    return edge_index


def _make(edge_index: Tensor, n: int) -> Neighbourhoods:
    from_ends, to_ends = edge_index.reshape(-1), edge_index.flip(0).reshape(-1)
    order = torch.argsort(from_ends, stable=True)
    start = torch.zeros(n + 1, dtype=torch.int64)
    torch.cumsum(torch.bincount(from_ends, minlength=n), 0, out=start[1:])
    neighbour = to_ends[order].to(torch.int32)
    return Neighbourhoods(start, neighbour, (order % max(edge_index.size(1), 1)).to(torch.int32))
