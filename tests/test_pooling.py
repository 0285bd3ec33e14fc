"""Pooling on several graphs at once, against the paper's formulas on dense matrices of each graph
alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from tests.test_kernels import FORMS
from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.config import ClassifyConfig
from tvgnn_cli.kernels import CoarseGraphs, GraphBatch, GraphTensors, library, segments
from tvgnn_cli.models.classifier import GraphClassifier, make_classifier
from tvgnn_cli.nn import AssignmentHead, GraphConv
from tvgnn_cli.nn.gin_conv import GINConv
from tvgnn_cli.nn.other_pooling import DensePool
from tvgnn_cli.nn.pooling import TVGNNPool, balance_loss, totvar_loss

SIZES = (12, 0, 1, 4, 5)
"""Of graphs: one larger than K, one without vertices, one of one vertex, one without edges, and one
of K vertices.
"""
K1, K2 = 5, 3
FEATURES, CLASSES = 4, 3


@pytest.fixture(params=FORMS)
def form(request, monkeypatch) -> str:
    if request.param == "torch":
        monkeypatch.setenv(library.NO_FUSED, "1")
        return "torch"
    if library.library() is None:
        pytest.skip("the compiled passes were not built")
    if FORMS.index(request.param) < FORMS.index(library.best_set()):
        pytest.skip("this machine lacks the instructions")
    monkeypatch.setattr(library, "best_set", lambda: request.param)
    return str(request.param)


# Graphs, each alone.


@dataclass(frozen=True)
class Alone:
    """A graph as its dense adjacency matrix `[n, n]`, with features and a number of edges."""

    dense: Tensor
    x: Tensor

    @property
    def num_edges(self) -> int:
        return int((self.dense.triu() != 0).sum())


def examples(weighted: bool, sizes: tuple[int, ...] = SIZES, seed: int = 0) -> list[Alone]:
    """Graphs of these sizes; the one of 4 vertices has no edge, another has an isolated vertex."""
    random = torch.Generator().manual_seed(seed)
    found = []
    for n in sizes:
        chosen = torch.rand(n, n, generator=random, dtype=torch.float64).triu(1)
        dense = ((chosen > 0.5) if n != 4 else chosen > 1).double()
        if n > 5:
            dense[:, n - 1] = 0
        if weighted:
            dense = dense * (0.2 + torch.rand(n, n, generator=random, dtype=torch.float64))
        x = torch.randn(n, FEATURES, generator=random, dtype=torch.float64)
        found.append(Alone(dense + dense.t(), x))
    return found


def joined(graphs: list[Alone], dtype: torch.dtype, weighted: bool) -> tuple[Tensor, GraphBatch]:
    """The same graphs as the network takes them."""
    edges, weights, first = [], [], 0
    for graph in graphs:
        pairs = graph.dense.triu(1).nonzero().t()
        edges.append(pairs + first)
        weights.append(graph.dense[pairs[0], pairs[1]])
        first += len(graph.x)
    weight = torch.cat(weights).to(dtype) if weighted else None
    tensors = GraphTensors(torch.cat(edges, dim=1).contiguous(), first, weight)
    x = torch.cat([graph.x for graph in graphs]).to(dtype)
    return x, GraphBatch(tensors, tuple(len(graph.x) for graph in graphs))


# The paper's formulas, on one graph.


def naive_gtv_conv(
    h: Tensor, dense: Tensor, bias: Tensor, delta: float, eps: float, activation: str
) -> Tensor:
    """Eq. 26 to 29, Gamma being taken at what is propagated (as `GTVConv` says)."""
    gap = (h[:, None, :] - h[None, :, :]).abs().sum(dim=2)
    gamma = torch.where(gap < eps, dense / eps, dense / torch.where(gap < eps, 1.0, gap))
    gamma = gamma - torch.diag(gamma.diagonal())
    laplacian = torch.diag(gamma.sum(dim=1)) - gamma
    out = (torch.eye(len(h), dtype=h.dtype) - delta * laplacian) @ h + bias
    return torch.relu(out) if activation == "relu" else torch.nn.functional.elu(out)


def naive_totvar(s: Tensor, dense: Tensor, num_edges: int) -> Tensor:
    """Eq. 12 and 14; nothing varies where there is no edge."""
    total = s.new_zeros(())
    for i in range(len(s)):
        for j in range(i, len(s)):
            total = total + dense[i, j] * (s[i] - s[j]).abs().sum()
    return total / (2 * num_edges) if num_edges else total


def naive_balance(s: Tensor, rho: float) -> Tensor:
    """Eq. 13, 15 and 16 with the quantile below Eq. 5: the (q + 1)-st largest of N values, q being
    floor(N / (rho + 1)). A graph without vertices has no balance.
    """
    n, k = s.shape
    if n == 0:
        return s.sum()
    q = min(math.floor(n / (rho + 1)), n - 1)
    norm = s.new_zeros(())
    for column in s.t():
        centred = column - column.sort(descending=True).values[q]
        norm = norm + torch.where(centred >= 0, rho * centred, -centred).sum()
    beta = n * rho if rho == k - 1 else n * rho * min(1, k / (rho + 1))
    return (beta - norm) / beta


def naive_head(x: Tensor, own: Mapping[str, Tensor], activation: str = "relu") -> Tensor:
    """Eq. 18."""
    layers = sorted({name.split(".")[1] for name in own})
    for layer in layers:
        x = x @ own[f"mlp.{layer}.weight"].t() + own[f"mlp.{layer}.bias"]
        if layer != layers[-1]:
            x = torch.relu(x) if activation == "relu" else torch.nn.functional.elu(x)
    x = x.exp()
    return x / x.sum(dim=1, keepdim=True)


def under(prefix: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a part of the network, by their names in it."""
    return {n.removeprefix(prefix): w for n, w in weights.items() if n.startswith(prefix)}


