"""The same network and losses in several forms, for benchmarks/speed.py.

Each form takes the same graph and the same initial weights, and gives one epoch as a function that
returns its loss, and the assignment it has come to.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.kernels import dense_product
from tvgnn_cli.models import TVGNN
from tvgnn_cli.train.learner import adam
from tvgnn_cli.train.objective import TotalVariationObjective, Weights
from tvgnn_cli.train.tensors import TrainingData

DELTA, TOTVAR, BALANCE, LR = 0.311, 0.785, 0.514, 1e-3
"""Table 5's vertex clustering column, and the authors' learning rate."""

Epoch = Callable[[], float]


@dataclass(frozen=True)
class Problem:
    """A graph, and the network that is trained on it."""

    data: TrainingData
    num_clusters: int
    hidden: int

    @property
    def device(self) -> torch.device:
        return self.data.x.device

    def network(self) -> TVGNN:
        torch.manual_seed(0)
        made = TVGNN(self.data.x.size(1), self.num_clusters, hidden_channels=self.hidden)
        return made.to(self.device)

    def directed(self) -> Tensor:
        """Both directions of each edge, `[2, 2 e]`."""
        edges = self.data.graph.edge_index
        return torch.cat([edges, edges.flip(0)], dim=1)

    def dense_x(self) -> Tensor:
        x = self.data.x
        return x if x.layout == torch.strided else x.to_dense()


def fused(problem: Problem) -> Epoch:
    """Ours, as `tvgnn cluster` trains it."""
    model, data = problem.network(), problem.data
    objective = TotalVariationObjective(data, Weights(TOTVAR, BALANCE), None)
    return _epoch(model, lambda: objective(model(data.x, data.graph)).total)


def fused_by_mkl(problem: Problem) -> Epoch:
    """The same with every dense product by `torch.mm`, where ours would be by oneDNN."""
    dense_product.prefers_onednn = lambda: False  # type: ignore[assignment]
    return fused(problem)


def plain(problem: Problem) -> Epoch:
    """Sums over directed edges, both ends gathered, nothing fused."""
    model, x = problem.network(), problem.dense_x()
    directed = problem.directed()

    def loss() -> Tensor:
        s = _plain_assignment(model, x, directed)
        tail, head = directed
        variation = (s[tail] - s[head]).abs().sum() / 2
        totvar = variation / directed.size(1)
        return TOTVAR * totvar + BALANCE * F.asym_norm_loss(s)

    return _epoch(model, loss)


def dense(problem: Problem) -> Epoch:
    """As `plain`, with Eq. 12 as an array of vertices by vertices by clusters."""
    model, x = problem.network(), problem.dense_x()
    n = x.size(0)
    directed = problem.directed()
    adjacency = torch.zeros(n, n, device=problem.device)
    adjacency[directed[0], directed[1]] = 1

    def loss() -> Tensor:
        s = _plain_assignment(model, x, directed)
        variation = (adjacency * (s[:, None] - s[None]).abs().sum(dim=-1)).sum() / 2
        totvar = variation / directed.size(1)
        return TOTVAR * totvar + BALANCE * F.asym_norm_loss(s)

    return _epoch(model, loss)


def dense_bytes(problem: Problem) -> int:
    """About what the dense form needs at once."""
    n = problem.data.x.size(0)
    return 4 * n * n * (3 * problem.num_clusters + 3)


def _plain_assignment(model: TVGNN, x: Tensor, directed: Tensor) -> Tensor:
    tail, head = directed
    for layer in model.layers:
        hidden = x @ layer.weight
        difference = hidden[tail] - hidden[head]
        gamma = 1 / difference.abs().sum(dim=1).clamp(min=1e-3)
        laplacian = torch.zeros_like(hidden).index_add(0, tail, gamma[:, None] * difference)
        x = torch.nn.functional.elu(hidden - DELTA * laplacian + layer.bias)
    first, last = model.head.mlp
    return last(torch.relu(first(x))).softmax(dim=1)


def pool(problem: Problem) -> Epoch:
    """torch-geometric-pool's GTVConv and AsymCheegerCutPooling with its sparse loss."""
    stand_in_for_torch_scatter()
    from tgp.mp import GTVConv
    from tgp.poolers import AsymCheegerCutPooling

    start, x = problem.network(), problem.dense_x()
    directed = problem.directed()
    layers = [GTVConv(*layer.weight.shape, delta_coeff=DELTA, act="elu") for layer in start.layers]
    pooler = AsymCheegerCutPooling(
        [problem.hidden, 256], problem.num_clusters, act="relu", batched=False,
        totvar_coeff=TOTVAR, balance_coeff=BALANCE,
    )  # fmt: skip
    model = torch.nn.ModuleList([*layers, pooler]).to(problem.device)
    with torch.no_grad():
        for ours, theirs in zip(start.layers, layers, strict=True):
            theirs.weight.copy_(ours.weight)
            theirs.bias.copy_(ours.bias)
        for ours, theirs in zip(start.head.mlp, pooler.selector.mlp.lins, strict=True):
            theirs.weight.copy_(ours.weight)
            theirs.bias.copy_(ours.bias)

    def loss() -> Tensor:
        hidden = x
        for layer in layers:
            hidden = layer(hidden, directed)
        return sum(pooler(hidden, adj=directed).loss.values())

    return _epoch(model, loss)


