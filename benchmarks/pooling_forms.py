"""Forms of one classifier of graphs, for benchmarks/pooling.py: each makes a step of training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from forms import stand_in_for_torch_scatter
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch_geometric.utils import to_dense_adj, to_dense_batch

from tvgnn_cli import functional as F
from tvgnn_cli.classification.training import loss_of
from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.models.classifier import GraphClassifier
from tvgnn_cli.prepare.graph_batches import Batch

Step = Callable[[Batch], Tensor]
"""The loss of a batch, with its gradient still to come."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A network at its start and its settings."""

    network: GraphClassifier
    config: ClassifyConfig
    pool_sizes: tuple[int, ...]


def ours(problem: Problem) -> tuple[nn.Module, Step]:
    """Return what is trained, as it is."""
    network = problem.network
    return network, lambda batch: loss_of(network(batch.x, batch.graphs), batch)


def _directed(batch: Batch) -> Tensor:
    """Each edge in both directions, graph by graph, as PyTorch Geometric's loader has them."""
    edges = batch.graphs.edges.edge_index
    both = torch.cat([edges, edges.flip(0)], dim=1)
    return both[:, batch.graphs.graph_of_vertex[both[0]].argsort(stable=True)]


def _dense_x(batch: Batch) -> Tensor:
    return batch.x if batch.x.layout == torch.strided else batch.x.to_dense()