def naive_network(
    graph: Alone, weights: Mapping[str, Tensor], config: ClassifyConfig
) -> dict[str, Tensor]:
    """Figure 3b on one graph: the logits, the embedding and both poolings' losses."""
    x, dense, edges = graph.x, graph.dense, graph.num_edges
    found: dict[str, Tensor] = {}
    for block in range(3):
        for layer in range(config.layers):
            own = under(f"blocks.{block}.{layer}.", weights)
            settings = config.delta, config.eps, config.activation
            x = naive_gtv_conv(x @ own["weight"], dense, own["bias"], *settings)
        if block == 2:
            break
        s = naive_head(x, under(f"pools.{block}.head.", weights), config.mlp_activation)
        found[f"totvar_{block}"] = naive_totvar(s, dense, edges)
        found[f"balance_{block}"] = naive_balance(s, s.size(1) - 1)
        x, dense = s.t() @ x, s.t() @ dense @ s  # Eq. 30
        edges = len(dense) * (len(dense) - 1) // 2
    found["embedding"] = x.mean(dim=0)
    found["logits"] = weights["output.weight"] @ found["embedding"] + weights["output.bias"]
    return found


# The network, and what comes of it.


def network_of(config: ClassifyConfig, seed: int = 1) -> GraphClassifier:
    """With biases that are none of them 0, so that no two rows are the same by accident."""
    torch.manual_seed(seed)
    network = make_classifier(config, FEATURES, CLASSES, (K1, K2)).double()
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.3 * torch.randn(weight.shape, dtype=torch.float64))
    return network


def objective(out: Mapping[str, Tensor], classes: Tensor, config: ClassifyConfig) -> Tensor:
    """Section 4.3: the cross-entropy and Eq. 17 of each pooling, means over graphs."""
    chosen = out["logits"].log_softmax(dim=1).gather(1, classes[:, None]).mean()
    totvar = (out["totvar_0"] + out["totvar_1"]).mean()
    balance = (out["balance_0"] + out["balance_1"]).mean()
    return -chosen + config.totvar_coeff * totvar + config.balance_coeff * balance


def seen(network: GraphClassifier, x: Tensor, batch: GraphBatch) -> dict[str, Tensor]:
    """What the network gives: rows of graphs, and losses, which are means over graphs."""
    out = network(x, batch)
    losses = {}
    for level, pool in enumerate(out.pools):
        assert pool.loss is not None
        losses |= {f"totvar_{level}": pool.loss.totvar, f"balance_{level}": pool.loss.balance}
    return {"logits": out.logits, "embedding": out.embedding, **losses}


def assert_near(
    one: Tensor, other: Tensor, exact: bool, name: str = "", scale: float = 0.0
) -> None:
    """Equal to a share of the largest value, or of `scale` where that is more."""
    share = 1e-10 if exact else 1e-5
    scale = max(float(other.detach().abs().max()) if other.numel() else 0.0, scale, 1e-3)
    away = float((one.double() - other).detach().abs().max()) if other.numel() else 0.0
    assert one.shape == other.shape, name
    assert away <= share * scale, f"{name}: {away / scale:.1e}"


CONFIG = ClassifyConfig(hidden=16, layers=2, mlp_layers=1, mlp_hidden=8, totvar_coeff=0.7)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("hidden", [16, 7])
def test_a_batch_is_the_dense_formulas_on_each_graph_alone(form, dtype, weighted, hidden):
    config = replace(CONFIG, hidden=hidden)
    graphs, classes = examples(weighted), torch.tensor([0, 1, 2, 0, 1])
    network = network_of(config)
    weights = {n: w.detach().clone().requires_grad_() for n, w in network.named_parameters()}
    rows = [naive_network(graph, weights, config) for graph in graphs]
    expected = {name: torch.stack([row[name] for row in rows]) for name in rows[0]}
    objective(expected, classes, config).backward()

    network = network.to(dtype)
    x, batch = joined(graphs, dtype, weighted)
    found = seen(network, x, batch)
    objective(found, classes, config).backward()
    exact = dtype == torch.float64
    for name, value in expected.items():
        mean = value if value.dim() == 2 else value.mean()
        assert_near(found[name], mean.detach(), exact, name)
    # What float32 loses is a share of all of the gradient: parts are small sums of large values,
    # which are divided by distances that poolings made small.
    squares = sum(w.grad.square().sum() for w in weights.values() if w.grad is not None)
    scale = 0.0 if exact else 3 * float(squares) ** 0.5
    for name, weight in network.named_parameters():
        assert weight.grad is not None
        assert_near(weight.grad, weights[name].grad, exact, name, scale)


