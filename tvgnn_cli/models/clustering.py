"""TVGNN for vertex clustering (Figure 3a)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tvgnn_cli import kernels
from tvgnn_cli.nn import AssignmentHead, GTVConv
from tvgnn_cli.shapes import Assignment, EdgeIndex, EdgeValues, HiddenValues, VertexValues


class TVGNN(nn.Module):
    """A stack of `GTVConv` layers and an assignment head: X -> X^(L) -> S.

    Source: Section 3.3; widths in the vertex clustering column of Table 5.

    Args:
        in_channels: features per vertex.
        num_clusters: K.
        hidden_channels: width of the message-passing layers.
        num_layers: their number, L.
        mlp_channels: width of the head's hidden layer.
        delta: step size of each layer (Table 5's 2*delta).
        eps: smallest distance that an edge is weighted by.
        degree_weighted: use the degree-weighted propagation of Appendix A.4.

    Shapes:
        x `[n, in_channels]`, edge_index `[2, e]`, edge_weight `[e]` or None; the output is the
        assignment S, `[n, num_clusters]`.
    """

    def __init__(
        self,
        in_channels: int,
        num_clusters: int,
        *,
        hidden_channels: int = 512,
        num_layers: int = 2,
        mlp_channels: int = 256,
        delta: float = 0.311,
        eps: float = 1e-3,
        degree_weighted: bool = False,
    ) -> None:
        super().__init__()
        self.num_clusters = num_clusters
        widths = [in_channels] + [hidden_channels] * num_layers
        self.layers = nn.ModuleList(
            GTVConv(
                width_in, hidden_channels, delta=delta, eps=eps, degree_weighted=degree_weighted
            )
            for width_in in widths[:-1]
        )
        self.head = AssignmentHead(widths[-1], num_clusters, (mlp_channels,))

    @torch.no_grad()
    def reorder_clusters(self, order: Tensor) -> None:
        """Make old cluster `order[i]` the new cluster i, `[num_clusters]`."""
        last = list(self.head.mlp.children())[-1]
        for parameter in last.parameters():
            parameter.copy_(parameter[order].clone())

    def embed(
        self, x: VertexValues, edge_index: EdgeIndex, edge_weight: EdgeValues | None = None
    ) -> HiddenValues:
        """The vertex representations X^(L), `[n, hidden_channels]`."""
        for layer in self.gtv_layers():
            hidden = layer.transform(x)
            del x  # without a gradient, two arrays of hidden values are there at a time, not three
            x = layer.propagate(hidden, edge_index, edge_weight)
            del hidden
        return x

    def gtv_layers(self) -> list[GTVConv]:
        """The message-passing layers, from the input on."""
        return [layer for layer in self.layers if isinstance(layer, GTVConv)]

    def logits(
        self, x: VertexValues, edge_index: EdgeIndex, edge_weight: EdgeValues | None = None
    ) -> Assignment:
        """What goes into the softmax of Eq. 18, `[n, num_clusters]`."""
        return self.head.logits(self.embed(x, edge_index, edge_weight))

    def forward(
        self, x: VertexValues, edge_index: EdgeIndex, edge_weight: EdgeValues | None = None
    ) -> Assignment:
        return kernels.softmax(self.logits(x, edge_index, edge_weight))
