"""Section 3 of the paper as pure functions: the two losses, the edge reweighting, one GTV step; and
what the default adds to the losses, so that features count beside edges.

Everything here is a sum over edges; nothing of shape `[n, n]` is ever formed.

An undirected edge is one column of `edge_index` (int64, `[2, e]`), in either order; there are no
self-loops. `edge_weight` (`[e]`, non-negative) is a similarity: larger is closer; `None` means 1.

Source: Hansen & Bianchi, "Total Variation Graph Neural Networks", ICML 2023.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from tvgnn_cli.shapes import (
    Assignment,
    ClusterValues,
    EdgeIndex,
    EdgeValues,
    Scalar,
    VertexValues,
)

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "elu": torch.nn.functional.elu,
    "relu": torch.nn.functional.relu,
    "none": lambda x: x,
}


def total_variation(
    x: VertexValues, edge_index: EdgeIndex, edge_weight: EdgeValues | None = None
) -> Scalar:
    """Graph total variation of the columns of `x`, summed: `sum_ij a_ij |x_i - x_j|_1`.

    Source: Eq. 12, each undirected edge counted once.

    Args:
        x: vertex values, `[n, f]`.
        edge_index: undirected edges, `[2, e]`.
        edge_weight: `[e]`, or None for 1.

    Returns:
        A scalar, at least 0; 0 for a graph without edges.

    Example:
        >>> path = torch.tensor([[0, 1], [1, 2]])
        >>> total_variation(torch.tensor([[1.0], [3.0], [2.0]]), path)
        tensor(3.)
    """
    gap = edge_gap(x, edge_index)
    return gap.sum() if edge_weight is None else (edge_weight * gap).sum()


def edge_gap(x: VertexValues, edge_index: EdgeIndex) -> EdgeValues:
    """L1 distance between the ends of each edge, `|x_i - x_j|_1`, shape `[e]`."""
    return (x.index_select(0, edge_index[0]) - x.index_select(0, edge_index[1])).abs().sum(dim=1)


def smoothed_gap(difference: Tensor, eps: float = 1e-3) -> Tensor:
    """`|d|`, and `d^2 / (2 eps) + eps / 2` where `|d| < eps`: without a kink at 0; of any shape.

    Source: Eq. 31.
    """
    gap = difference.abs()
    return torch.where(gap < eps, difference.square() / (2 * eps) + eps / 2, gap)


def totvar_loss(
    assignment: Assignment,
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None = None,
) -> Scalar:
    """Total variation loss `L_GTV = L*_GTV / (2 E)`, E the number of edges.

    For a one-hot assignment it is the fraction of edges cut, and for a constant one it is 0.
    A graph without edges has no variation: 0.

    Source: Eq. 14.

    Args:
        assignment: soft assignment S, `[n, k]`, rows in the simplex.
        edge_index: undirected edges, `[2, e]`.
        edge_weight: `[e]`, or None for 1. With weights at most 1 the loss lies in [0, 1], and
            so it does for weights whose mean is 1.

    Returns:
        A scalar in [0, 1].

    Example: a path of three edges, cut in its middle.
        >>> path = torch.tensor([[0, 1, 2], [1, 2, 3]])
        >>> halves = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
        >>> totvar_loss(halves, path)
        tensor(0.3333)
    """
    num_edges = max(edge_index.size(1), 1)
    return total_variation(assignment, edge_index, edge_weight) / (2 * num_edges)


def rho_quantile(assignment: Assignment, rho: float) -> ClusterValues:
    """The (q + 1)-st largest value of each column, `q = floor(n / (rho + 1))`, shape `[k]`.

    For `rho` so small that q would reach n, the smallest value is taken.

    Source: the definition below Eq. 5.
    """
    n = assignment.size(0)
    return assignment.kthvalue(n - quantile_rank(n, rho), dim=0).values


def quantile_rank(n: int, rho: float) -> int:
    """Count the values, of n, that are taken to be larger than their `rho`-quantile: q, below n."""
    return min(int(n / (rho + 1)), n - 1)


def asymmetric_norm(assignment: Assignment, rho: float) -> Scalar:
    """`L*_AN = sum_k |s_k - quant_rho(s_k)|_{1,rho}`: values above count rho times, below once.

    Source: Eq. 6 and 13.
    """
    centred = assignment - rho_quantile(assignment, rho)
    return torch.where(centred >= 0, rho * centred, -centred).sum()


def asym_norm_bound(num_vertices: int, num_clusters: int, rho: float) -> float:
    """`beta`, the largest value that the asymmetric norm can reach.

    Source: Eq. 16.
    """
    if rho == num_clusters - 1:
        return num_vertices * rho
    return num_vertices * rho * min(1.0, num_clusters / (rho + 1))


def asym_norm_loss(
    assignment: Assignment,
    rho: float | None = None,
    norm: Callable[..., Scalar] = asymmetric_norm,
) -> Scalar:
    """Balance loss `L_AN = (beta - L*_AN) / beta`.

    With `rho = K - 1` it is 0 for a one-hot assignment to clusters of equal size, and 1 when
    all vertices share one cluster or are spread evenly over all.

    Source: Eq. 15 and 16.

    Args:
        assignment: soft assignment S, `[n, k]`, k at least 2, rows in the simplex.
        rho: asymmetry, positive; None for `K - 1`, which favours clusters of equal size.
        norm: `asymmetric_norm`, or a fused form of it.

    Returns:
        A scalar in [0, 1].

    Raises:
        ValueError: fewer than two clusters, or a rho that is not positive.

    Example: clusters of equal size, and one cluster for all.
        >>> halves = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
        >>> asym_norm_loss(halves)
        tensor(0.)
        >>> asym_norm_loss(torch.tensor([[1.0, 0.0]]).repeat(4, 1))
        tensor(1.)
    """
    n, k = assignment.shape
    if k < 2:
        raise ValueError(f"the balance loss needs at least 2 clusters, not {k}")
    rho = k - 1 if rho is None else rho
    if not rho > 0:
        raise ValueError(f"rho must be positive, not {rho}")
    beta = asym_norm_bound(n, k, rho)
    return (beta - norm(assignment, rho)) / beta


class Loss(NamedTuple):
    """The total loss and its two parts, unweighted; scalars."""

    total: Scalar
    totvar: Scalar
    balance: Scalar


def tvgnn_loss(
    assignment: Assignment,
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None = None,
    *,
    totvar_coeff: float = 1.0,
    balance_coeff: float = 1.0,
    rho: float | None = None,
) -> Loss:
    """`L = totvar_coeff * L_GTV + balance_coeff * L_AN`; arguments as for its two parts.

    Source: Eq. 17; `totvar_coeff` is alpha_1 and `balance_coeff` alpha_2.
    """
    totvar = totvar_loss(assignment, edge_index, edge_weight)
    balance = asym_norm_loss(assignment, rho)
    return total_loss(totvar, balance, totvar_coeff, balance_coeff)


def total_loss(totvar: Scalar, balance: Scalar, totvar_coeff: float, balance_coeff: float) -> Loss:
    """Eq. 17 from its two parts."""
    return Loss(totvar_coeff * totvar + balance_coeff * balance, totvar, balance)


def spread_loss(assignment: Assignment, x: VertexValues) -> Scalar:
    """Spread of features inside clusters, as a share of all spread:
    `sum_ik s_ik |x_i - c_k|^2 / sum_i |x_i - c|^2`, c_k and c the means of the clusters and of all.

    Beside a total variation it is the piecewise constant Mumford-Shah functional on a graph: the
    one asks for few edges between clusters, the other for vertices that are alike inside them.

    Source: Mumford & Shah, "Optimal approximations by piecewise smooth functions and associated
    variational problems", 1989; on graphs Hu, Sunu & Bertozzi, "Multi-class graph Mumford-Shah
    model for plume detection using the MBO scheme", 2015, and Bae & Merkurjev, "Convex variational
    methods on graphs for multiclass segmentation of high-dimensional data and point clouds", 2017.

    Args:
        assignment: soft assignment S, `[n, k]`, rows in the simplex.
        x: vertex features, `[n, f]`.

    Returns:
        A scalar in [0, 1]; 0 for features that are all the same.

    Example: features that are all alike inside clusters.
        >>> halves = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
        >>> spread_loss(halves, torch.tensor([[3.0], [3.0], [5.0], [5.0]]))
        tensor(0.)
    """
    x = x - x.mean(dim=0)
    size = assignment.sum(dim=0).clamp(min=torch.finfo(assignment.dtype).tiny)
    between = ((assignment.t() @ x).square().sum(dim=1) / size).sum()
    whole = x.square().sum().clamp(min=torch.finfo(x.dtype).tiny)
    return (x.square().sum() - between) / whole


def cut_below_chance(
    assignment: Assignment, edge_index: EdgeIndex, edge_weight: EdgeValues | None = None
) -> Scalar:
    """Share of the edges that chance would cut and clusters do not: `1 - cut / (1 - sum_k v_k^2)`,
    v_k a cluster's share of the degrees.

    It is 1 where no edge is cut and 0 where as many are as between ends at random, or more; 0 too
    for one cluster. The modularity (Newman & Girvan 2004) over its largest value.

    Args:
        assignment: one-hot, `[n, k]`.
        edge_index: undirected edges, `[2, e]`.
        edge_weight: `[e]`, or None for 1.

    Returns:
        A scalar in [0, 1].
    """
    weight = assignment.new_ones(edge_index.size(1)) if edge_weight is None else edge_weight
    total = weight.sum().clamp(min=torch.finfo(weight.dtype).tiny)
    cut = total_variation(assignment, edge_index, edge_weight) / (2 * total)
    degree = weight.new_zeros(len(assignment)).index_add(
        0, edge_index.reshape(-1), weight.repeat(2)
    )
    chance = 1 - ((degree @ assignment) / (2 * total)).square().sum()
    return (chance - cut).clamp(min=0) / chance.clamp(min=torch.finfo(weight.dtype).eps)


def gtv_edge_weight(
    x: VertexValues, edge_index: EdgeIndex, edge_weight: EdgeValues | None = None, eps: float = 1e-3
) -> EdgeValues:
    """Connectivity `gamma_ij = a_ij / max(|x_i - x_j|_1, eps)`, shape `[e]`.

    Source: Eq. 26.
    """
    gap = edge_gap(x, edge_index).clamp(min=eps)
    return gap.reciprocal() if edge_weight is None else edge_weight / gap


def laplacian_product(
    x: VertexValues, edge_index: EdgeIndex, edge_weight: EdgeValues
) -> VertexValues:
    """`(D - W) x` for the symmetric weights `edge_weight` of undirected edges, `[n, f]`."""
    tail, head = edge_index
    flow = edge_weight.unsqueeze(1) * (x.index_select(0, tail) - x.index_select(0, head))
    return torch.zeros_like(x).index_add(0, tail, flow).index_add(0, head, flow, alpha=-1)


def gtv_propagate(
    x: VertexValues,
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None = None,
    *,
    delta: float,
    eps: float = 1e-3,
) -> VertexValues:
    """One gradient step on the graph total variation of `x`: `(I - delta * L_Gamma) x`.

    Vertices without edges, and features that are constant over the graph, stay as they are.

    Deviation from the paper, which the authors' code makes and the published figures rest on:
    the number that Table 5 lists as 2*delta multiplies the Laplacian directly. It is `delta` here.

    Source: Eq. 27 and 28.

    Example: the outer vertices of a path step towards the middle one, which both pull on.
        >>> path = torch.tensor([[0, 1], [1, 2]])
        >>> gtv_propagate(torch.tensor([[0.0], [1.0], [3.0]]), path, delta=0.5).squeeze()
        tensor([0.5000, 1.0000, 2.5000])
    """
    gamma = gtv_edge_weight(x, edge_index, edge_weight, eps)
    return x - delta * laplacian_product(x, edge_index, gamma)


def per_feature_propagate(
    x: VertexValues,
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None = None,
    *,
    delta: float,
    eps: float = 1e-3,
) -> VertexValues:
    """The step that `gtv_propagate` stands for: a connectivity matrix of its own for each feature,
    `x_kf - delta * sum_j gamma_kjf (x_kf - x_jf)`, `gamma_kjf = a_kj / max(|x_kf - x_jf|, eps)`.

    Source: Eq. 23 to 25, and Appendix A.3.
    """
    tail, head = edge_index
    difference = x.index_select(0, tail) - x.index_select(0, head)
    flow = difference / difference.abs().clamp(min=eps)
    flow = flow if edge_weight is None else edge_weight.unsqueeze(1) * flow
    return x.index_add(0, tail, flow, alpha=-delta).index_add(0, head, flow, alpha=delta)


def inverse_root_degree(
    edge_index: EdgeIndex, edge_weight: EdgeValues | None, x: VertexValues
) -> Tensor:
    """`d_i^-1/2`, and 1 for vertices without edges, `[n, 1]`, in the type of `x [n, f]`."""
    weight = x.new_ones(edge_index.size(1)) if edge_weight is None else edge_weight
    degree = x.new_zeros(x.size(0)).index_add(0, edge_index.reshape(-1), weight.repeat(2))
    return torch.where(degree > 0, degree, 1.0).rsqrt().unsqueeze(1)


def degree_weighted_gtv_propagate(
    x: VertexValues,
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None = None,
    *,
    delta: float,
    eps: float = 1e-3,
) -> VertexValues:
    """One step on the degree-weighted total variation: `(I - delta D^-1/2 L_Gamma D^-1/2) x`.

    Here `gamma_ij = a_ij / max(|q_ij|, eps)` with the gap taken between the vertices as the
    degree-weighted variation sees them, `q_ij = sqrt(a_ij) (x_i / sqrt(d_i) - x_j / sqrt(d_j))`,
    its L1 norm over features as in Eq. 26. Vertices without edges stay as they are.

    Source: Appendix A.4.
    """
    weight = x.new_ones(edge_index.size(1)) if edge_weight is None else edge_weight
    scale = inverse_root_degree(edge_index, edge_weight, x)
    scaled = x * scale
    gap = weight.sqrt() * edge_gap(scaled, edge_index)
    gamma = weight / gap.clamp(min=eps)
    return x - delta * scale * laplacian_product(scaled, edge_index, gamma)
