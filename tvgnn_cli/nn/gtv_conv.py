"""The message-passing layer that lowers the total variation of the vertex features."""

from __future__ import annotations

import torch
from torch import nn

from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.kernels import Graphs, GraphTensors, graph_of
from tvgnn_cli.shapes import EdgeIndex, EdgeValues, HiddenValues, VertexValues


class GTVConv(nn.Module):
    """`sigma((I - delta * L_Gamma) X Theta + b)`.

    Deviations from the paper, all made by the authors' code and kept because the published
    figures rest on them: the edge weights Gamma are taken at `X Theta`, the features that are
    propagated, and not at `X`; a bias is added after the propagation; `delta` stands for what
    Table 5 lists as 2*delta and multiplies the Laplacian directly. Theta starts Kaiming-normal.

    Source: Eq. 29; with `degree_weighted`, Appendix A.4.

    Args:
        in_channels: features per vertex at the input.
        out_channels: features per vertex at the output.
        delta: step size, positive.
        eps: smallest distance that an edge is weighted by, positive.
        activation: "elu" or "relu" (or "none").
        degree_weighted: propagate with the degree-weighted Laplacian.

    Shapes:
        x `[n, in_channels]` (dense or sparse CSR), edge_index `[2, e]` with each undirected edge
        once, edge_weight `[e]` or None; the output is `[n, out_channels]`. A `GraphTensors` in
        place of edge_index finds the neighbourhoods once, and not at each call.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        delta: float = 0.311,
        eps: float = 1e-3,
        activation: str = "elu",
        degree_weighted: bool = False,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels))
        self.bias = nn.Parameter(torch.empty(out_channels))
        self.delta, self.eps = delta, eps
        self.activation = activation
        self.degree_weighted = degree_weighted
        self.reset_parameters()

    def reset_parameters(self) -> None:
        # torch reads a [fan_out, fan_in] matrix; ours is [fan_in, fan_out].
        nn.init.kaiming_normal_(self.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(self.bias)

    def forward(
        self,
        x: VertexValues,
        edge_index: GraphTensors | EdgeIndex,
        edge_weight: EdgeValues | None = None,
    ) -> HiddenValues:
        return self.propagate(self.transform(x), graph_of(edge_index, x.size(0), edge_weight))

    def transform(self, x: VertexValues) -> HiddenValues:
        """`X Theta`, what is propagated."""
        return kernels.feature_product(x, self.weight)

    def propagate(
        self, hidden: HiddenValues, graph: Graphs, rows: int | None = None
    ) -> torch.Tensor:
        """The layer's output `[n, h]`, given `X Theta`; without a gradient, of the first `rows`."""
        step = {"delta": self.delta, "eps": self.eps}
        if self.degree_weighted:
            assert isinstance(graph, GraphTensors)  # no classifier has it
            hidden = kernels.degree_weighted_gtv_propagate(hidden, graph, **step)
            return F.ACTIVATIONS[self.activation](hidden + self.bias)[:rows]
        return kernels.gtv_layer(
            hidden, graph, self.bias, activation=self.activation, rows=rows, **step
        )
