"""One pass over each vertex's neighbours instead of arrays of edges by features.

Every function equals the plain form that it names in value and gradient. It runs the compiled
passes on the CPU where they were built, and `blocked` or plain torch elsewhere.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli import functional as F
from tvgnn_cli.kernels import arrays, blocked
from tvgnn_cli.kernels.graph_tensors import GraphTensors
from tvgnn_cli.kernels.library import (
    ELU,
    NONE,
    RELU,
    activation_backward,
    call,
    usable,
)
from tvgnn_cli.kernels.neighbourhoods import Neighbourhoods
from tvgnn_cli.shapes import Assignment, Scalar, VertexValues

LINE = 64
"""Bytes of a cache line, as fused.c has it."""

ACTIVATIONS = {"none": NONE, "elu": ELU, "relu": RELU}


def gtv_layer(
    x: VertexValues,
    graph: GraphTensors,
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
    edges = graph.edge_index, graph.edge_weight
    if not usable(x, graph.edge_weight, bias):
        plain = blocked.gtv_propagate(x, *edges, delta=delta, eps=eps)[:rows]
        return F.ACTIVATIONS[activation](plain if bias is None else plain + bias)
    if rows is not None and torch.is_grad_enabled():
        raise ValueError("the first rows alone have no gradient")
    near, weight = graph.neighbourhoods, graph.weight_of_neighbours()
    near = near if rows is None else near.of_first(rows)
    settings = near, weight, delta, eps, ACTIVATIONS[activation], None
    out: Tensor = _Layer.apply(x, graph.edge_weight, bias, *settings)  # type: ignore[no-untyped-call]
    return out


def gtv_propagate(
    x: VertexValues, graph: GraphTensors, *, delta: float, eps: float = 1e-3
) -> VertexValues:
    """`F.gtv_propagate`."""
    return gtv_layer(x, graph, None, delta=delta, eps=eps, activation="none")


def degree_weighted_gtv_propagate(
    x: VertexValues, graph: GraphTensors, *, delta: float, eps: float = 1e-3
) -> VertexValues:
    """`F.degree_weighted_gtv_propagate`; plain where the weights need a gradient."""
    edge_index, edge_weight = graph.edge_index, graph.edge_weight
    trained = edge_weight is not None and edge_weight.requires_grad
    if trained or not usable(x, edge_weight):
        return F.degree_weighted_gtv_propagate(x, edge_index, edge_weight, delta=delta, eps=eps)
    near = graph.neighbourhoods
    scale = F.inverse_root_degree(edge_index, edge_weight, x)
    scaled = x * scale
    root = None if edge_weight is None else near.spread(edge_weight.sqrt())
    weight = graph.weight_of_neighbours()
    settings = near, weight, delta, eps, ACTIVATIONS["none"], root
    stepped: VertexValues = _Layer.apply(scaled, edge_weight, None, *settings)  # type: ignore[no-untyped-call]
    return x - scale * (scaled - stepped)


def total_variation(x: VertexValues, graph: GraphTensors) -> Scalar:
    """`F.total_variation`; plain where the weights need a gradient."""
    edge_index, edge_weight = graph.edge_index, graph.edge_weight
    trained = edge_weight is not None and edge_weight.requires_grad
    if trained or not usable(x, edge_weight):
        return F.total_variation(x, edge_index, edge_weight)
    given = graph.neighbourhoods, graph.weight_of_neighbours()
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
        activation: int,
        gap_scale: Tensor | None,
    ) -> Tensor:
        x = x.contiguous()
        out = arrays.empty(len(near.start) - 1, x.size(1), like=x)
        ctx.graph = *out.shape, near.start, near.neighbour, weight, gap_scale
        ctx.near, ctx.delta, ctx.eps, ctx.activation = near, float(delta), float(eps), activation
        call("gtv_forward", x.dtype, *ctx.graph, x, bias, ctx.delta, ctx.eps, activation, out)
        ctx.save_for_backward(x, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, out = ctx.saved_tensors
        before, to_bias = gradients[0].contiguous(), None
        if ctx.activation != NONE or ctx.needs_input_grad[2]:
            before, to_bias = activation_backward(out, before, ctx.activation)
        total = arrays.empty(*x.shape, like=x)
        to_ends = x.new_empty(len(ctx.near.neighbour)) if ctx.needs_input_grad[1] else None
        settings = ctx.delta, ctx.eps, total, to_ends
        call("gtv_backward", x.dtype, *ctx.graph, x, before, *settings)
        # Either end computes the gradient of the one weight that an edge has.
        to_weight = None if to_ends is None else ctx.near.gather(to_ends) / 2
        to_bias = to_bias if ctx.needs_input_grad[2] else None
        return total, to_weight, to_bias, None, None, None, None, None, None


class _TotalVariation(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, near: Neighbourhoods, weight: Tensor | None) -> Tensor:
        width, columns = x.size(1), LINE // x.element_size()
        padded = torch.nn.functional.pad(x, (0, -width % columns)).contiguous()
        values = torch.zeros(torch.get_num_threads(), dtype=torch.float64)
        gradient = arrays.empty(*padded.shape, like=padded)
        graph = near.start, near.neighbour, weight
        call("totvar", x.dtype, *padded.shape, *graph, padded, values, gradient)
        ctx.save_for_backward(gradient[:, :width])
        return (values.sum() / 2).to(x.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        return gradients[0] * ctx.saved_tensors[0], None, None
