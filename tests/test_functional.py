"""The paper's equations against oracles of their own."""

from __future__ import annotations

import doctest

import networkx as nx
import numpy as np
import pytest
import torch
from beartype.roar import BeartypeCallHintParamViolation
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch.nn.functional import one_hot

from tvgnn_cli import functional as F
from tvgnn_cli.kernels.checks import check_vector


@pytest.fixture(autouse=True, scope="module")
def double_precision():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def random_graph(n: int, seed: int, weighted: bool = True):
    """Edges, weights and a soft assignment to four clusters on a random graph."""
    network = nx.gnp_random_graph(n, 0.4, seed=seed)
    edge_index = torch.tensor(list(network.edges), dtype=torch.long).reshape(-1, 2).T
    random = torch.Generator().manual_seed(seed)
    drawn = torch.rand(edge_index.size(1), generator=random, dtype=torch.float64)
    assignment = torch.randn(n, 4, generator=random, dtype=torch.float64).softmax(dim=1)
    weight = drawn if weighted else None
    return edge_index, weight, assignment


def dense(edge_index, edge_weight, n):
    """The symmetric N x N adjacency matrix, for oracles only."""
    weight = torch.ones(edge_index.size(1)) if edge_weight is None else edge_weight
    matrix = torch.zeros(n, n, dtype=torch.float64)
    matrix[edge_index[0], edge_index[1]] = weight
    return matrix + matrix.T


def test_two_vertices_by_hand():
    assignment = torch.tensor([[1.0, 0.0], [0.25, 0.75]])
    edge = torch.tensor([[0], [1]])
    assert F.totvar_loss(assignment, edge).item() == pytest.approx(0.75)  # (.75 + .75) / 2
    assert F.totvar_loss(assignment, edge, torch.tensor([0.5])).item() == pytest.approx(0.375)


def test_two_directed_edges_are_two_edges():
    """A [2, 2] edge_index looks like a square matrix and is none."""
    assignment = torch.eye(3)
    edges = torch.tensor([[0, 1], [1, 2]])
    assert F.totvar_loss(assignment, edges).item() == pytest.approx(1.0)
    assert F.gtv_propagate(assignment, edges, delta=0.1).shape == (3, 3)


@pytest.mark.parametrize("weighted", [False, True])
def test_total_variation_is_equation_12(weighted):
    edge_index, weight, s = random_graph(9, 1, weighted)
    a = dense(edge_index, weight, 9)
    naive = sum(
        a[i, j] * abs(s[i, k] - s[j, k]) for k in range(4) for i in range(9) for j in range(i, 9)
    )
    assert F.total_variation(s, edge_index, weight).item() == pytest.approx(naive.item())


def test_totvar_loss_of_one_hot_is_the_fraction_of_edges_cut():
    network = nx.karate_club_graph()
    edge_index = torch.tensor(list(network.edges)).T
    labels = torch.arange(34) % 3
    cut = sum(labels[u] != labels[v] for u, v in network.edges) / network.number_of_edges()
    assert F.totvar_loss(one_hot(labels).double(), edge_index).item() == pytest.approx(cut.item())


def test_totvar_loss_counts_each_edge_once_or_twice_alike():
    edge_index, weight, s = random_graph(9, 2)
    both = torch.cat([edge_index, edge_index.flip(0)], dim=1)
    once = F.totvar_loss(s, edge_index, weight)
    assert F.totvar_loss(s, both, weight.repeat(2)).item() == pytest.approx(once.item())


def test_totvar_loss_is_zero_for_constant_assignments_and_without_edges():
    edge_index, weight, _ = random_graph(9, 3)
    constant = torch.tensor([0.2, 0.5, 0.3]).expand(9, 3)
    assert F.totvar_loss(constant, edge_index, weight) == 0
    assert F.totvar_loss(torch.eye(3), torch.empty(2, 0, dtype=torch.long)) == 0


@pytest.mark.parametrize(
    ("labels", "k", "value"),
    [
        ([0, 1, 2] * 4, 3, 0.0),
        ([0, 0, 0, 1, 1, 2, 2], 3, 1 / 7),
        ([0] * 7, 3, 1.0),
        ([0, 1], 2, 0.0),
        # Two of four equal clusters merged: 1 / (K - 1).
        ([0, 0, 0, 0, 2, 2, 3, 3], 4, 1 / 3),
    ],
)
def test_asym_norm_loss_of_one_hot_in_closed_form(labels, k, value):
    assignment = one_hot(torch.tensor(labels), k).double()
    assert F.asym_norm_loss(assignment).item() == pytest.approx(value)