@pytest.mark.parametrize("activations", [("elu", "elu"), ("relu", "elu")])
def test_activations_and_depths_of_table_5_are_those_of_the_formulas(activations):
    layer, head = activations
    config = replace(CONFIG, hidden=8, layers=3, activation=layer, mlp_activation=head)
    config = replace(config, mlp_layers=3, delta=0.7, eps=0.05)
    network, graphs = network_of(config), examples(True)
    with torch.no_grad():
        weights = dict(network.named_parameters())
        expected = [naive_network(graph, weights, config) for graph in graphs]
        found = seen(network, *joined(graphs, torch.float64, True))
    assert_near(found["logits"], torch.stack([row["logits"] for row in expected]), True)
    for name in ("totvar_0", "totvar_1", "balance_0", "balance_1"):
        mean = torch.stack([row[name] for row in expected]).mean()
        assert_near(found[name], mean, True, name)


def test_features_as_csr_give_what_dense_ones_do():
    network, graphs = network_of(CONFIG), examples(False)
    x, batch = joined(graphs, torch.float64, False)
    x = x * (x > 0)
    dense, sparse = network(x, batch), network(x.to_sparse_csr(), batch)
    assert_near(sparse.logits, dense.logits, True)


@pytest.mark.parametrize("method", ["tvgnn", "mincutpool", "dmon", "diffpool", "gtv", "gin"])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_batch_is_its_graphs_one_by_one(method, weighted):
    torch.manual_seed(0)
    config = replace(CONFIG, method=method)
    sizes = (K1, K2) if config.pools else ()
    network = make_classifier(config, FEATURES, CLASSES, sizes).double()
    graphs = examples(weighted)
    together = network(*joined(graphs, torch.float64, weighted))
    alone = [network(*joined([graph], torch.float64, weighted)) for graph in graphs]
    assert_near(together.logits, torch.cat([each.logits for each in alone]), True)
    if config.pools:
        losses = torch.stack([each.pool_loss for each in alone])
        assert_near(together.pool_loss, losses.mean(), True)


@pytest.mark.parametrize("method", ["topk", "sagpool"])
def test_poolings_by_scores_take_graphs_of_all_sizes(method):
    torch.manual_seed(0)
    config = replace(CONFIG, method=method)
    network = make_classifier(config, FEATURES, CLASSES, (K1, K2)).double()
    graphs = examples(True)
    together = network(*joined(graphs, torch.float64, True))
    alone = [network(*joined([graph], torch.float64, True)) for graph in graphs if len(graph.x)]
    filled = [i for i, graph in enumerate(graphs) if len(graph.x)]
    assert_near(together.logits[filled], torch.cat([each.logits for each in alone]), True)
    assert together.pool_loss is None
    assert together.pools[0].graph.sizes == (6, 0, 1, 2, 3), "half of the vertices, rounded up"


@pytest.mark.parametrize("method", ["tvgnn", "mincutpool", "dmon", "diffpool", "topk", "gin"])
def test_neither_the_order_of_vertices_nor_that_of_graphs_matters(method):
    torch.manual_seed(0)
    config = replace(CONFIG, method=method)
    network = make_classifier(config, FEATURES, CLASSES, (K1, K2) if config.pools else ()).double()
    graphs = examples(True, (12, 7, 1, 9, 5))
    order = [3, 0, 4, 2, 1]
    moved = []
    for graph in (graphs[i] for i in order):
        perm = torch.randperm(len(graph.x))
        moved.append(Alone(graph.dense[perm][:, perm], graph.x[perm]))
    one = network(*joined(graphs, torch.float64, True))
    other = network(*joined(moved, torch.float64, True))
    assert_near(other.logits, one.logits[order], True)
    if one.pool_loss is not None:
        assert_near(other.pool_loss, one.pool_loss, True)


def test_graphs_without_edges_in_a_batch_without_any():
    graphs = examples(False, (4, 1, 0))
    network = network_of(CONFIG)
    out = network(*joined(graphs, torch.float64, False))
    out.pool_loss.backward()
    assert float(out.pools[0].loss.totvar.detach()) == 0
    assert all(torch.isfinite(w.grad).all() for w in network.parameters() if w.grad is not None)


# The balance of several graphs.


