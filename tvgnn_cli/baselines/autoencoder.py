"""The encoder of graph autoencoders, and how it is trained to predict edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tvgnn_cli import kernels
from tvgnn_cli.baselines.attributes import attributes
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.nn import Adam, GraphConv
from tvgnn_cli.observer import Observer


class Decoder(nn.Module):
    """The chance of an edge, `sigmoid(z_i . z_j)`; as PyTorch Geometric's, but for how rows are
    taken, whose gradient there adds up in no fixed order.
    """

    def forward(self, z: Tensor, edge_index: Tensor, sigmoid: bool = True) -> Tensor:
        tail, head = edge_index
        value = (z.index_select(0, tail) * z.index_select(0, head)).sum(dim=1)
        return value.sigmoid() if sigmoid else value


DIMENSIONS = 16
"""Width of the embedding; half of the hidden layer's width in Kipf & Welling (2016)."""


class Encoder(nn.Module):
    """Two GCN layers, `[n, f] -> [n, hidden] -> [n, 16]`; variational, a third beside the second,
    for the logarithm of the spread.

    Source: Kipf & Welling, "Variational graph auto-encoders", 2016, Section 1.
    """

    def __init__(self, in_channels: int, hidden: int, *, variational: bool) -> None:
        super().__init__()
        self.first = GraphConv(in_channels, hidden, activation="relu")
        self.mean = GraphConv(hidden, DIMENSIONS, activation="none")
        self.spread = GraphConv(hidden, DIMENSIONS, activation="none") if variational else None

    def forward(self, x: Tensor, graph: GraphTensors) -> Any:
        hidden = self.first(x, graph)
        mean = self.mean(hidden, graph)
        if self.spread is None:
            return mean
        return mean, self.spread(hidden, graph)


def embed_by_autoencoder(
    graph: Graph, config: ClusterConfig, observer: Observer, *, variational: bool
) -> np.ndarray:
    """Train PyTorch Geometric's GAE or VGAE on all edges, against as many pairs drawn anew at each
    epoch, and give the mean of the embedding, `[n, 16]`.

    Deviation from the paper, whose loss is over all pairs of vertices: pairs are drawn, so that
    nothing is of size `[n, n]`. Few of them are edges, in a sparse graph.

    Raises:
        InputError: the graph has no features.
    """
    from torch_geometric.nn import GAE, VGAE

    x = kernels.feature_tensor(attributes(graph, config), torch.device("cpu"))
    edge_index = torch.from_numpy(graph.edge_index)
    both = torch.cat([edge_index, edge_index.flip(0)], dim=1)
    weight = graph.edge_weight
    edge_weight = None if weight is None else torch.from_numpy(weight.astype(np.float32))
    given = x, GraphTensors(edge_index, graph.num_vertices, edge_weight)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        encoder = Encoder(x.size(1), config.hidden, variational=variational)
        model = (VGAE if variational else GAE)(encoder, Decoder())
        optimizer = Adam(model.parameters(), lr=config.lr)
        for epoch in range(config.epochs):
            observer.phase("autoencoder", epoch, config.epochs)
            optimizer.zero_grad()
            points = model.encode(*given)
            drawn = torch.randint(graph.num_vertices, both.shape)
            loss = model.recon_loss(points, both, drawn)
            if variational:
                loss = loss + model.kl_loss() / graph.num_vertices
            torch.autograd.backward(loss)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            found: np.ndarray = model.encode(*given).numpy()
    return found