def test_asym_norm_loss_of_the_uniform_assignment_is_one():
    assert F.asym_norm_loss(torch.full((10, 4), 0.25)).item() == pytest.approx(1.0)


@pytest.mark.parametrize("rho", [0.5, 1.0, 3.0, 7.0])
def test_asym_norm_loss_is_equations_6_13_15_16(rho):
    s = random_graph(11, 4)[2]
    n, k = s.shape
    total = 0.0
    for column in s.T.tolist():
        quantile = sorted(column, reverse=True)[int(n / (rho + 1))]
        total += sum(rho * (v - quantile) if v >= quantile else quantile - v for v in column)
    beta = n * rho if rho == k - 1 else n * rho * min(1, k / (rho + 1))
    assert F.asym_norm_loss(s, rho).item() == pytest.approx((beta - total) / beta)


def test_tiny_rho_takes_the_smallest_value():
    s = random_graph(6, 4)[2]
    assert torch.equal(F.rho_quantile(s, 1e-9), s.min(dim=0).values)


@pytest.mark.parametrize(("k", "rho"), [(1, None), (3, 0.0), (3, -1.0), (3, float("nan"))])
def test_asym_norm_loss_refuses(k, rho):
    with pytest.raises(ValueError, match=r"clusters|positive"):
        F.asym_norm_loss(torch.full((4, k), 1 / k), rho)


def test_total_loss_is_equation_17():
    edge_index, weight, s = random_graph(9, 5)
    total = F.tvgnn_loss(s, edge_index, weight, totvar_coeff=0.785, balance_coeff=0.514)
    parts = 0.785 * F.totvar_loss(s, edge_index, weight) + 0.514 * F.asym_norm_loss(s)
    assert total.total.item() == pytest.approx(parts.item())
    assert total.totvar == F.totvar_loss(s, edge_index, weight)
    assert total.balance == F.asym_norm_loss(s)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 20), st.integers(2, 6), st.integers(0, 10_000))
