"""The poolings that TVGNN is compared with, on several graphs at once.

Dense ones coarsen as Eq. 30 does and differ in their losses. No vertex that is not there counts:
PyTorch Geometric's `dense_mincut_pool` gives the same on padded batches, and so does the modularity
of its `DMoNPooling`. Its collapse term does not (each graph is divided by the sizes of all), nor
does `dense_diff_pool` (its entropy is a mean over padded rows too, and its link loss a norm of the
whole batch). tests/test_pooling.py compares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tvgnn_cli import kernels
from tvgnn_cli.functional import total_loss
from tvgnn_cli.kernels import AnyGraphs, CoarseGraphs, GraphBatch, GraphTensors
from tvgnn_cli.nn.assignment_head import AssignmentHead
from tvgnn_cli.nn.pooling import Pooled, coarsen, select, sum_readout
from tvgnn_cli.shapes import Assignment, HiddenValues

TINY = 1e-12


@dataclass(frozen=True, eq=False)
class _Seen:
    """A pooling's assignment and graphs, as losses see them: sums over vertices by graph."""

    s: Assignment
    graph: AnyGraphs

    def by_graph(self, values: Tensor) -> Tensor:
        """Sums over the vertices of each graph: `[n]` becomes `[graphs]`."""
        return sum_readout(values.unsqueeze(1), self.graph).squeeze(1)

    @property
    def sizes(self) -> Tensor:
        """Number of vertices of each graph, `[graphs]`."""
        if isinstance(self.graph, CoarseGraphs):
            return self.s.new_full((self.graph.num_graphs,), self.graph.size)
        return torch.tensor(self.graph.sizes, dtype=self.s.dtype, device=self.s.device)

    def product(self, values: Tensor, normalized: bool) -> Tensor:
        """`A values` or, normalized, `D^-1/2 A D^-1/2 values`, `[n, f]`."""
        graph = self.graph
        if isinstance(graph, CoarseGraphs):
            near = graph.normalized if normalized else graph.weight
            return (near @ values.view(graph.num_graphs, graph.size, -1)).flatten(0, 1)
        form = "normalized" if normalized else "plain"
        return kernels.symmetric_product(graph.edges.adjacency(form, values.dtype), values)

    def gram(self) -> Tensor:
        """`S^T S` of each graph, `[graphs, k, k]`."""
        if isinstance(self.graph, CoarseGraphs):
            rows = self.s.view(self.graph.num_graphs, self.graph.size, -1)
            return rows.transpose(1, 2) @ rows
        return kernels.segment_products(self.s, self.s, self.graph.sizes)


def mincut_losses(seen: _Seen) -> tuple[Tensor, Tensor]:
    """The two losses of MinCutPool, each `[graphs]`; see `mincut_loss` and `orthogonality_loss`."""
    s, k = seen.s, seen.s.size(1)
    degree = seen.product(torch.ones_like(s[:, :1]), normalized=True)
    within = seen.by_graph((s * seen.product(s, normalized=True)).sum(dim=1))
    volume = seen.by_graph((degree * s.square()).sum(dim=1)).clamp(min=TINY)
    gram = seen.gram()
    length = gram.square().sum(dim=(1, 2), keepdim=True).clamp(min=TINY).sqrt()
    away = gram / length - torch.eye(k, dtype=s.dtype, device=s.device) / float(k) ** 0.5
    return -within / volume, away.square().sum(dim=(1, 2)).clamp(min=TINY).sqrt()


def dmon_losses(seen: _Seen) -> tuple[Tensor, Tensor]:
    """The two losses of DMoN, each `[graphs]`; see `modularity_loss` and `collapse_loss`."""
    s, k = seen.s, seen.s.size(1)
    degree = seen.product(torch.ones_like(s[:, :1]), normalized=False)
    total = seen.by_graph(degree.squeeze(1)).clamp(min=TINY)
    expected = sum_readout(degree * s, seen.graph).square().sum(dim=1) / total
    within = seen.by_graph((s * seen.product(s, normalized=False)).sum(dim=1))
    length = sum_readout(s, seen.graph).square().sum(dim=1).clamp(min=TINY).sqrt()
    collapse = length * float(k) ** 0.5 / seen.sizes.clamp(min=1) - 1
    return (expected - within) / total, collapse


