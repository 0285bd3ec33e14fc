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
from tvgnn_cli.kernels.library import (
    ELU,
    NONE,
    RELU,
    activation_backward,
    call,
    usable,
)
from tvgnn_cli.kernels.neighbourhoods import Neighbourhoods, neighbourhoods
from tvgnn_cli.shapes import EdgeIndex, EdgeValues, Scalar, VertexValues

LINE = 64
"""Bytes of a cache line, as fused.c has it."""

ACTIVATIONS = {"none": NONE, "elu": ELU, "relu": RELU}


def gtv_layer(
    x: VertexValues,
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None,
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
    if not usable(x, edge_weight, bias):
        plain = blocked.gtv_propagate(x, edge_index, edge_weight, delta=delta, eps=eps)[:rows]
        return F.ACTIVATIONS[activation](plain if bias is None else plain + bias)
    near = neighbourhoods(edge_index, x.size(0))
    if rows is not None:
        if torch.is_grad_enabled():
            raise ValueError("the first rows alone have no gradient")
        near = near.of_first(rows)
    settings = near, delta, eps, ACTIVATIONS[activation], None
    out: Tensor = _Layer.apply(x, edge_weight, bias, *settings)  # type: ignore[no-untyped-call]
    return out


def gtv_propagate(
    x: VertexValues,
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None = None,
    *,
    delta: float,
    eps: float = 1e-3,
) -> VertexValues:
    """`F.gtv_propagate`."""
    return gtv_layer(x, edge_index, edge_weight, None, delta=delta, eps=eps, activation="none")


def degree_weighted_gtv_propagate(
    x: VertexValues,
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None = None,
    *,
    delta: float,
    eps: float = 1e-3,
) -> VertexValues:
    """`F.degree_weighted_gtv_propagate`; plain where the weights need a gradient."""
    trained = edge_weight is not None and edge_weight.requires_grad
    if trained or not usable(x, edge_weight):
        return F.degree_weighted_gtv_propagate(x, edge_index, edge_weight, delta=delta, eps=eps)
    near = neighbourhoods(edge_index, x.size(0))
    scale = F.inverse_root_degree(edge_index, edge_weight, x)
    scaled = x * scale
    settings = (
        near,
        delta,
        eps,
        ACTIVATIONS["none"],
        None if edge_weight is None else edge_weight.sqrt(),
    )
    stepped: VertexValues = _Layer.apply(scaled, edge_weight, None, *settings)  # type: ignore[no-untyped-call]
    return x - scale * (scaled - stepped)


def total_variation(
    x: VertexValues, edge_index: EdgeIndex, edge_weight: EdgeValues | None = None
) -> Scalar:
    """`F.total_variation`; plain where the weights need a gradient."""
    trained = edge_weight is not None and edge_weight.requires_grad
    if trained or not usable(x, edge_weight):
        return F.total_variation(x, edge_index, edge_weight)
    near = neighbourhoods(edge_index, x.size(0))
    weight = None if edge_weight is None else near.spread(edge_weight)
    value: Scalar = _TotalVariation.apply(x, near, weight)  # type: ignore[no-untyped-call]
    return value


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0913 parameters of an interface
        ctx: Any,
        x: Tensor,
        edge_weight: Tensor | None,
        bias: Tensor | None,
        near: Neighbourhoods,
        delta: float,
        eps: float,
        activation: int,
        gap_scale: Tensor | None,
    ) -> Tensor:
        x = x.contiguous()
        out = arrays.empty(len(near.start) - 1, x.size(1), like=x)
        ctx.weight = None if edge_weight is None else near.spread(edge_weight)
        ctx.gap_scale = None if gap_scale is None else near.spread(gap_scale)
        ctx.graph = *out.shape, near.start, near.neighbour, ctx.weight, ctx.gap_scale
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
        return total, to_weight, to_bias, None, None, None, None, None


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
