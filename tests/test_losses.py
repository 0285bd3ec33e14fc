"""The losses and layers of the methods that TVGNN is compared with, against naive forms."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch

from tests.conftest import make_graph
from tvgnn_cli.evaluation.metrics import modularity, off_diagonal_mass
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.nn import GraphConv
from tvgnn_cli.nn import other_losses as losses


def random_problem(n=14, k=3, weighted=False, seed=0):
    """S `[n, k]`, a graph with two isolated vertices, with weights or without, and dense A."""
    torch.manual_seed(seed)
    network = nx.gnp_random_graph(n - 2, 0.4, seed=seed)
    edge_index = torch.tensor(list(network.edges)).t().contiguous()
    weight = torch.rand(edge_index.size(1), dtype=torch.float64) + 0.1 if weighted else None
    dense = torch.zeros(n, n, dtype=torch.float64)
    dense[edge_index[0], edge_index[1]] = 1 if weight is None else weight
    dense = dense + dense.t()
    graph = GraphTensors(edge_index, n, weight)
    return torch.randn(n, k, dtype=torch.float64).softmax(1), graph, dense


def one_hot(labels):
    return torch.nn.functional.one_hot(torch.as_tensor(labels)).double()


def normalized(dense):
    root = dense.sum(1).clamp(min=1e-300).rsqrt() * (dense.sum(1) > 0)
    return root[:, None] * dense * root


@pytest.mark.parametrize("weighted", [False, True])
def test_mincut_loss_is_equation_10(weighted):
    s, graph, dense = random_problem(weighted=weighted)
    near = normalized(dense)
    cut = -torch.trace(s.t() @ near @ s) / torch.trace(s.t() @ torch.diag(near.sum(1)) @ s)
    assert losses.mincut_loss(s, graph).item() == pytest.approx(cut.item())
    gram = s.t() @ s
    away = (gram / gram.norm() - torch.eye(3) / 3**0.5).norm()
    assert losses.orthogonality_loss(s, graph).item() == pytest.approx(away.item())


@pytest.mark.parametrize("weighted", [False, True])
def test_dmon_loss_is_equation_11(weighted):
    s, graph, dense = random_problem(weighted=weighted)
    degree = dense.sum(1)
    centred = dense - torch.outer(degree, degree) / dense.sum()
    spread = -torch.trace(s.t() @ centred @ s) / dense.sum()
    assert losses.modularity_loss(s, graph).item() == pytest.approx(spread.item())
    collapse = 3**0.5 / 14 * s.sum(0).norm() - 1
    assert losses.collapse_loss(s, graph).item() == pytest.approx(collapse.item())


@pytest.mark.parametrize("weighted", [False, True])
def test_diffpool_loss_is_that_of_its_paper(weighted):
    s, graph, dense = random_problem(weighted=weighted)
    links = (dense - s @ s.t()).norm()
    assert losses.link_loss(s, graph).item() == pytest.approx(links.item())
    entropy = torch.distributions.Categorical(s).entropy().mean()
    assert losses.entropy_loss(s, graph).item() == pytest.approx(entropy.item())


def test_values_that_are_known():
    network = nx.disjoint_union(nx.complete_graph(4), nx.complete_graph(4))
    graph = GraphTensors(torch.tensor(list(network.edges)).t(), 8)
    apart, together = (
        one_hot([0] * 4 + [1] * 4),
        one_hot([0] * 7 + [1])[:, [0, 0]] * 0
        + one_hot([0] * 8) @ torch.tensor([[1.0, 0.0]], dtype=torch.float64),
    )
    assert losses.mincut_loss(apart, graph).item() == pytest.approx(-1)
    assert losses.mincut_loss(together, graph).item() == pytest.approx(-1)
    assert losses.orthogonality_loss(apart, graph).item() == pytest.approx(0, abs=1e-5)
    worst = (2 - 2 / 2**0.5) ** 0.5
    assert losses.orthogonality_loss(together, graph).item() == pytest.approx(worst)
    assert losses.collapse_loss(apart, graph).item() == pytest.approx(0)
    assert losses.collapse_loss(together, graph).item() == pytest.approx(2**0.5 - 1)
    assert losses.entropy_loss(apart, graph).item() == pytest.approx(0)
    uniform = torch.full((8, 2), 0.5, dtype=torch.float64)
    assert losses.entropy_loss(uniform, graph).item() == pytest.approx(np.log(2))


def test_dmon_counts_the_modularity_of_one_hot_clusters():
    graph = make_graph(nx.karate_club_graph())
    labels = np.arange(34) % 3
    edges = GraphTensors(torch.from_numpy(graph.edge_index), 34)
    ours = losses.modularity_loss(one_hot(labels), edges).item()
    assert ours == pytest.approx(-modularity(graph, labels))


@pytest.mark.parametrize("name", [*losses.LOSSES])
def test_gradients(name):
    s, graph, _ = random_problem(weighted=True)
    terms = losses.LOSSES[name]
    s.requires_grad_()
    for term in (terms.cut, terms.balance):
        assert torch.autograd.gradcheck(lambda s, term=term: term(s, graph), s)


@pytest.mark.parametrize("name", [*losses.LOSSES])
def test_losses_know_no_order_and_take_isolated_vertices(name):
    s, graph, _ = random_problem(weighted=True)
    order = torch.randperm(len(s))
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(s))
    terms = losses.LOSSES[name]
    for term in (terms.cut, terms.balance):
        moved = term(s[order], GraphTensors(rank[graph.edge_index], len(s), graph.edge_weight))
        assert moved.item() == pytest.approx(term(s, graph).item())
        relabelled = term(s[:, [2, 0, 1]], graph)
        assert relabelled.item() == pytest.approx(term(s, graph).item())


def test_no_loss_has_an_array_of_vertices_squared():
    n = 300_000  # squared: 700 GB
    graph = GraphTensors(torch.stack([torch.arange(n - 1), torch.arange(1, n)]), n)
    s = torch.rand(n, 4).softmax(1)
    for terms in losses.LOSSES.values():
        assert torch.isfinite(terms.cut(s, graph))
        assert torch.isfinite(terms.balance(s, graph))


@pytest.mark.parametrize("form", ["plain", "normalized", "loops"])
@pytest.mark.parametrize("weighted", [False, True])
def test_adjacency_is_the_dense_one(form, weighted):
    _, graph, dense = random_problem(weighted=weighted)
    wanted = {
        "plain": dense,
        "normalized": normalized(dense),
        "loops": normalized(dense + torch.eye(14)),
    }[form]
    found = graph.adjacency(form)
    torch.testing.assert_close(found.to_dense().double(), wanted, atol=1e-6, rtol=1e-6)
    assert graph.adjacency(form) is found
    assert graph.adjacency(form, torch.float64).dtype == torch.float64


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("sparse", [False, True])
def test_graph_conv_is_equation_7(skip, sparse):
    _, graph, dense = random_problem(weighted=True)
    layer = GraphConv(5, 4, skip=skip, activation="relu").double()
    x = torch.randn(14, 5, dtype=torch.float64) * (torch.rand(14, 5) < 0.5)
    near = normalized(dense) if skip else normalized(dense + torch.eye(14))
    wanted = near @ x @ layer.weight[:, :4]
    wanted = wanted + x @ layer.weight[:, 4:] if skip else wanted
    found = layer(x.to_sparse_csr() if sparse else x, graph)
    torch.testing.assert_close(found, (wanted + layer.bias).relu())
    (found * torch.randn_like(found)).sum().backward()
    assert layer.weight.grad.abs().sum() > 0


def test_graph_conv_has_the_gradient_of_its_dense_form():
    _, graph, _ = random_problem(weighted=True)
    layer = GraphConv(3, 2, skip=True).double()
    x = torch.randn(14, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: layer(x, graph), x)


def test_off_diagonal_mass_is_that_of_the_whole_matrix():
    s = random_problem(n=20, k=4)[0].numpy()
    labels = s.argmax(1)
    whole = s @ s.T
    outside = whole[labels[:, None] != labels].sum() / whole.sum()
    assert off_diagonal_mass(s) == pytest.approx(outside)
    assert off_diagonal_mass(np.eye(3)[[0, 1, 2, 2]]) == pytest.approx(0)
