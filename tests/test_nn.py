"""Layer, head and network against their formulas."""

from __future__ import annotations

import math

import networkx as nx
import pytest
import torch

from tests.conftest import make_graph
from tests.test_functional import dense, random_graph
from tvgnn_cli import functional as F
from tvgnn_cli.config import make_config
from tvgnn_cli.kernels import dense_layers
from tvgnn_cli.models import TVGNN
from tvgnn_cli.nn import AssignmentHead, GTVConv
from tvgnn_cli.run import memory


def test_gtvconv_is_equation_29_with_weights_taken_at_x_theta():
    edge_index, weight, x = random_graph(9, 1)
    layer = GTVConv(4, 5, delta=0.311, activation="elu").double()
    torch.nn.init.normal_(layer.bias)
    hidden = x @ layer.weight
    gamma = dense(edge_index, F.gtv_edge_weight(hidden, edge_index, weight), 9)
    propagated = hidden - 0.311 * (gamma.sum(1).diag() - gamma) @ hidden
    expected = torch.nn.functional.elu(propagated + layer.bias)
    assert torch.allclose(layer(x, edge_index, weight), expected)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
def test_gtvconv_on_sparse_features_equals_dense_ones():
    edge_index, weight, x = random_graph(9, 2)
    x = torch.where(x > 0.3, x, 0.0)
    layer = GTVConv(4, 3).double()
    rows = x.to_sparse_csr()
    assert torch.allclose(layer(rows, edge_index, weight), layer(x, edge_index, weight))
    layer(rows, edge_index, weight).sum().backward()
    sparse_gradient, layer.weight.grad = layer.weight.grad, None
    layer(x, edge_index, weight).sum().backward()
    assert torch.allclose(sparse_gradient, layer.weight.grad)


def test_degree_weighted_layer_propagates_by_appendix_a4():
    edge_index, weight, x = random_graph(9, 3)
    layer = GTVConv(4, 3, degree_weighted=True, activation="none").double()
    step = F.degree_weighted_gtv_propagate(x @ layer.weight, edge_index, weight, delta=0.311)
    assert torch.allclose(layer(x, edge_index, weight), step + layer.bias)


def test_initial_weights():
    torch.manual_seed(0)
    layer = GTVConv(400, 300)
    assert layer.weight.std().item() == pytest.approx(math.sqrt(2 / 400), rel=0.02)
    assert (layer.bias == 0).all()
    first = AssignmentHead(300, 5, (200,)).mlp[0]
    bound = math.sqrt(6 / (300 + 200))
    assert 0.99 * bound < first.weight.abs().max().item() <= bound
    assert (first.bias == 0).all()


def test_head_is_a_softmax_of_an_mlp():
    head = AssignmentHead(4, 3, (6,)).double()
    x = torch.randn(5, 4, dtype=torch.float64)
    hidden = torch.relu(x @ head.mlp[0].weight.T + head.mlp[0].bias)
    scores = hidden @ head.mlp[1].weight.T + head.mlp[1].bias
    assert torch.allclose(head(x), scores.softmax(dim=1))
    assert torch.allclose(head(x).sum(dim=1), torch.ones(5, dtype=torch.float64))


@pytest.mark.parametrize("num_layers", [0, 1, 3])
def test_network_gives_rows_in_the_simplex_and_commutes_with_permutation(num_layers):
    edge_index, weight, x = random_graph(12, 4)
    model = TVGNN(4, 3, hidden_channels=8, num_layers=num_layers).double()
    s = model(x, edge_index, weight)
    assert s.shape == (12, 3)
    assert torch.allclose(s.sum(dim=1), torch.ones(12, dtype=torch.float64))
    order = torch.randperm(12)
    moved = torch.empty_like(x)
    moved[order] = x
    assert torch.allclose(model(moved, order[edge_index], weight)[order], s)


def test_default_widths_are_table_5s():
    model = TVGNN(1433, 7)
    assert [tuple(layer.weight.shape) for layer in model.layers] == [(1433, 512), (512, 512)]
    assert [tuple(m.weight.shape) for m in model.head.mlp] == [(256, 512), (7, 256)]
    assert model.layers[0].delta == 0.311
    assert model.layers[0].eps == 1e-3


def test_the_estimate_of_memory_knows_how_many_rows_the_head_holds():
    assert max(dense_layers.KEPT_ROWS, dense_layers.PART_ROWS) == memory.HEAD_ROWS


@pytest.mark.parametrize(("hidden", "more"), [(4, 0), (512, memory.ONEDNN_MB)])
def test_the_estimate_of_memory_knows_of_onednn(hidden, more, monkeypatch):
    graph, made = make_graph(nx.karate_club_graph()), {}
    for used in (True, False):
        monkeypatch.setattr(memory, "has_idle_avx512", lambda used=used: used)
        config = make_config({"num_clusters": 3, "hidden": hidden})
        made[used] = memory.estimate_memory_mb(graph, config)
    assert made[True] - made[False] == pytest.approx(more)
