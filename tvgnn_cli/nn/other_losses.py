"""The losses of MinCutPool, DMoN and DiffPool as pure functions; none has an array `[n, n]`.

Each has two terms: one that keeps neighbours together, one against degenerate assignments. They
take a soft assignment S `[n, k]` and the graph, and are 0-dimensional.

Source: Eq. 10 and 11 of Hansen & Bianchi (2023) and the papers named at each function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tvgnn_cli import kernels
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.shapes import Assignment, Scalar

TINY = 1e-12
"""Keeps gradients finite where a root or a logarithm is taken at 0."""


def mincut_loss(assignment: Assignment, graph: GraphTensors) -> Scalar:
    """`-Tr(S^T A~ S) / Tr(S^T D~ S)`, A~ the normalised adjacency matrix, D~ its row sums.

    In [-1, 0]; -1 for one-hot clusters without edges between them, or one cluster for all. A graph
    without edges has no cut: 0.

    Source: L_c of Eq. 10; Bianchi, Grattarola & Alippi, "Spectral Clustering with Graph Neural
    Networks for Graph Pooling", ICML 2020, Eq. 8.
    """
    adjacency = graph.adjacency("normalized", assignment.dtype)
    volume = (_row_sums(adjacency) * assignment.square()).sum()
    loss: Tensor = _within(assignment, adjacency).neg() / volume.clamp(min=TINY)
    return loss


def orthogonality_loss(assignment: Assignment, graph: GraphTensors) -> Scalar:  # noqa: ARG001
    """`|S^T S / |S^T S|_F - I / sqrt(K)|_F`.

    0 for one-hot clusters of equal size, at most `sqrt(2 - 2 / sqrt(K))`, which is reached by one
    cluster for all and by the uniform assignment.

    Source: L_o of Eq. 10.
    """
    k = assignment.size(1)
    gram = assignment.t() @ assignment
    away = gram / gram.square().sum().sqrt()
    away = away - torch.eye(k, dtype=gram.dtype, device=gram.device) / float(k) ** 0.5
    loss: Tensor = away.square().sum().clamp(min=TINY).sqrt()
    return loss


def modularity_loss(assignment: Assignment, graph: GraphTensors) -> Scalar:
    """`-Tr(S^T B S) / (2 m)`, `B = A - d d^T / (2 m)`, m the weight of all edges.

    In [-1, 1/2]; for one-hot clusters it is their modularity, negated.

    Deviation from Eq. 11 as printed, which lacks the 2 m under `d d^T`; DMoN's own paper has it.

    Source: L_m of Eq. 11; Tsitsulin et al., "Graph Clustering with Graph Neural Networks", 2020.
    """
    adjacency = graph.adjacency("plain", assignment.dtype)
    degree = _row_sums(adjacency)
    total = degree.sum().clamp(min=TINY)
    expected = (degree.t() @ assignment).square().sum() / total
    loss: Tensor = (expected - _within(assignment, adjacency)) / total
    return loss


def collapse_loss(assignment: Assignment, graph: GraphTensors) -> Scalar:  # noqa: ARG001
    """`sqrt(K) / N |sum_i S_i|_F - 1`.

    In [0, sqrt(K) - 1]: 0 for clusters of equal size and for the uniform assignment, the most for
    one cluster.

    Source: L_r of Eq. 11.
    """
    n, k = assignment.shape
    length: Tensor = assignment.sum(dim=0).square().sum().sqrt()
    loss: Tensor = length * (float(k) ** 0.5 / n) - 1
    return loss


def link_loss(assignment: Assignment, graph: GraphTensors) -> Scalar:
    """`|A - S S^T|_F`, from `|A|^2 - 2 Tr(S^T A S) + |S^T S|^2`.

    Source: L_LP of Ying et al., "Hierarchical Graph Representation Learning with Differentiable
    Pooling", NeurIPS 2018, Section 3.3.
    """
    adjacency = graph.adjacency("plain", assignment.dtype)
    gram = assignment.t() @ assignment
    squared = adjacency.values().square().sum() - 2 * _within(assignment, adjacency)
    squared = squared + gram.square().sum()
    return squared.clamp(min=TINY).sqrt()


def entropy_loss(assignment: Assignment, graph: GraphTensors) -> Scalar:  # noqa: ARG001
    """Mean over vertices of the entropy of their assignment, in [0, log K].

    Source: L_E of Ying et al. (2018), Section 3.3.
    """
    return -(assignment * assignment.clamp(min=TINY).log()).sum(dim=1).mean()


def _row_sums(adjacency: Tensor) -> Tensor:
    """`[n, 1]`."""
    ones = torch.ones(adjacency.size(1), 1, dtype=adjacency.dtype, device=adjacency.device)
    return kernels.symmetric_product(adjacency, ones)


def _within(assignment: Tensor, adjacency: Tensor) -> Tensor:
    """`Tr(S^T A S)`."""
    return (assignment * kernels.symmetric_product(adjacency, assignment)).sum()


Term = Callable[[Tensor, GraphTensors], Tensor]


@dataclass(frozen=True)
class TwoTerms:
    """A loss of two terms.

    Args:
        cut, balance: the two.
        names: what metrics call them.
        balance_coeff: weight of the second, where none is asked for.
    """

    cut: Term
    balance: Term
    names: tuple[str, str]
    balance_coeff: float = 1.0


LOSSES: dict[str, TwoTerms] = {
    "mincut": TwoTerms(mincut_loss, orthogonality_loss, ("mincut_loss", "orthogonality_loss")),
    "dmon": TwoTerms(modularity_loss, collapse_loss, ("modularity_loss", "collapse_loss"), 0.1),
    "diffpool": TwoTerms(link_loss, entropy_loss, ("link_loss", "entropy_loss")),
}
"""By the name that a method has its loss under."""