def soft(n: int, k: int, seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(n, k, generator=random, dtype=torch.float64).softmax(dim=1).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("k", [2, 3, 9, 40])
def test_the_balance_of_many_graphs_is_that_of_each(form, dtype, k):
    sizes = (1, 2, 0, 3, k - 1, k, k + 1, 16, 31, 47, 64, 100, 16 * k, 16 * k + 5)
    s = soft(sum(sizes), k, seed=k, dtype=dtype).requires_grad_()
    found = kernels.asym_norm_losses(s, sizes)
    (gradient,) = torch.autograd.grad(found, s)
    other = s.detach().double().requires_grad_()
    parts = other.split(list(sizes))
    each = [F.asym_norm_loss(part) if len(part) else part.sum() for part in parts]
    naive = [naive_balance(part, k - 1) for part in parts]
    assert_near(torch.stack(each), torch.stack(naive).detach(), True)
    expected = torch.stack(each).mean()
    (to_s,) = torch.autograd.grad(expected, other)
    exact = dtype == torch.float64
    assert_near(found, expected.detach(), exact)
    torch.testing.assert_close(
        gradient.double(), to_s, rtol=1e-10 if exact else 2e-5, atol=1e-12 if exact else 1e-8
    )


@pytest.mark.parametrize("n", [1, 2, 5, 33, 34, 35, 80])
@pytest.mark.parametrize("k", [2, 5])
def test_the_balance_has_its_value_where_many_are_equal(form, n, k):
    random = torch.Generator().manual_seed(n)
    kinds = torch.tensor([0.0, 0.25, 0.5], dtype=torch.float64)
    s = kinds[torch.randint(3, (2 * n, k), generator=random)].requires_grad_()
    found = kernels.asym_norm_losses(s, (n, n))
    expected = (naive_balance(s[:n], k - 1) + naive_balance(s[n:], k - 1)) / 2
    assert_near(found, expected.detach(), True)
    # Whichever of equal values is the quantile, moving a column moves nothing.
    (gradient,) = torch.autograd.grad(found, s)
    assert float(gradient[:n].sum(dim=0).abs().max()) < 1e-12
    assert float(gradient[n:].sum(dim=0).abs().max()) < 1e-12


def test_the_balance_of_one_hot_clusters_is_known(form):
    equal = one_hot(torch.tensor([0, 0, 1, 1, 2, 2])).double()
    same = one_hot(torch.zeros(4, dtype=torch.int64), 3).double()
    assert float(kernels.asym_norm_losses(equal, (6,))) == pytest.approx(0, abs=1e-12)
    assert float(kernels.asym_norm_losses(same, (4,))) == pytest.approx(1)
    both = kernels.asym_norm_losses(torch.cat([equal, same]), (6, 0, 4))
    assert float(both) == pytest.approx(1 / 3), "a graph without vertices counts 0"


def test_the_balance_refuses_what_it_cannot_be_of():
    with pytest.raises(ValueError, match="at least 2 clusters"):
        kernels.asym_norm_losses(torch.ones(3, 1), (3,))
    with pytest.raises(ValueError, match="3 rows for graphs of 4"):
        kernels.asym_norm_losses(torch.ones(3, 2), (2, 2))


# Coarsened graphs.


def coarse_example(graphs: int, size: int, width: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Rows of vertices, and half of symmetric matrices: A is B + B^T."""
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(graphs * size, width, generator=random, dtype=torch.float64)
    half = torch.rand(graphs, size, size, generator=random, dtype=torch.float64)
    return x.requires_grad_(), half.requires_grad_()


def symmetric(half: Tensor) -> CoarseGraphs:
    return CoarseGraphs(half + half.transpose(1, 2))


@pytest.mark.parametrize("width", [8, 3])
@pytest.mark.parametrize("activation", ["none", "elu"])
@pytest.mark.parametrize("eps", [1e-3, 1e3])
def test_gradients_of_the_layer_on_coarsened_graphs(form, width, activation, eps):
    x, half = coarse_example(2, 3, width)
    bias = torch.linspace(-1, 1, width, dtype=torch.float64).requires_grad_()

    def layer(x, half, bias):
        given = {"delta": 0.3, "eps": eps, "activation": activation}
        return kernels.gtv_layer(x, symmetric(half), bias, **given)

    assert torch.autograd.gradcheck(layer, (x, half, bias), nondet_tol=0.0)
    out = layer(x, half, bias).detach().view(2, 3, width)
    for g in range(2):
        dense = symmetric(half).weight[g].detach()
        rows = x.detach().view(2, 3, width)[g]
        if activation == "elu":
            naive = naive_gtv_conv(rows, dense, bias.detach(), 0.3, eps, "elu")
            assert_near(out[g], naive, True)


@pytest.mark.parametrize("columns", [2, 5, 8, 17])
def test_gradients_of_the_total_variation_of_coarsened_graphs(form, columns):
    x, half = coarse_example(2, 4, columns)
    assert torch.autograd.gradcheck(
        lambda x, half: kernels.total_variation(x, symmetric(half)), (x, half)
    )
    weight = symmetric(half).weight.detach()
    rows = x.detach().view(2, 4, columns)
    expected = sum(naive_totvar(rows[g], weight[g], 0) for g in range(2))
    assert_near(kernels.total_variation(x, symmetric(half)), expected, True)


def test_distances_of_eps_and_below_are_taken_for_eps(form):
    eps = 0.5
    # Distances of the three pairs: eps itself, 0, and eps.
    rows = torch.zeros(3, 8, dtype=torch.float64)
    rows[1, 0] = eps
    weight = torch.tensor([[[9.0, 1.0, 2.0], [1.0, 9.0, 3.0], [2.0, 3.0, 9.0]]]).double()
    out = kernels.gtv_propagate(rows, CoarseGraphs(weight), delta=0.1, eps=eps)
    step = 0.1 / eps
    expected = torch.zeros(3, 8, dtype=torch.float64)
    expected[0, 0] = step * 1 * eps
    expected[1, 0] = eps - step * (1 + 3) * eps
    expected[2, 0] = step * 3 * eps
    assert_near(out, expected, True)


@pytest.mark.parametrize("size", [1, 3, 6, 37])
@pytest.mark.parametrize("kind", ["an eps that is rounded to 0", "a value beyond all numbers"])
def test_only_pairs_of_two_vertices_tell_what_they_have(form, kind, size):
    """A vertex is 0 from itself, which is no number to divide by, nor infinity less infinity."""
    if form == "torch":
        pytest.skip("takes the distance of a vertex to itself too")
    random = torch.Generator().manual_seed(0)
    x, eps = torch.randn(size, 16, generator=random), 1e-50
    if kind == "a value beyond all numbers":
        x[-1, 3], eps = torch.inf, 1e-3
    weight = torch.rand(size, size, generator=random)
    weight = weight + weight.t()
    pairs = torch.triu_indices(size, size, 1)
    own = weight[pairs[0], pairs[1]]
    found = kernels.gtv_propagate(x, CoarseGraphs(weight[None]), delta=0.3, eps=eps)
    expected = F.gtv_propagate(x, pairs, own, delta=0.3, eps=eps)
    torch.testing.assert_close(found, expected, equal_nan=True, rtol=1e-4, atol=1e-4)

    given = x.requires_grad_(), weight.requires_grad_()
    graph = CoarseGraphs(weight[None])
    value = kernels.total_variation(x, graph)
    gap = (x[pairs[0]] - x[pairs[1]]).abs().sum(dim=1)
    torch.testing.assert_close(value, (own * gap).sum())
    to_x, to_weight = torch.autograd.grad(value, given)
    assert to_x.isfinite().all()
    assert not to_weight.diagonal().any()
    if kind == "an eps that is rounded to 0":
        out = kernels.gtv_propagate(x, graph, delta=0.3, eps=eps)
        to_x, to_weight = torch.autograd.grad(out.square().sum(), given)
        out = F.gtv_propagate(x, pairs, weight[pairs[0], pairs[1]], delta=0.3, eps=eps)
        plain_x, plain_weight = torch.autograd.grad(out.square().sum(), given)
        torch.testing.assert_close(to_x, plain_x, rtol=1e-4, atol=1e-3)
        both = to_weight + to_weight.t()
        torch.testing.assert_close(both, plain_weight + plain_weight.t(), rtol=1e-4, atol=1e-3)


def test_rows_that_a_block_lacks_are_no_distance_away(form):
    x = torch.full((3, 16), 3e38)
    assert float(kernels.total_variation(x, CoarseGraphs(torch.ones(1, 3, 3)))) == 0


@pytest.mark.parametrize(
    ("size", "width"), [(3, 8), (3, 3), (1, 8), (4, 16), (16, 8), (17, 8), (37, 24), (8, 264)]
)
def test_values_that_are_equal_pass_on_what_the_plain_forms_do(form, size, width):
    """Where two values are equal the gradient of their distance is 0; sizes and widths about those
    of tiles, blocks and rows in registers.
    """
    random = torch.Generator().manual_seed(0)
    x = torch.randint(-1, 2, (2 * size, width), generator=random).double()
    x[::5] = x[0].clone()  # rows that are the same
    _, half = coarse_example(2, size, width)
    weight = (half + half.transpose(1, 2)).detach()
    pairs = torch.triu_indices(size, size, 1)

    def plain(x, weight):
        values, total = [], x.new_zeros(())
        for g, rows in enumerate(x.split(size)):
            own = weight[g][pairs[0], pairs[1]]
            values.append(F.gtv_propagate(rows, pairs, own, delta=0.3, eps=1.5))
            total = total + F.total_variation(rows, pairs, own)
        return (torch.cat(values) ** 2).sum() + total

    def ours(x, weight):
        graph = CoarseGraphs(weight)
        values = kernels.gtv_propagate(x, graph, delta=0.3, eps=1.5)
        return (values**2).sum() + kernels.total_variation(x, graph)

    found = []
    for function in (plain, ours):
        given = x.clone().requires_grad_(), weight.clone().requires_grad_()
        value = function(*given)
        to_x, to_weight = torch.autograd.grad(value, given)
        found.append((value, to_x, to_weight + to_weight.transpose(1, 2)))
    for one, other in zip(*found, strict=True):
        assert_near(other, one.detach(), True)


def test_edges_inside_of_clusters_change_nothing(form):
    x, half = coarse_example(2, 4, 8)
    weight = symmetric(half).weight.detach()
    other = weight + torch.diag_embed(torch.rand(2, 4, dtype=torch.float64) * 100)
    results = []
    for each in (weight, other):
        each = each.clone().requires_grad_()
        rows, graph = x.detach().clone().requires_grad_(), CoarseGraphs(each)
        value = kernels.gtv_propagate(rows, graph, delta=0.4).square().sum()
        value = value + totvar_loss(rows, graph) + balance_loss(rows, graph)
        results.append((value, *torch.autograd.grad(value, (rows, each))))
        assert float(results[-1][2].diagonal(dim1=1, dim2=2).abs().max()) == 0
    for one, both in zip(*results, strict=True):
        assert_near(both, one.detach(), True)


@pytest.mark.parametrize("columns", [3, 8])
def test_the_total_variation_of_edges_passes_on_to_their_weights(form, columns):
    random = torch.Generator().manual_seed(0)
    edge_index = torch.tensor([[0, 0, 1, 2, 3, 5], [1, 2, 2, 3, 4, 6]])
    x = torch.randint(-1, 2, (8, columns), generator=random).double()
    weight = torch.rand(6, generator=random, dtype=torch.float64)
    found = []
    for function in (
        lambda x, w: F.total_variation(x, edge_index, w),
        lambda x, w: kernels.total_variation(x, GraphTensors(edge_index, 8, w)),
    ):
        given = x.clone().requires_grad_(), weight.clone().requires_grad_()
        value = 1.7 * function(*given)
        found.append((value, *torch.autograd.grad(value, given)))
    gaps = (x[edge_index[0]] - x[edge_index[1]]).abs().sum(dim=1)
    assert_near(found[1][2], 1.7 * gaps, True)
    for one, other in zip(*found, strict=True):
        assert_near(other, one.detach(), True)


def test_rows_of_other_graphs_are_refused():
    graph = CoarseGraphs(torch.rand(2, 3, 3))
    with pytest.raises(ValueError, match="5 rows for 2 graphs of 3 vertices"):
        kernels.total_variation(torch.rand(5, 4), graph)


# Layers of other methods on coarsened graphs.


@pytest.mark.parametrize("activation", ["relu", "elu"])
def test_graph_convolution_on_coarsened_graphs_is_the_dense_one(activation):
    torch.manual_seed(0)
    x, half = coarse_example(2, 4, 6)
    layer = GraphConv(6, 5, skip=True, activation=activation).double()
    with torch.no_grad():
        layer.bias.uniform_()

    def dense(x, half):
        rows = []
        for own, part in zip(half + half.transpose(1, 2), x.split(4), strict=True):
            root = own.sum(dim=1) ** -0.5
            near = torch.diag(root) @ own @ torch.diag(root)
            out = near @ part @ layer.weight[:, :5] + part @ layer.weight[:, 5:] + layer.bias
            rows.append(F.ACTIVATIONS[activation](out))
        return torch.cat(rows)

    found = layer.propagate(layer.transform(x), symmetric(half))
    expected = dense(x, half)
    assert_near(found, expected.detach(), True)
    for one, other in zip(
        torch.autograd.grad(found.square().sum(), (x, half)),
        torch.autograd.grad(expected.square().sum(), (x, half)),
        strict=True,
    ):
        assert_near(one, other, True)


def test_clusters_that_nobody_is_in_have_gradients():
    layer = GraphConv(3, 4, skip=True)
    weight = torch.zeros(1, 3, 3, requires_grad=True)
    x = torch.rand(3, 3, requires_grad=True)
    out = layer.propagate(layer.transform(x), CoarseGraphs(weight))
    out.sum().backward()
    assert torch.isfinite(out).all()
    assert torch.isfinite(weight.grad).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_gin_adds_up_neighbours_as_the_dense_formula_does(form, weighted):
    torch.manual_seed(0)
    graphs = examples(weighted)
    x, batch = joined(graphs, torch.float64, weighted)
    x.requires_grad_()
    layer = GINConv(FEATURES, 5).double()
    with torch.no_grad():
        layer.eps.fill_(0.3)
        layer.bias.uniform_()
    found = layer.propagate(layer.transform(x), batch.edges)
    rows = []
    for graph, part in zip(graphs, x.split([len(graph.x) for graph in graphs]), strict=True):
        h = torch.relu(((1 + layer.eps) * part + graph.dense @ part) @ layer.weight + layer.bias)
        rows.append(torch.relu(h @ layer.second.weight.t() + layer.second.bias))
    expected = torch.cat(rows)
    assert_near(found, expected.detach(), True)
    given = (x, layer.weight, layer.bias, layer.eps)
    for one, other in zip(
        torch.autograd.grad(found.sum(), given),
        torch.autograd.grad(expected.sum(), given),
        strict=True,
    ):
        assert_near(one, other, True)


# The poolings that TVGNN is compared with.


class Given(AssignmentHead):
    """A head whose assignment is what it is given."""

    def forward(self, x: Tensor) -> Tensor:
        return x


def padded(graphs: list[Alone], values: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Values, adjacency matrices and a mask as PyTorch Geometric takes them."""
    longest = max(len(graph.x) for graph in graphs)
    dense = torch.zeros(len(graphs), longest, longest, dtype=torch.float64)
    out = torch.zeros(len(graphs), longest, values[0].size(1), dtype=torch.float64)
    mask = torch.zeros(len(graphs), longest, dtype=torch.bool)
    for i, (graph, own) in enumerate(zip(graphs, values, strict=True)):
        n = len(own)
        dense[i, :n, :n], out[i, :n], mask[i, :n] = graph.dense, own, True
    return out, dense, mask


def normalized(dense: Tensor) -> Tensor:
    degree = dense.sum(dim=-1)
    root = torch.where(degree > 0, degree, 1.0) ** -0.5
    return root[..., :, None] * dense * root[..., None, :]


def pooled(method: str, graphs: list[Alone], assignment: list[Tensor], weighted: bool = True):
    """What our pooling makes of graphs whose features are their assignments."""
    head = Given(3, assignment[0].size(1), ())
    pool = TVGNNPool(head, 1, 1) if method == "tvgnn" else DensePool(head, method, 1, 1)
    _, batch = joined(graphs, torch.float64, weighted)
    return pool(torch.cat(assignment), batch)


def compared(sizes=(7, 1, 9, 4), seed=3) -> tuple[list[Alone], list[Tensor]]:
    """Weighted graphs that all have edges but the last of one vertex, with assignments to 3."""
    graphs = [g for g in examples(True, sizes, seed) if g.num_edges]
    return graphs, [soft(len(graph.x), 3, seed + i) for i, graph in enumerate(graphs)]


def test_mincut_losses_are_torch_geometrics_on_padded_batches():
    """Both divide by the same; PyG takes the matrix as it is given, so it gets the normalised one,
    of which MinCutPool's paper speaks. Its pooled matrix is ours after `normalized`, where it is
    given the plain one.
    """
    dense_mincut_pool = pytest.importorskip("torch_geometric.nn").dense_mincut_pool
    graphs, assignment = compared()
    scores, dense, mask = padded(graphs, [s.log() for s in assignment])
    given = scores, normalized(dense), scores, mask
    *_, cut, orthogonality = dense_mincut_pool(*given)
    ours = pooled("mincutpool", graphs, assignment)
    assert_near(ours.loss.totvar, cut, True)
    assert_near(ours.loss.balance, orthogonality, True)
    _, coarse, *_ = dense_mincut_pool(scores, dense, scores, mask)
    torch.testing.assert_close(ours.graph.normalized, coarse, rtol=1e-10, atol=1e-10)


def test_dmon_losses_are_torch_geometrics_on_padded_batches():
    """On the plain matrix, as in its paper; ours have no orthogonality term, and Eq. 11 none.

    PyG's collapse term divides by the sizes of all graphs of the batch in turn, not only by each
    graph's own, and is the same where they are of one size.
    """
    layers = pytest.importorskip("torch_geometric.nn")
    layer = layers.DMoNPooling([3], 3)
    layer.mlp = torch.nn.Identity()
    for sizes in ((7, 9, 4, 12), (7, 7), (9,)):
        graphs, assignment = compared(sizes)
        scores, dense, mask = padded(graphs, [s.log() for s in assignment])
        _, _, coarse, spectral, _, cluster = layer(scores, dense, mask)
        ours = pooled("dmon", graphs, assignment)
        assert_near(ours.loss.totvar, spectral, True)
        torch.testing.assert_close(ours.graph.normalized, coarse, rtol=1e-10, atol=1e-10)
        lengths = [float(s.sum(dim=0).norm()) * 3**0.5 for s in assignment]
        own = [length / len(s) - 1 for length, s in zip(lengths, assignment, strict=True)]
        mixed = [length / len(s) - 1 for length in lengths for s in assignment]
        assert float(ours.loss.balance) == pytest.approx(sum(own) / len(own), abs=1e-12)
        assert float(cluster) == pytest.approx(sum(mixed) / len(mixed), abs=1e-12)
        is_same = ours.loss.balance.item() == pytest.approx(cluster.item(), abs=1e-9)
        assert is_same == (len(set(map(len, assignment))) == 1)


def test_diffpool_losses_are_torch_geometrics_on_one_graph():
    """Both divide the norm by n^2."""
    dense_diff_pool = pytest.importorskip("torch_geometric.nn").dense_diff_pool
    graphs, assignment = compared((9,))
    scores, dense, mask = padded(graphs, [s.log() for s in assignment])
    _, coarse, links, entropy = dense_diff_pool(scores, dense, scores, mask)
    ours = pooled("diffpool", graphs, assignment)
    assert_near(ours.loss.totvar, links, True)
    assert_near(ours.loss.balance, entropy, True)
    torch.testing.assert_close(ours.graph.weight, coarse, rtol=1e-10, atol=1e-10)


def two_triangles() -> tuple[Alone, Tensor]:
    """Joined by an edge, 7 in all; each a cluster."""
    dense = torch.zeros(6, 6, dtype=torch.float64)
    for i, j in ((0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)):
        dense[i, j] = dense[j, i] = 1
    s = one_hot(torch.tensor([0, 0, 0, 1, 1, 1])).double()
    return Alone(dense, s), s


def one_edge() -> tuple[Alone, Tensor]:
    """Two vertices that are in either of two clusters alike."""
    dense = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).double()
    half = torch.full((2, 2), 0.5, dtype=torch.float64)
    return Alone(dense, half), half


def test_diffpool_losses_of_torch_geometric_count_what_is_not_there():
    """|A - S S^T|: of the triangles 6 loops and 2 ends of the edge between, root 8; of the edge
    loops of 1/2 and ends of 1/2, 1. Entropies: 0, and log 2 of both vertices of the edge.
    """
    dense_diff_pool = pytest.importorskip("torch_geometric.nn").dense_diff_pool
    graphs, assignment = zip(two_triangles(), one_edge(), strict=True)
    ours = pooled("diffpool", list(graphs), list(assignment))
    assert float(ours.loss.totvar) == pytest.approx((8**0.5 / 36 + 1 / 4) / 2)
    assert float(ours.loss.balance) == pytest.approx(math.log(2) / 2)

    scores, dense, mask = padded(list(graphs), [(s + 1e-300).log() for s in assignment])
    *_, links, entropy = dense_diff_pool(scores, dense, scores, mask)
    # The norm of the whole batch by the entries of padded matrices, the mean over padded rows.
    assert float(links) == pytest.approx((8 + 1) ** 0.5 / 72)
    assert float(entropy) == pytest.approx(2 * math.log(2) / 12)


WITHIN = 2 + 8 / 6**0.5
"""Of the normalised matrix: twice 1/2 + 2 / root 6 in each triangle."""

KNOWN = {
    # One edge of seven is cut, 2 apart; clusters are of equal size.
    "tvgnn": (2 / 14, 0),
    # Degrees of the normalised matrix: 4 of 1/2 + 1 / root 6, 2 of 2 / root 6 + 1/3.
    "mincutpool": (-WITHIN / (WITHIN + 2 / 3), 0),
    # 12 ends inside, and by chance 7 * 7 / 14 twice.
    "dmon": (-(12 - 7) / 14, 0),
    "diffpool": (8**0.5 / 36, 0),
}


@pytest.mark.parametrize("method", KNOWN)
@pytest.mark.parametrize("weighted", [False, True])
def test_losses_of_two_triangles_joined_by_an_edge_are_known(form, method, weighted):
    graph, s = two_triangles()
    first, second = KNOWN[method]
    ours = pooled(method, [graph], [s], weighted)
    assert float(ours.loss.totvar) == pytest.approx(first)
    assert float(ours.loss.balance) == pytest.approx(second, abs=2e-6)
    inside = 0.0 if method in ("mincutpool", "dmon") else 6.0
    assert ours.graph.weight.tolist() == [[[inside, 1.0], [1.0, inside]]]
    assert ours.x.tolist() == [[3.0, 0.0], [0.0, 3.0]]
    twice = pooled(method, [graph, graph], [s, s], weighted)
    assert float(twice.loss.totvar) == pytest.approx(first)


@pytest.mark.parametrize("method", ["mincutpool", "dmon", "diffpool"])
def test_losses_of_coarsened_graphs_are_those_of_graphs_by_their_edges(method):
    """A coarsened graph without loops is one that edges give."""
    graphs = examples(True, (6, 6), seed=5)
    s = soft(12, 3, 1)
    pool = DensePool(Given(3, 3, ()), method, 0.3, 0.6)
    _, batch = joined(graphs, torch.float64, True)
    by_edges = pool(s, batch)
    by_matrix = pool(s, CoarseGraphs(torch.stack([graph.dense for graph in graphs])))
    for one, other in zip(by_edges.loss, by_matrix.loss, strict=True):
        assert_near(other, one, True)
    assert_near(by_matrix.graph.weight, by_edges.graph.weight, True)
    assert_near(by_matrix.x, by_edges.x, True)


@pytest.mark.parametrize("method", ["tvgnn", "mincutpool", "dmon", "diffpool"])
def test_gradients_of_poolings(method):
    graphs = examples(True, (6, 4, 0, 1, 5), seed=2)
    x = torch.cat([graph.x for graph in graphs]).requires_grad_()
    torch.manual_seed(0)
    head = AssignmentHead(FEATURES, 3, (4,), "elu").double()
    pool = TVGNNPool(head, 0.4, 0.7) if method == "tvgnn" else DensePool(head, method, 0.4, 0.7)
    _, batch = joined(graphs, torch.float64, True)

    def value(x):
        out = pool(x, batch)
        return out.loss.total, out.x, out.graph.weight

    assert torch.autograd.gradcheck(value, (x,))


def test_layers_that_average_have_their_loops_on_coarse_graphs_too():
    torch.manual_seed(0)
    weight = torch.rand(2, 4, 4, dtype=torch.float64)
    weight = weight + weight.transpose(1, 2)
    x = torch.randn(8, 3, dtype=torch.float64)
    layer = GraphConv(3, 5, skip=False).double()
    found = layer.propagate(layer.transform(x), CoarseGraphs(weight)).view(2, 4, 5)
    for a, rows, out in zip(weight, x.view(2, 4, 3), found, strict=True):
        looped = a + torch.eye(4, dtype=torch.float64)
        root = looped.sum(dim=1).rsqrt()
        near = root[:, None] * looped * root
        torch.testing.assert_close(out, torch.nn.functional.elu(near @ rows @ layer.weight))


@pytest.mark.parametrize("shape", [(4, 4), (2, 3, 4), (2, 3, 3, 1)])
def test_weights_that_are_no_square_matrices_are_refused(shape):
    with pytest.raises(ValueError, match="no square matrices"):
        CoarseGraphs(torch.ones(shape))


def test_values_of_other_graphs_are_refused():
    graph = CoarseGraphs(torch.ones(2, 3, 3))
    with pytest.raises(ValueError, match="7 rows for 2 graphs of 3 vertices"):
        kernels.total_variation(torch.ones(7, 2), graph)
    with pytest.raises(ValueError, match="graphs of 5 vertices"):
        kernels.segment_products(torch.ones(6, 2), torch.ones(6, 2), (2, 3))
    with pytest.raises(ValueError, match="graphs of 5 vertices"):
        kernels.asym_norm_losses(torch.ones(6, 2), (2, 3))


def test_products_of_small_graphs_and_of_large_ones_are_the_same(monkeypatch):
    torch.manual_seed(0)
    sizes = (3, 0, 1, 20)
    given = [torch.randn(24, width, dtype=torch.float64, requires_grad=True) for width in (5, 7)]
    upstream = torch.randn(4, 5, 7, dtype=torch.float64)
    found = []
    for few in (segments.FEW, -1):
        monkeypatch.setattr(segments, "FEW", few)
        out = kernels.segment_products(given[0], given[1], sizes)
        found.append((out, *torch.autograd.grad(out, given, upstream)))
    for small, large in zip(*found, strict=True):
        torch.testing.assert_close(small, large)
    rows = [g.detach().split(list(sizes)) for g in given]
    for product, a, b in zip(found[0][0], *rows, strict=True):
        torch.testing.assert_close(product.detach(), a.t() @ b)
