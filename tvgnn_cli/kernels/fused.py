"""One pass over each vertex's neighbours instead of arrays of edges by features.

Each operation equals the form of `functional` that it names, in value and gradient.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli import functional as F
from tvgnn_cli.kernels import arrays, blocked, coarse, complete
from tvgnn_cli.kernels.checks import check_activation, check_matrix, check_vector
from tvgnn_cli.kernels.coarse_graphs import CoarseGraphs
from tvgnn_cli.kernels.graph_tensors import GraphTensors
from tvgnn_cli.kernels.library import activation_number, call, constant
from tvgnn_cli.kernels.neighbourhoods import Neighbourhoods
from tvgnn_cli.kernels.operations import operation
from tvgnn_cli.shapes import Assignment, Scalar, VertexValues

Graphs = GraphTensors | CoarseGraphs
"""Graphs that layers work on, given by their edges, or by their adjacency matrices."""


@operation
def gtv_layer(
    x: VertexValues,
    graph: Graphs,
    bias: Tensor | None,
    *,
    delta: float,
    eps: float,
    activation: str,
    rows: int | None = None,
) -> Tensor:
    """`activation(F.gtv_propagate(x, ...) + bias)`; bias `[f]` or None.

    With `rows`, which is without a gradient, of the first so many vertices only.
    """
    if isinstance(graph, CoarseGraphs):
        out = coarse.gtv_propagate(x, graph, delta, eps)[:rows]
    else:
        edges = graph.edge_index, graph.edge_weight
        out = blocked.gtv_propagate(x, *edges, delta=delta, eps=eps)[:rows]
    return F.ACTIVATIONS[activation](out if bias is None else out + bias)


def _check_values(x: Tensor, graph: Graphs) -> None:
    """Refuse values that are not those of a graph's vertices.

    Raises:
        TypeError: no tensor, or no graph.
        ValueError: other numbers of rows.
    """
    if not isinstance(graph, Graphs):
        raise TypeError(f"`graph` is a {type(graph).__name__}, not a graph")
    check_matrix("x", x)
    graph.check_rows(x.size(0))


@gtv_layer.refusing
def _check_layer(
    x: Tensor, graph: Graphs, bias: Tensor | None, *, activation: str, rows: int | None = None,
    **_: float,
) -> None:  # fmt: skip
    _check_values(x, graph)
    if bias is not None:
        check_vector("bias", bias, x.size(1))
    check_activation(activation)
    if rows is not None and not 0 <= rows <= x.size(0):
        raise ValueError(f"`rows` is {rows}, and there are {x.size(0)}")


@gtv_layer.on("cpu")
def _gtv_layer(
    x: VertexValues,
    graph: Graphs,
    bias: Tensor | None,
    *,
    delta: float,
    eps: float,
    activation: str,
    rows: int | None = None,
) -> Tensor:
    if rows is not None and torch.is_grad_enabled():
        raise ValueError("the first rows alone have no gradient")
    if isinstance(graph, CoarseGraphs) and complete.takes(x):
        given = {"delta": delta, "eps": eps, "activation": activation}
        return complete.layer(x, graph, bias, **given)[:rows]
    near, weight = graph.neighbourhoods, graph.weight_of_neighbours()
    near = near if rows is None else near.of_first(rows)
    settings = near, weight, delta, eps, activation, None
    out: Tensor = _Layer.apply(x, graph.edge_weight, bias, *settings)  # type: ignore[no-untyped-call]
    return out


def gtv_propagate(
    x: VertexValues, graph: Graphs, *, delta: float, eps: float = 1e-3
) -> VertexValues:
    """`F.gtv_propagate`."""
    return gtv_layer(x, graph, None, delta=delta, eps=eps, activation="none")


@operation
def degree_weighted_gtv_propagate(
    x: VertexValues, graph: GraphTensors, *, delta: float, eps: float = 1e-3
) -> VertexValues:
    """`F.degree_weighted_gtv_propagate`."""
    edges = graph.edge_index, graph.edge_weight
    return F.degree_weighted_gtv_propagate(x, *edges, delta=delta, eps=eps)


@degree_weighted_gtv_propagate.refusing
def _check_degree_weighted(x: Tensor, graph: GraphTensors, **_: float) -> None:
    _check_values(x, graph)
    if not isinstance(graph, GraphTensors):
        raise TypeError("`graph` is given by matrices, and a list of edges is needed")


@degree_weighted_gtv_propagate.on("cpu")
def _degree_weighted_gtv_propagate(
    x: VertexValues, graph: GraphTensors, *, delta: float, eps: float = 1e-3
) -> VertexValues:
    edge_weight = graph.edge_weight
    if edge_weight is not None and edge_weight.requires_grad:
        return degree_weighted_gtv_propagate.plain(x, graph, delta=delta, eps=eps)
    return between_root_degrees(x, graph, _Layer, delta=delta, eps=eps)


def between_root_degrees(
    x: Tensor,
    graph: GraphTensors,
    layer: type[torch.autograd.Function],
    *,
    delta: float,
    eps: float,
) -> Tensor:
    """`F.degree_weighted_gtv_propagate` by the kernel of a plain step, weights without gradient."""
    near, weight = graph.neighbourhoods, graph.weight_of_neighbours()
    edge_weight = graph.edge_weight
    scale = F.inverse_root_degree(graph.edge_index, edge_weight, x)
    scaled = x * scale
    root = None if edge_weight is None else near.spread(edge_weight.sqrt())
    settings = near, weight, delta, eps, "none", root
    stepped: Tensor = layer.apply(scaled, edge_weight, None, *settings)  # type: ignore[no-untyped-call]
    return x - scale * (scaled - stepped)


@operation
def total_variation(x: VertexValues, graph: Graphs) -> Scalar:
    """`F.total_variation`."""
    if isinstance(graph, CoarseGraphs):
        return coarse.total_variation(x, graph)
    return F.total_variation(x, graph.edge_index, graph.edge_weight)


total_variation.refusing(_check_values)


@total_variation.on("cpu")
def _total_variation(x: VertexValues, graph: Graphs) -> Scalar:
    if isinstance(graph, CoarseGraphs):
        return complete.total_variation(x, graph)
    given = graph.edge_weight, graph.neighbourhoods, graph.weight_of_neighbours()
    value: Scalar = _TotalVariation.apply(x, *given)  # type: ignore[no-untyped-call]
    return value


def totvar_loss(assignment: Assignment, graph: GraphTensors) -> Scalar:
    """`F.totvar_loss`."""
    return total_variation(assignment, graph) / (2 * max(graph.num_edges, 1))


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0913 parameters of an interface
        ctx: Any,
        x: Tensor,
        edge_weight: Tensor | None,  # noqa: ARG004 for its gradient
        bias: Tensor | None,
        near: Neighbourhoods,
        weight: Tensor | None,
        delta: float,
        eps: float,
        activation: str,
        gap_scale: Tensor | None,
    ) -> Tensor:
        x = x.contiguous()
        out = arrays.empty(len(near.start) - 1, x.size(1), like=x)
        n, width = out.shape
        ctx.given = {
            "n": n, "width": width, "ends": near.neighbour.numel(), "start": near.start,
            "neighbour": near.neighbour, "weight": weight, "scale": gap_scale,
            "delta": float(delta), "eps": float(eps),
        }  # fmt: skip
        ctx.near, ctx.activation = near, activation
        call(
            "gtv_forward", x.dtype, **ctx.given, vertices=near.num_vertices, x=x,
            bias=None if bias is None else bias.contiguous(),
            activation=activation_number(activation), out=out,
        )  # fmt: skip
        ctx.save_for_backward(x, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, out = ctx.saved_tensors
        before, to_bias = arrays.laid_out(gradients[0]), None
        if ctx.activation != "none" or ctx.needs_input_grad[2]:
            before, to_bias = complete.before_activation(out, before, ctx.activation)
        total = arrays.empty(*x.shape, like=x)
        to_ends = x.new_empty(ctx.near.neighbour.numel()) if ctx.needs_input_grad[1] else None
        call("gtv_backward", x.dtype, **ctx.given, x=x, g=before, total=total, to_weight=to_ends)
        # Either end computes the gradient of the one weight that an edge has.
        to_weight = None if to_ends is None else ctx.near.gather(to_ends) / 2
        to_bias = to_bias if ctx.needs_input_grad[2] else None
        return total, to_weight, to_bias, None, None, None, None, None, None


class _TotalVariation(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        edge_weight: Tensor | None,  # noqa: ARG004 for its gradient
        near: Neighbourhoods,
        weight: Tensor | None,
    ) -> Tensor:
        clusters, columns = x.size(1), constant("line_bytes") // x.element_size()
        # The pass takes rows of whole lines; columns of zeros vary nowhere.
        padded = torch.nn.functional.pad(x, (0, -clusters % columns)).contiguous()
        n, width = padded.shape
        values = torch.zeros(torch.get_num_threads(), dtype=torch.float64)
        gradient = arrays.empty(n, width, like=padded)
        gaps = x.new_empty(near.neighbour.numel()) if ctx.needs_input_grad[1] else None
        call(
            "totvar", x.dtype, n=n, width=width, ends=near.neighbour.numel(), start=near.start,
            neighbour=near.neighbour, weight=weight, s=padded, values=values, grad=gradient,
            gaps=gaps,
        )  # fmt: skip
        ctx.near = near
        ctx.save_for_backward(gradient[:, :clusters], gaps)
        # Each edge was counted from either end.
        return (values.sum() / 2).to(x.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (upstream,), (gradient, gaps) = gradients, ctx.saved_tensors
        to_weight = None if gaps is None else ctx.near.gather(gaps) * (upstream / 2)
        return upstream * gradient, to_weight, None, None