def test_losses_lie_in_the_unit_interval_and_know_no_order(n, k, seed):
    random = torch.Generator().manual_seed(seed)
    edge_index, weight, _ = random_graph(n, seed)
    s = (5 * torch.randn(n, k, generator=random)).softmax(dim=1)
    vertices, clusters = torch.randperm(n, generator=random), torch.randperm(k, generator=random)
    shuffled = torch.empty_like(s)
    shuffled[vertices] = s[:, clusters]
    moved = vertices[edge_index]
    for loss, other in (
        (F.totvar_loss(s, edge_index, weight), F.totvar_loss(shuffled, moved, weight)),
        (F.asym_norm_loss(s), F.asym_norm_loss(shuffled)),
    ):
        assert -1e-12 <= loss.item() <= 1 + 1e-12
        assert other.item() == pytest.approx(loss.item(), abs=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_gtv_edge_weight_is_equation_26(weighted):
    edge_index, weight, x = random_graph(8, 6, weighted)
    x[edge_index[1, 0]] = x[edge_index[0, 0]]  # a gap of 0 is held at eps
    gamma = F.gtv_edge_weight(x, edge_index, weight, eps=1e-3)
    for e, (i, j) in enumerate(edge_index.T.tolist()):
        a = 1.0 if weight is None else weight[e].item()
        gap = max(np.abs(x[i].numpy() - x[j].numpy()).sum(), 1e-3)
        assert gamma[e].item() == pytest.approx(a / gap)


def test_gtv_propagate_is_equation_28():
    edge_index, weight, x = random_graph(9, 7)
    gamma = dense(edge_index, F.gtv_edge_weight(x, edge_index, weight), 9)
    laplacian = gamma.sum(dim=1).diag() - gamma
    expected = (torch.eye(9) - 0.311 * laplacian) @ x
    assert torch.allclose(F.gtv_propagate(x, edge_index, weight, delta=0.311), expected)


def smooth_gtv(x, edge_index, weight, eps):
    """Eq. 31, each edge once: |d| from eps upwards, a parabola below."""
    gap = (x[edge_index[0], 0] - x[edge_index[1], 0]).abs()
    return (weight * torch.where(gap >= eps, gap, gap**2 / (2 * eps) + eps / 2)).sum()


def test_gtv_propagate_is_a_gradient_step_on_equation_31():
    edge_index, weight, _ = random_graph(9, 8)
    x = torch.randn(9, 1, generator=torch.Generator().manual_seed(1), requires_grad=True)
    eps = 0.5  # wide enough that some edges lie on the parabola
    (gradient,) = torch.autograd.grad(smooth_gtv(x, edge_index, weight, eps), x)
    step = F.gtv_propagate(x, edge_index, weight, delta=0.1, eps=eps)
    assert torch.allclose(step, x - 0.1 * gradient)


def test_per_feature_propagate_is_a_gradient_step_on_equation_31_for_each_feature():
    edge_index, weight, _ = random_graph(9, 8)
    x = torch.randn(9, 4, generator=torch.Generator().manual_seed(1), requires_grad=True)
    eps = 0.5
    gap = F.smoothed_gap(x[edge_index[0]] - x[edge_index[1]], eps)
    (gradient,) = torch.autograd.grad((weight[:, None] * gap).sum(), x)
    step = F.per_feature_propagate(x, edge_index, weight, delta=0.1, eps=eps)
    assert torch.allclose(step, x - 0.1 * gradient)
    one = F.per_feature_propagate(x[:, :1], edge_index, weight, delta=0.1, eps=eps)
    assert torch.allclose(one, F.gtv_propagate(x[:, :1], edge_index, weight, delta=0.1, eps=eps))


def test_smoothed_gap_has_no_kink():
    assert F.smoothed_gap(torch.tensor([2.0, -2.0, 0.0]), 1.0).tolist() == [2, 2, 0.5]
    d = torch.tensor([0.999, 1.001, -0.5], requires_grad=True)
    (slope,) = torch.autograd.grad(F.smoothed_gap(d, 1.0).sum(), d)
    assert torch.allclose(slope, torch.tensor([0.999, 1.0, -0.5]))


def test_degree_weighted_propagate_is_a_gradient_step_on_the_weighted_variation():
    edge_index, weight, _ = random_graph(9, 9)
    x = torch.randn(9, 1, generator=torch.Generator().manual_seed(2), requires_grad=True)
    degree = dense(edge_index, weight, 9).sum(dim=1)
    i, j = edge_index
    q = (weight / degree[i]).sqrt() * x[i, 0] - (weight / degree[j]).sqrt() * x[j, 0]
    (gradient,) = torch.autograd.grad(q.abs().sum(), x)
    step = F.degree_weighted_gtv_propagate(x, edge_index, weight, delta=0.1, eps=1e-9)
    assert torch.allclose(step, x - 0.1 * gradient)


PROPAGATIONS = [F.gtv_propagate, F.degree_weighted_gtv_propagate]


@pytest.mark.parametrize("propagate", PROPAGATIONS)
def test_propagation_commutes_with_permutation(propagate):
    edge_index, weight, x = random_graph(9, 10)
    order = torch.randperm(9, generator=torch.Generator().manual_seed(3))
    moved = torch.empty_like(x)
    moved[order] = x
    after = propagate(moved, order[edge_index], weight, delta=0.3)
    assert torch.allclose(after[order], propagate(x, edge_index, weight, delta=0.3))


@pytest.mark.parametrize("propagate", PROPAGATIONS)
def test_isolated_vertices_stay_as_they_are(propagate):
    x = torch.randn(3, 2, generator=torch.Generator().manual_seed(4))
    after = propagate(x, torch.tensor([[0], [1]]), delta=0.3)
    assert torch.equal(after[2], x[2])
    assert not torch.equal(after[0], x[0])


def test_constant_features_are_a_fixed_point():
    edge_index, weight, _ = random_graph(9, 11)
    x = torch.tensor([1.0, -2.0]).expand(9, 2)
    assert torch.equal(F.gtv_propagate(x, edge_index, weight, delta=0.3), x)


@pytest.mark.parametrize("propagate", PROPAGATIONS)
def test_gradient_of_propagation_goes_through_the_weights(propagate):
    edge_index, weight, x = random_graph(6, 12)
    weight, x = weight.requires_grad_(), x.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x, w: propagate(x, edge_index, w, delta=0.2, eps=1e-3), (x, weight)
    )


