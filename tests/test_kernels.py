"""Fused forms against the plain ones: value and gradient."""

from __future__ import annotations

import networkx as nx
import pytest
import torch

from tvgnn_cli import functional as F
from tvgnn_cli import kernels


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("width", [1, 7, 300, 1000])
@pytest.mark.parametrize("weighted", [False, True])
def test_propagation(monkeypatch, dtype, width, weighted):
    monkeypatch.setattr("tvgnn_cli.kernels.propagate.BLOCK_VALUES", 4096)
    network = nx.gnp_random_graph(60, 0.2, seed=1)
    network.remove_edges_from(list(network.edges(5)))  # an isolated vertex
    edge_index = torch.tensor([*network.edges, next(iter(network.edges))]).T  # and a multi-edge
    random = torch.Generator().manual_seed(2)
    x = torch.randn(60, width, generator=random, dtype=dtype)
    x[edge_index[1, 3]] = x[edge_index[0, 3]]  # a gap of 0
    weight = torch.rand(edge_index.size(1), generator=random, dtype=dtype) if weighted else None
    direction = torch.randn(60, width, generator=random, dtype=dtype)
    results = []
    for form in (F.gtv_propagate, kernels.gtv_propagate):
        inputs = [t.clone().requires_grad_() for t in (x, weight) if t is not None]
        out = form(inputs[0], edge_index, *inputs[1:], delta=0.3, eps=1e-2)
        out.backward(direction)
        results.append([out.detach(), *(t.grad for t in inputs)])
    for plain, fused in zip(*results, strict=True):
        assert torch.allclose(plain, fused, rtol=1e-4, atol=1e-5 if dtype.is_floating_point else 0)
        if dtype == torch.float64:
            assert torch.allclose(plain, fused, rtol=1e-10, atol=1e-12)


def test_gradient_of_the_fused_form():
    edge_index = torch.tensor(list(nx.gnp_random_graph(6, 0.5, seed=3).edges)).T
    random = torch.Generator().manual_seed(4)
    x = torch.randn(6, 3, generator=random, dtype=torch.float64, requires_grad=True)
    weight = torch.rand(edge_index.size(1), generator=random, dtype=torch.float64)
    weight.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x, w: kernels.gtv_propagate(x, edge_index, w, delta=0.2), (x, weight)
    )


def test_no_edges():
    x = torch.randn(3, 2, requires_grad=True)
    out = kernels.gtv_propagate(x, torch.empty(2, 0, dtype=torch.long), delta=0.3)
    out.sum().backward()
    assert torch.equal(out, x)
    assert (x.grad == 1).all()
