"""The message-passing layer that the other methods have: neighbours are averaged."""

from __future__ import annotations

import torch
from torch import nn

from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.kernels import CoarseGraphs, Graphs, GraphTensors, graph_of
from tvgnn_cli.shapes import EdgeIndex, EdgeValues, HiddenValues, VertexValues


class GraphConv(nn.Module):
    """`sigma(A~' X Theta + b)`, or with a skip connection `sigma(A~ X Theta + X Theta_skip + b)`.

    A~ is the adjacency matrix with symmetric degree normalisation and A~' that of A + I: the skip
    connection stands for the loops. Weights start Xavier-uniform, biases at 0.

    Source: Eq. 7 (Kipf & Welling, ICLR 2017); with `skip`, Bianchi, Grattarola & Alippi (2020).

    Args:
        in_channels: features per vertex at the input.
        out_channels: features per vertex at the output.
        skip: whether a vertex's own features come by a skip connection.
        activation: "elu" or "relu" (or "none").

    Shapes:
        x `[n, in_channels]` (dense or sparse CSR), edge_index `[2, e]` with each undirected edge
        once, edge_weight `[e]` or None; the output is `[n, out_channels]`. A `GraphTensors` in
        place of edge_index makes the adjacency matrix once, and not at each call.
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, skip: bool = False, activation: str = "elu"
    ) -> None:
        super().__init__()
        self.out_channels, self.skip, self.activation = out_channels, skip, activation
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels * (2 if skip else 1)))
        self.bias = nn.Parameter(torch.empty(out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for first in range(0, self.weight.size(1), self.out_channels):
            nn.init.xavier_uniform_(self.weight[:, first : first + self.out_channels])
        nn.init.zeros_(self.bias)

    def forward(
        self,
        x: VertexValues,
        edge_index: GraphTensors | EdgeIndex,
        edge_weight: EdgeValues | None = None,
    ) -> HiddenValues:
        return self.propagate(self.transform(x), graph_of(edge_index, x.size(0), edge_weight))

    def transform(self, x: VertexValues) -> torch.Tensor:
        """`X Theta`, what is propagated, and beside it `X Theta_skip`."""
        return kernels.feature_product(x, self.weight)

    def propagate(self, hidden: torch.Tensor, graph: Graphs) -> torch.Tensor:
        """The layer's output `[n, out_channels]`, given what `transform` gives."""
        sent = hidden[:, : self.out_channels]
        if isinstance(graph, CoarseGraphs):
            rows = sent.reshape(graph.num_graphs, graph.size, -1)
            near = graph if self.skip else graph.with_loops
            out = (near.normalized @ rows).flatten(0, 1)
        else:
            form = "normalized" if self.skip else "loops"
            out = kernels.symmetric_product(graph.adjacency(form, hidden.dtype), sent)
        if self.skip:
            out = out + hidden[:, self.out_channels :]
        return F.ACTIVATIONS[self.activation](out + self.bias)