def test_gradients_of_the_losses():
    edge_index, weight, s = random_graph(7, 13)
    s = s.requires_grad_()
    assert torch.autograd.gradcheck(lambda s: F.totvar_loss(s, edge_index, weight), s)
    assert torch.autograd.gradcheck(lambda s: F.asym_norm_loss(s), s)
    assert torch.autograd.gradcheck(lambda s: F.asym_norm_loss(s, rho=1.5), s)


def test_no_array_of_vertices_squared():
    """200,000 vertices on a path: a dense form would take 320 GB."""
    n = 200_000
    edge_index = torch.stack([torch.arange(n - 1), torch.arange(1, n)])
    s = one_hot(torch.arange(n) // (n // 2), 2).double()
    assert F.totvar_loss(s, edge_index).item() == pytest.approx(1 / (n - 1))
    assert F.gtv_propagate(s, edge_index, delta=0.1).shape == (n, 2)


def test_shapes_are_checked_in_tests():
    edge_index, weight, s = random_graph(6, 1)
    for wrong in ((s[:, 0], edge_index, weight), (s, edge_index.T, weight), (s, edge_index, s)):
        with pytest.raises(TypeCheckError):
            F.totvar_loss(*wrong)


def test_types_of_functions_without_shapes_are_checked_in_tests():
    with pytest.raises(BeartypeCallHintParamViolation, match="name=3"):
        check_vector(3, torch.ones(3), 3)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 12), seed=st.integers(0, 10**6))
def test_spread_inside_clusters_against_its_definition(n, seed):
    _, _, assignment = random_graph(n, seed)
    x = torch.randn(n, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    centres = assignment.T @ x / assignment.sum(dim=0)[:, None]
    distance = (x[:, None] - centres).square().sum(dim=2)
    whole = (x - x.mean(dim=0)).square().sum()
    wanted = (assignment * distance).sum() / whole
    assert F.spread_loss(assignment, x).item() == pytest.approx(wanted.item(), abs=1e-9)


def test_spread_inside_clusters_of_known_assignments():
    x = torch.tensor([[0.0, 0], [0, 0], [1, 5], [1, 5]])
    apart = one_hot(torch.tensor([0, 0, 1, 1]), 3).double()
    assert F.spread_loss(apart, x).item() == pytest.approx(0)
    assert F.spread_loss(torch.full((4, 3), 1 / 3), x).item() == pytest.approx(1)
    assert F.spread_loss(apart, torch.ones(4, 2)).item() == 0
    wrong = apart.clone().requires_grad_()
    assert torch.autograd.grad(F.spread_loss(wrong, x), wrong)[0].isfinite().all()


@pytest.mark.parametrize("weighted", [False, True])
def test_cuts_below_chance_are_a_share_of_modularity(weighted):
    edge_index, weight, _ = random_graph(30, 5, weighted)
    labels = torch.arange(30) % 3
    network = nx.Graph()
    network.add_nodes_from(range(30))
    weights = torch.ones(edge_index.size(1)) if weight is None else weight
    network.add_weighted_edges_from(
        (*edge, w) for edge, w in zip(edge_index.T.tolist(), weights.tolist(), strict=True)
    )
    for _ in range(2):
        parts = [set(torch.nonzero(labels == k).ravel().tolist()) for k in range(3)]
        degree = torch.zeros(3, dtype=torch.float64).index_add(
            0, labels[edge_index.reshape(-1)], weights.repeat(2)
        )
        most = 1 - (degree / degree.sum()).square().sum().item()
        wanted = max(nx.community.modularity(network, parts) / most, 0)
        found = F.cut_below_chance(one_hot(labels, 4).double(), edge_index, weight)
        assert found.item() == pytest.approx(wanted)
        cut = labels[edge_index[0]] != labels[edge_index[1]]
        edge_index = edge_index[:, ~cut]  # and once more, where nothing is cut
        weight = None if weight is None else weight[~cut]
        weights = weights[~cut]
        network.remove_edges_from([e for e in network.edges if labels[e[0]] != labels[e[1]]])
    assert F.cut_below_chance(one_hot(labels * 0, 4).double(), edge_index, weight).item() == 0


def test_the_examples_of_the_docstrings():
    found = doctest.testmod(F)
    assert found.attempted > 10
    assert not found.failed
