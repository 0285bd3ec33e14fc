"""The network for graph classification (Figure 3b): message passing and pooling in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, cast, runtime_checkable

from torch import Tensor, nn

from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.kernels import AnyGraphs, GraphBatch
from tvgnn_cli.nn import AssignmentHead, GraphConv, GTVConv
from tvgnn_cli.nn.gin_conv import GINConv
from tvgnn_cli.nn.other_pooling import DensePool, ScorePool
from tvgnn_cli.nn.pooling import Pooled, TVGNNPool, mean_readout, sum_readout
from tvgnn_cli.shapes import Scalar


class Classified(NamedTuple):
    """Output for a batch of graphs.

    Args:
        logits: what goes into the softmax over classes, `[graphs, classes]`.
        embedding: a vector for each graph, of which logits are a linear map, `[graphs, h]`.
        pools: what each pooling made, in turn.
    """

    logits: Tensor
    embedding: Tensor
    pools: tuple[Pooled, ...]

    @property
    def pool_loss(self) -> Scalar | None:
        """Sum of the losses of all poolings, weighted; None where none has any."""
        losses = [pool.loss.total for pool in self.pools if pool.loss is not None]
        return sum(losses[1:], losses[0]) if losses else None


@runtime_checkable
class Layer(Protocol):
    """A message-passing layer, in two steps."""

    def transform(self, x: Tensor) -> Tensor: ...

    def propagate(self, hidden: Tensor, graph: Any) -> Tensor: ...


class GraphClassifier(nn.Module):
    """Blocks of message passing with a pooling between each two, a mean readout, a linear map.

    Source: Section 3.3 and Figure 3b.

    Args:
        blocks: layers of each block.
        pools: pooling after each block but the last; none at all for a readout of the last block.
        num_classes: width of the output.
        hidden_channels: width of the last block.
        readout: from the last block's vertices to a vector for each graph.

    Shapes:
        x `[n, f]` of the vertices of all graphs, dense or CSR; the output is `Classified`.
    """

    def __init__(
        self,
        blocks: Sequence[Sequence[nn.Module]],
        pools: Sequence[nn.Module],
        num_classes: int,
        hidden_channels: int,
        readout: Callable[[Tensor, AnyGraphs], Tensor] = mean_readout,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.ModuleList(block) for block in blocks)
        self.pools = nn.ModuleList(pools)
        self._readout = readout
        self.output = nn.Linear(hidden_channels, num_classes)

    def forward(self, x: Tensor, graph: AnyGraphs) -> Classified:
        pooled: list[Pooled] = []
        for i, block in enumerate(self.blocks):
            for layer in block.children():
                x = _propagate(cast("Layer", layer), x, graph)
            if i < len(self.pools):
                pooled.append(self.pools[i](x, graph))
                x, graph = pooled[-1].x, pooled[-1].graph
        embedding = self._readout(x, graph)
        return Classified(self.output(embedding), embedding, tuple(pooled))

    @property
    def pool_sizes(self) -> tuple[int, ...]:
        """Vertices that poolings by assignments leave of each graph; empty without any."""
        heads = (getattr(pool, "head", None) for pool in self.pools)
        return tuple(head.num_clusters for head in heads if head is not None)

    def decayed(self) -> list[nn.Parameter]:
        """The weights of layers and heads, without biases and the output."""
        return [
            parameter
            for name, parameter in self.named_parameters()
            if parameter.dim() > 1 and not name.startswith("output.")
        ]


def _propagate(layer: Layer, x: Tensor, graph: AnyGraphs) -> Tensor:
    return layer.propagate(
        layer.transform(x), graph.edges if isinstance(graph, GraphBatch) else graph
    )


def make_classifier(
    config: ClassifyConfig, in_channels: int, num_classes: int, pool_sizes: tuple[int, ...]
) -> GraphClassifier:
    """Build the network that settings ask for.

    Args:
        config: the settings.
        in_channels: features of a vertex.
        num_classes: classes of graphs.
        pool_sizes: vertices that each pooling by assignments leaves; empty for other methods.
    """
    widths = [in_channels] + [config.hidden] * (3 * config.layers - 1)
    layers = [_layer(config, width) for width in widths]
    blocks = [layers[i * config.layers : (i + 1) * config.layers] for i in range(3)]
    pools = [_pool(config, size) for size in (pool_sizes or ((0, 0) if config.pools else ()))]
    # Source of the sum: Xu et al. (2019), Eq. 4.2.
    readout = sum_readout if config.method == "gin" else mean_readout
    return GraphClassifier(blocks, pools, num_classes, config.hidden, readout)


def _layer(config: ClassifyConfig, width: int) -> nn.Module:
    """A message-passing layer of the method."""
    shape, activation = (width, config.hidden), config.activation
    if config.method in ("tvgnn", "gtv"):
        return GTVConv(*shape, delta=config.delta, eps=config.eps, activation=activation)
    if config.method == "gin":
        return GINConv(*shape, activation=activation)
    return GraphConv(*shape, skip=True, activation=activation)


def _pool(config: ClassifyConfig, size: int) -> nn.Module:
    """A pooling of the method that leaves so many vertices, or half of them."""
    if not config.assigns:
        from torch_geometric.nn import SAGPooling, TopKPooling

        return ScorePool((TopKPooling if config.method == "topk" else SAGPooling)(config.hidden))
    hidden = (config.mlp_hidden,) * config.mlp_layers
    head = AssignmentHead(config.hidden, size, hidden, config.mlp_activation)
    coefficients = config.totvar_coeff, config.balance_coeff
    if config.method == "tvgnn":
        return TVGNNPool(head, *coefficients)
    return DensePool(head, config.method, *coefficients)
