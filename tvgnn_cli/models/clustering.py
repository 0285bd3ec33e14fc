"""Networks for vertex clustering (Figure 3a): TVGNN, and the same with other layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from tvgnn_cli import kernels
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.kernels import GraphTensors, graph_of
from tvgnn_cli.methods import METHODS
from tvgnn_cli.nn import AssignmentHead, GraphConv, GTVConv
from tvgnn_cli.shapes import Assignment, EdgeIndex, EdgeValues, HiddenValues, VertexValues

Through = Callable[[Callable[[Tensor], Tensor]], Tensor]
"""Application of a function of rows to rows that are not all there at once."""


class ClusteringNetwork(nn.Module):
    """A stack of message-passing layers and an assignment head: X -> X^(L) -> S.

    Source: Section 3.3.

    Args:
        layers: `GTVConv` or `GraphConv`, from the input on.
        head: what makes the assignment of their output.

    Shapes:
        x `[n, f]`, edge_index `[2, e]`, edge_weight `[e]` or None; the output is the assignment S,
        `[n, num_clusters]`. A `GraphTensors` in place of edge_index is of use for many calls.
    """

    def __init__(self, layers: Sequence[GTVConv | GraphConv], head: AssignmentHead) -> None:
        super().__init__()
        self.num_clusters = head.num_clusters
        self.layers = nn.ModuleList(layers)
        self.head = head

    @torch.no_grad()
    def reorder_clusters(self, order: Tensor) -> None:
        """Make old cluster `order[i]` the new cluster i, `[num_clusters]`."""
        last = list(self.head.mlp.children())[-1]
        for parameter in last.parameters():
            parameter.copy_(parameter[order].clone())

    def embed(
        self,
        x: VertexValues,
        edge_index: GraphTensors | EdgeIndex,
        edge_weight: EdgeValues | None = None,
    ) -> HiddenValues:
        """The vertex representations X^(L), `[n, hidden_channels]`."""
        graph = graph_of(edge_index, x.size(0), edge_weight)
        return self.embed_through(lambda of_rows: of_rows(x), graph)

    def embed_through(self, through: Through, graph: GraphTensors) -> HiddenValues:
        """The same, of features that nobody needs to hold at once.

        Args:
            through: applies a function of rows to the features of all vertices, `[n, f]`.
            graph: the edges.
        """
        layers = self.message_passing()
        if not layers:
            return through(_dense)
        x = layers[0].propagate(through(layers[0].transform), graph)
        for layer in layers[1:]:
            hidden = layer.transform(x)
            del x  # without a gradient, two arrays of hidden values are there at a time, not three
            x = layer.propagate(hidden, graph)
            del hidden
        return x

    def message_passing(self) -> list[GTVConv | GraphConv]:
        """The message-passing layers, from the input on."""
        return [layer for layer in self.layers if isinstance(layer, GTVConv | GraphConv)]

    def gtv_layers(self) -> list[GTVConv]:
        """Those of them that are `GTVConv`."""
        return [layer for layer in self.layers if isinstance(layer, GTVConv)]

    def logits(
        self,
        x: VertexValues,
        edge_index: GraphTensors | EdgeIndex,
        edge_weight: EdgeValues | None = None,
    ) -> Assignment:
        """Compute what goes into the softmax of Eq. 18, `[n, num_clusters]`."""
        return self.head.logits(self.embed(x, edge_index, edge_weight))

    def forward(
        self,
        x: VertexValues,
        edge_index: GraphTensors | EdgeIndex,
        edge_weight: EdgeValues | None = None,
    ) -> Assignment:
        return kernels.softmax(self.logits(x, edge_index, edge_weight))

    def forward_through(self, through: Through, graph: GraphTensors) -> Assignment:
        """The assignment S, `[n, num_clusters]`, of features that nobody needs to hold at once;
        arguments as of `embed_through`.
        """
        if not self.message_passing():  # of each vertex by itself
            return kernels.softmax(through(lambda rows: self.head.logits(_dense(rows))))
        return kernels.softmax(self.head.logits(self.embed_through(through, graph)))


def _dense(x: Tensor) -> Tensor:
    return x if x.layout == torch.strided else x.to_dense()


class TVGNN(ClusteringNetwork):
    """The network of `GTVConv` layers.

    Source: Section 3.3; widths in the vertex clustering column of Table 5.

    Args:
        in_channels: features per vertex.
        num_clusters: K.
        hidden_channels: width of the message-passing layers.
        num_layers: their number, L.
        mlp_channels: width of the head's hidden layer; 0 for none.
        delta: step size of each layer (Table 5's 2*delta).
        eps: smallest distance that an edge is weighted by.
        degree_weighted: use the degree-weighted propagation of Appendix A.4.

    Shapes:
        as of `ClusteringNetwork`, f being `in_channels`.
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
        widths = [in_channels] + [hidden_channels] * num_layers
        layers = [
            GTVConv(
                width_in, hidden_channels, delta=delta, eps=eps, degree_weighted=degree_weighted
            )
            for width_in in widths[:-1]
        ]
        super().__init__(layers, assignment_head(widths[-1], num_clusters, mlp_channels))


def averaging_network(
    in_channels: int,
    num_clusters: int,
    *,
    skip: bool = False,
    hidden_channels: int = 512,
    num_layers: int = 2,
    mlp_channels: int = 256,
) -> ClusteringNetwork:
    """The same network of `GraphConv` layers; arguments as of `TVGNN`."""
    widths = [in_channels] + [hidden_channels] * num_layers
    layers = [GraphConv(width_in, hidden_channels, skip=skip) for width_in in widths[:-1]]
    return ClusteringNetwork(layers, assignment_head(widths[-1], num_clusters, mlp_channels))


LAYERS: dict[str, Callable[..., ClusteringNetwork]] = {
    "gtv": TVGNN,
    "gcn": averaging_network,
    "skip": partial(averaging_network, skip=True),
}
"""Networks by the name that a method has their layers under."""


def assignment_head(in_channels: int, num_clusters: int, mlp_channels: int) -> AssignmentHead:
    """A head with one hidden layer, or none where its width is 0."""
    return AssignmentHead(in_channels, num_clusters, (mlp_channels,) if mlp_channels else ())


def build_model(config: ClusterConfig, in_channels: int) -> ClusteringNetwork:
    """The network that a configuration asks for; its number of clusters must be settled."""
    if config.num_clusters is None:
        raise ValueError("the number of clusters is not settled")
    layer = METHODS[config.method].layer
    step = {
        "delta": config.delta,
        "eps": config.eps,
        "degree_weighted": bool(config.degree_weighted),
    }
    lacks = METHODS[config.method].lacks
    of_layer = {name: value for name, value in step.items() if name not in lacks}
    return LAYERS[layer](
        in_channels,
        config.num_clusters,
        hidden_channels=config.hidden,
        num_layers=config.layers,
        mlp_channels=config.mlp_hidden,
        **of_layer,
    )