def diffpool_losses(seen: _Seen) -> tuple[Tensor, Tensor]:
    """The two losses of DiffPool, each `[graphs]`: `|A - S S^T|_F / n^2` and the mean entropy of
    an assignment; see `link_loss`, which does not divide, and `entropy_loss`.
    """
    s, graph = seen.s, seen.graph
    if isinstance(graph, CoarseGraphs):
        squares = graph.weight.square().sum(dim=(1, 2))
    else:
        edges = graph.edges.edge_weight
        each = torch.ones_like(s[:1, 0]) if edges is None else edges.square()
        of = graph.graph_of_vertex[graph.edges.edge_index[0]]
        squares = s.new_zeros(graph.num_graphs).index_add(0, of, 2 * each.expand(len(of)))
    within = seen.by_graph((s * seen.product(s, normalized=False)).sum(dim=1))
    squared = squares - 2 * within + seen.gram().square().sum(dim=(1, 2))
    size = seen.sizes.clamp(min=1)
    entropy = seen.by_graph(-(s * s.clamp(min=TINY).log()).sum(dim=1)) / size
    return squared.clamp(min=TINY).sqrt() / size.square(), entropy


LOSSES: dict[str, Callable[[_Seen], tuple[Tensor, Tensor]]] = {
    "mincutpool": mincut_losses,
    "dmon": dmon_losses,
    "diffpool": diffpool_losses,
}
"""By the method that has them."""

DROPS_LOOPS = ("mincutpool", "dmon")
"""Methods that set the diagonal of the coarsened adjacency matrix to 0."""


class DensePool(nn.Module):
    """A pooling by soft assignments with the losses of another method than TVGNN.

    Args:
        head: what makes the assignment.
        method: whose losses.
        cut_coeff, balance_coeff: weights of the two.

    Shapes:
        as of `TVGNNPool`.
    """

    def __init__(
        self, head: AssignmentHead, method: str, cut_coeff: float, balance_coeff: float
    ) -> None:
        super().__init__()
        self.head, self.method = head, method
        self.cut_coeff, self.balance_coeff = cut_coeff, balance_coeff

    def forward(self, x: HiddenValues, graph: AnyGraphs) -> Pooled:
        assignment = select(self.head, x)
        cut, balance = LOSSES[self.method](_Seen(assignment, graph))
        loss = total_loss(cut.mean(), balance.mean(), self.cut_coeff, self.balance_coeff)
        x, coarse = coarsen(x, assignment, graph)
        if self.method in DROPS_LOOPS:
            coarse = CoarseGraphs(coarse.without_loops)
        return Pooled(x, coarse, assignment, loss)


class ScorePool(nn.Module):
    """A pooling that keeps the vertices of the highest scores, of PyTorch Geometric.

    Args:
        layer: `TopKPooling` or `SAGPooling`.

    Shapes:
        x `[n, f]` of several graphs; the output is `Pooled`, without assignment and loss.
    """

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: HiddenValues, graph: AnyGraphs) -> Pooled:
        assert isinstance(graph, GraphBatch)
        edges, of = graph.edges, graph.graph_of_vertex
        both = torch.cat([edges.edge_index, edges.edge_index.flip(0)], dim=1)
        weight = None if edges.edge_weight is None else edges.edge_weight.repeat(2)
        x, left, kept, of, *_ = self.layer(x, both, weight, of)
        once = left[0] < left[1]
        sizes = torch.bincount(of, minlength=graph.num_graphs).tolist()
        rest = GraphTensors(
            left[:, once].contiguous(), len(x), None if kept is None else kept[once]
        )
        return Pooled(x, GraphBatch(rest, tuple(sizes)), None, None)