class Padded(nn.Module):
    """The same network on matrices of the batch's largest graph, as the authors' code has it.

    Args:
        problem: whose weights it takes.
        gathered: whether the rows at either end of each entry of an adjacency matrix are
            gathered, as there, or distances come from `torch.cdist`.
    """

    def __init__(self, problem: Problem, gathered: bool) -> None:
        super().__init__()
        self.net, self.config, self.gathered = problem.network, problem.config, gathered

    def _gaps(self, x: Tensor, adjacency: Tensor) -> Tensor:
        if not self.gathered:
            return torch.cdist(x, x, p=1)
        b, i, j = adjacency.nonzero(as_tuple=True)
        gap = torch.zeros_like(adjacency)
        return gap.index_put((b, i, j), (x[b, i] - x[b, j]).abs().sum(dim=-1))

    def _layer(self, layer: nn.Module, x: Tensor, adjacency: Tensor) -> Tensor:
        x = x @ layer.weight
        gamma = adjacency / self._gaps(x, adjacency).clamp(min=layer.eps)
        gamma = gamma - torch.diag_embed(gamma.diagonal(dim1=1, dim2=2))
        x = x - layer.delta * (gamma.sum(dim=2, keepdim=True) * x - gamma @ x)
        return F.ACTIVATIONS[layer.activation](x + layer.bias)

    def _balance(self, s: Tensor, sizes: Tensor) -> Tensor:
        k = s.size(2)
        rank = (sizes // k).clamp(max=s.size(1) - 1)
        ordered = s.sort(dim=1, descending=True).values
        quantile = ordered.gather(1, rank.view(-1, 1, 1).expand(-1, 1, k))
        there = torch.arange(s.size(1)).view(1, -1, 1) < sizes.view(-1, 1, 1)
        away = s - quantile
        norm = (torch.where(away >= 0, (k - 1) * away, -away) * there).sum(dim=(1, 2))
        return (1 - norm / (sizes * (k - 1))).mean()

    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch."""
        of = batch.graphs.graph_of_vertex
        x, mask = to_dense_batch(_dense_x(batch), of)
        adjacency = to_dense_adj(_directed(batch), of, max_num_nodes=x.size(1))
        sizes, there = torch.tensor(batch.graphs.sizes), mask.unsqueeze(2)
        pairs = (adjacency > 0).sum(dim=(1, 2)).clamp(min=1)
        loss = x.new_zeros(())
        for i, block in enumerate(self.net.blocks):
            for layer in block:
                x = self._layer(layer, x, adjacency) * there
            if i == len(self.net.pools):
                break
            pool = self.net.pools[i]
            s = pool.head(x.flatten(0, 1)).view(*x.shape[:2], -1) * there
            varied = (adjacency * self._gaps(s, adjacency)).sum(dim=(1, 2)) / (2 * pairs)
            loss = loss + pool.totvar_coeff * varied.mean()
            loss = loss + pool.balance_coeff * self._balance(s, sizes)
            x, adjacency = s.transpose(1, 2) @ x, s.transpose(1, 2) @ adjacency @ s
            sizes = torch.full((len(sizes),), x.size(1))
            there = torch.ones(len(sizes), x.size(1), 1)
            pairs = torch.full((len(sizes),), x.size(1) * (x.size(1) - 1))
        return loss + cross_entropy(self.net.output(x.mean(dim=1)), batch.y)


def padded(problem: Problem) -> tuple[nn.Module, Step]:
    """Return the form of the authors' code."""
    model = Padded(problem, gathered=True)
    return model, model


def padded_cdist(problem: Problem) -> tuple[nn.Module, Step]:
    """Return the same with distances by `torch.cdist`, which holds no rows for each entry."""
    model = Padded(problem, gathered=False)
    return model, model


def _tgp(problem: Problem, batched: bool) -> tuple[nn.Module, Step]:
    stand_in_for_torch_scatter()
    from tgp.mp import GTVConv
    from tgp.poolers import AsymCheegerCutPooling

    config, net = problem.config, problem.network
    blocks = nn.ModuleList(
        nn.ModuleList(
            GTVConv(*layer.weight.shape, delta_coeff=config.delta, act=config.activation)
            for layer in block
        )
        for block in net.blocks
    )
    widths = [config.hidden] + [config.mlp_hidden] * config.mlp_layers
    pools = nn.ModuleList(
        AsymCheegerCutPooling(
            widths, size, act=config.mlp_activation, totvar_coeff=config.totvar_coeff,
            balance_coeff=config.balance_coeff, batched=batched or i > 0,
        )
        for i, size in enumerate(problem.pool_sizes)
    )  # fmt: skip
    output = nn.Linear(config.hidden, net.output.out_features)
    model = nn.ModuleList([blocks, pools, output])

    def step(batch: Batch) -> Tensor:
        of, edges, x, loss = batch.graphs.graph_of_vertex, _directed(batch), _dense_x(batch), 0
        mask = None
        if batched:
            x, mask = to_dense_batch(x, of)
            edges = to_dense_adj(edges, of, max_num_nodes=x.size(1))
        for i, block in enumerate(blocks):
            for layer in block:
                x = layer(x, edges, mask=mask) if edges.dim() == 3 else layer(x, edges)
            if i < len(pools):
                given = {"mask": mask} if batched or i else {"batch": of}
                pooled = pools[i](x, adj=edges, **given)
                x, edges, mask = pooled.x, pooled.edge_index, None
                loss = loss + sum(pooled.loss.values())
        return loss + cross_entropy(output(x.mean(dim=1)), batch.y)

    return model, step


def tgp_batched(problem: Problem) -> tuple[nn.Module, Step]:
    """Return torch-geometric-pool's layers on padded batches."""
    return _tgp(problem, batched=True)


def tgp_unbatched(problem: Problem) -> tuple[nn.Module, Step]:
    """Return torch-geometric-pool's layers, the first pooling on lists of edges."""
    return _tgp(problem, batched=False)


def diffpool(problem: Problem) -> tuple[nn.Module, Step]:
    """Return PyTorch Geometric's dense DiffPool of the same widths and depths."""
    from torch_geometric.nn import DenseGraphConv, dense_diff_pool

    config, net = problem.config, problem.network
    sizes = [[tuple(layer.weight.shape) for layer in block] for block in net.blocks]
    blocks = nn.ModuleList(
        nn.ModuleList(DenseGraphConv(*shape) for shape in block) for block in sizes
    )
    heads = nn.ModuleList(DenseGraphConv(config.hidden, size) for size in problem.pool_sizes)
    output = nn.Linear(config.hidden, net.output.out_features)
    model = nn.ModuleList([blocks, heads, output])

    def step(batch: Batch) -> Tensor:
        of, loss = batch.graphs.graph_of_vertex, 0
        x, mask = to_dense_batch(_dense_x(batch), of)
        adjacency = to_dense_adj(_directed(batch), of, max_num_nodes=x.size(1))
        for i, block in enumerate(blocks):
            for layer in block:
                x = torch.relu(layer(x, adjacency, mask))
            if i < len(heads):
                s = heads[i](x, adjacency, mask)
                x, adjacency, link, entropy = dense_diff_pool(x, adjacency, s, mask)
                loss, mask = loss + link + entropy, None
        return loss + cross_entropy(output(x.mean(dim=1)), batch.y)

    return model, step


FORMS: dict[str, Callable[[Problem], tuple[nn.Module, Step]]] = {
    "ours": ours,
    "padded": padded,
    "padded, cdist": padded_cdist,
    "torch-geometric-pool, batched": tgp_batched,
    "torch-geometric-pool, unbatched": tgp_unbatched,
    "PyG DiffPool": diffpool,
}