def stand_in_for_torch_scatter() -> None:
    """The functions of torch_scatter that torch-geometric-pool imports, by PyTorch Geometric's.

    torch_scatter itself has to be compiled for many minutes.
    """
    from torch_geometric.utils import scatter

    def by_pyg(reduce: str) -> Callable[..., Tensor]:
        def reduced(src: Tensor, index: Tensor, dim: int = -1, **given: object) -> Tensor:
            how = str(given.get("reduce", reduce))
            return scatter(src, index, dim, given.get("dim_size"), how)

        return reduced

    module = types.ModuleType("torch_scatter")
    setattr(module, "scatter", by_pyg("sum"))  # noqa: B010 mypy knows no such module
    for name in ("add", "sum", "mul", "mean", "min", "max"):
        setattr(module, f"scatter_{name}", by_pyg(name))
    sys.modules["torch_scatter"] = module


def _epoch(model: torch.nn.Module, loss: Callable[[], Tensor]) -> Epoch:
    optimizer = adam(model, LR)

    def epoch() -> float:
        optimizer.zero_grad()
        value = loss()
        torch.autograd.backward(value)
        optimizer.step()
        return value.item()

    return epoch


TORCH_SPARSE = 0.05
"""Share of non-zero features up to which torch's own sparse products are the faster ones."""


def products(problem: Problem) -> Epoch:
    """The matrix products of one epoch and nothing else, by torch: forwards, then backwards."""
    x = problem.data.x
    if x.layout != torch.strided and x.values().numel() >= TORCH_SPARSE * x.size(0) * x.size(1):
        x = x.to_dense()
    x_t = x.t() if x.layout == torch.strided else x.t().to_sparse(layout=torch.sparse_csr)
    by_torch = torch.mm, lambda left, right: left.t() @ right
    return _products(problem, *by_torch, lambda weight: x @ weight, lambda given: x_t @ given)


def our_products(problem: Problem) -> Epoch:
    """The same with ours, of sparse features and of dense matrices."""
    x, ours = problem.data.x, (dense_product.matmul, dense_product.sum_of_outer)
    weight = torch.zeros(x.size(1), problem.hidden, device=x.device, requires_grad=True)
    product = kernels.feature_product(x, weight)

    def back(gradient: Tensor) -> Tensor:
        return torch.autograd.grad(product, weight, gradient, retain_graph=True)[0]

    return _products(problem, *ours, lambda weight: kernels.feature_product(x, weight), back)


def _products(
    problem: Problem,
    product: Callable[[Tensor, Tensor], Tensor],
    sum_of_outer: Callable[[Tensor, Tensor], Tensor],
    first_product: Callable[[Tensor], Tensor],
    back: Callable[[Tensor], Tensor],
) -> Epoch:
    model, n = problem.network(), problem.data.x.size(0)
    (first, second), (inner, last) = (
        [layer.weight.detach() for layer in model.layers],
        [layer.weight.detach() for layer in model.head.mlp],
    )
    there = problem.device
    x1, x2, to_x2, to_x1 = (torch.randn(n, problem.hidden, device=there) for _ in range(4))
    z, to_z = (torch.randn(n, 256, device=there) for _ in range(2))
    s = torch.randn(n, problem.num_clusters, device=there)

    def epoch() -> float:
        first_product(first)
        product(x1, second)
        product(x2, inner.t())
        product(z, last.t())
        sum_of_outer(s, z)
        product(s, last)
        sum_of_outer(to_z, x2)
        product(to_z, inner)
        sum_of_outer(x1, to_x2)
        product(to_x2, second.t())
        back(to_x1)
        return 0.0

    return epoch


FORMS: dict[str, Callable[[Problem], Epoch]] = {
    "products": products,
    "our products": our_products,
    "fused": fused,
    "fused by MKL": fused_by_mkl,
    "plain": plain,
    "pool": pool,
    "dense": dense,
}
"""Name in the table to the form."""
