"""Pooling by soft assignments: select, reduce, connect, on several graphs at once.

Source: Eq. 18 and 30; the three steps by Grattarola, Zambon, Bianchi & Alippi, "Understanding
pooling in graph neural networks", IEEE TNNLS 2022.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tvgnn_cli import kernels
from tvgnn_cli.functional import Loss, total_loss
from tvgnn_cli.kernels import AnyGraphs, CoarseGraphs
from tvgnn_cli.nn.assignment_head import AssignmentHead
from tvgnn_cli.shapes import Assignment, HiddenValues, PooledValues, Scalar


class Pooled(NamedTuple):
    """Graphs after pooling, and what it made of them.

    Args:
        x: vertex features, `[graphs * k, f]`.
        graph: the coarsened graphs.
        assignment: soft assignment of the vertices before, `[n, k]`; None of a pooling that keeps
            some of them.
        loss: the losses of that assignment, means over graphs; None for a pooling without any.
    """

    x: PooledValues
    graph: AnyGraphs
    assignment: Assignment | None
    loss: Loss | None


def select(head: AssignmentHead, x: HiddenValues) -> Assignment:
    """The soft assignment of each vertex, `S = Softmax(MLP(X))`, `[n, k]`.

    Source: Eq. 18.
    """
    assignment: Assignment = head(x)
    return assignment


def reduce(x: HiddenValues, assignment: Assignment, graph: AnyGraphs) -> PooledValues:
    """`X_pool = S^T X` of each graph, `[graphs * k, f]`; x is `[n, f]`, assignment `[n, k]`.

    Source: Eq. 30.
    """
    if isinstance(graph, CoarseGraphs):
        s, values = (t.view(graph.num_graphs, graph.size, -1) for t in (assignment, x))
        return (s.transpose(1, 2) @ values).flatten(0, 1)
    return kernels.segment_products(assignment, x, graph.sizes).flatten(0, 1)


def connect(assignment: Assignment, graph: AnyGraphs) -> CoarseGraphs:
    """`A_pool = S^T A S` of each graph; assignment is `[n, k]`.

    Source: Eq. 30.
    """
    if isinstance(graph, CoarseGraphs):
        s = assignment.view(graph.num_graphs, graph.size, -1)
        return CoarseGraphs(s.transpose(1, 2) @ (graph.weight @ s))
    near = kernels.neighbour_sum(assignment, graph.edges)
    return CoarseGraphs(kernels.segment_products(assignment, near, graph.sizes))


class Coarsened(NamedTuple):
    """Vertex features `[graphs * k, f]` and the graphs that they belong to."""

    x: PooledValues
    graph: CoarseGraphs


def coarsen(x: HiddenValues, assignment: Assignment, graph: AnyGraphs) -> Coarsened:
    """`reduce` and `connect` with one product for each graph in place of two."""
    if isinstance(graph, CoarseGraphs):
        return Coarsened(reduce(x, assignment, graph), connect(assignment, graph))
    near = kernels.neighbour_sum(assignment, graph.edges)
    both = kernels.segment_products(assignment, torch.cat([near, x], dim=1), graph.sizes)
    weight, pooled = both.split_with_sizes([near.size(1), x.size(1)], dim=-1)
    return Coarsened(pooled.flatten(0, 1), CoarseGraphs(weight.contiguous()))


def totvar_loss(assignment: Assignment, graph: AnyGraphs) -> Scalar:
    """Mean over graphs of the total variation loss `L_GTV`; assignment is `[n, k]`.

    A coarsened graph has an edge between any two of its vertices: E is their number.

    Source: Eq. 14.
    """
    if isinstance(graph, CoarseGraphs):
        pairs = graph.size * (graph.size - 1)
        return kernels.total_variation(assignment, graph) / max(pairs * graph.num_graphs, 1)
    return kernels.total_variation(assignment, graph.by_share(assignment.dtype))


def balance_loss(assignment: Assignment, graph: AnyGraphs) -> Scalar:
    """Mean over graphs of the balance loss `L_AN`, rho being K - 1; assignment is `[n, k]`.

    Source: Eq. 15.
    """
    if isinstance(graph, CoarseGraphs):
        return kernels.asym_norm_losses(assignment, (graph.size,) * graph.num_graphs)
    return kernels.asym_norm_losses(assignment, graph.sizes)


class TVGNNPool(nn.Module):
    """The pooling of TVGNN: an assignment head, and the two losses of its assignment.

    Source: Sections 3.2 and 3.3.

    Args:
        head: what makes the assignment.
        totvar_coeff: alpha_1.
        balance_coeff: alpha_2.

    Shapes:
        x `[n, f]` of several graphs; the output is `Pooled`, of k vertices each.
    """

    def __init__(self, head: AssignmentHead, totvar_coeff: float, balance_coeff: float) -> None:
        super().__init__()
        self.head = head
        self.totvar_coeff, self.balance_coeff = totvar_coeff, balance_coeff

    def forward(self, x: HiddenValues, graph: AnyGraphs) -> Pooled:
        assignment = select(self.head, x)
        loss = total_loss(
            totvar_loss(assignment, graph), balance_loss(assignment, graph),
            self.totvar_coeff, self.balance_coeff,
        )  # fmt: skip
        return Pooled(*coarsen(x, assignment, graph), assignment, loss)


def sum_readout(x: Tensor, graph: AnyGraphs) -> Tensor:
    """Sum over the vertices of each graph, `[graphs, f]`."""
    if isinstance(graph, CoarseGraphs):
        return x.view(graph.num_graphs, graph.size, -1).sum(dim=1)
    return x.new_zeros(graph.num_graphs, x.size(1)).index_add(0, graph.graph_of_vertex, x)


def mean_readout(x: Tensor, graph: AnyGraphs) -> Tensor:
    """Mean over the vertices of each graph, `[graphs, f]`; 0 for a graph without vertices."""
    if isinstance(graph, CoarseGraphs):
        return x.view(graph.num_graphs, graph.size, -1).mean(dim=1)
    sizes = torch.tensor(graph.sizes, dtype=x.dtype, device=x.device)
    return sum_readout(x, graph) / sizes.clamp(min=1).unsqueeze(1)
