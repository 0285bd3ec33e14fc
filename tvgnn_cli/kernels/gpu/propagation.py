"""A GTV step forwards and backwards: `_forward` is Eq. 28 with bias and activation, and
`_backward` its gradient.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli.kernels.gpu.activation import before_activation
from tvgnn_cli.kernels.gpu.launch import NUMBERS, contiguous, cut_of, given, tile_of
from tvgnn_cli.kernels.gpu.sums import add_slots, sum_of_slots
from tvgnn_cli.kernels.neighbourhoods import Neighbourhoods


@triton.jit
def _activated(value, ACTIVATION: tl.constexpr):
    # Written so that NaN stays NaN.
    if ACTIVATION == "relu":
        value = tl.where(value <= 0, 0.0, value)
    if ACTIVATION == "elu":
        value = tl.where(value > 0, value, tl.exp(tl.where(value > 0, 0.0, value)) - 1)
    return value


@triton.jit
def _forward(
    start, row, slot, neighbour, weight, scale, x, bias, out, partial, width,
    DELTA: tl.constexpr, EPS: tl.constexpr, CUT: tl.constexpr, WEIGHTED: tl.constexpr,
    SCALED: tl.constexpr, BIASED: tl.constexpr, ACTIVATION: tl.constexpr,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    piece = tl.program_id(0)
    vertex, place = piece.to(tl.int64), -1
    if CUT:
        vertex, place = tl.load(row + piece), tl.load(slot + piece)
    column = tl.arange(0, COLUMNS)
    inside = column < width
    own = tl.load(x + vertex * width + column, mask=inside, other=0.0)
    total = tl.zeros([ROWS, COLUMNS], dtype=own.dtype)
    end = tl.load(start + piece + 1)
    for first in range(tl.load(start + piece), end, ROWS):
        at = first + tl.arange(0, ROWS)
        there = at < end
        other = tl.load(neighbour + at, mask=there, other=0).to(tl.int64)
        both = there[:, None] & inside[None, :]
        theirs = tl.load(x + other[:, None] * width + column[None, :], mask=both, other=0.0)
        difference = tl.where(both, own[None, :] - theirs, 0.0)
        gap = tl.sum(tl.abs(difference), 1)
        if SCALED:
            gap *= tl.load(scale + at, mask=there, other=0.0)
        gamma = 1 / tl.where(gap < EPS, EPS, gap)
        if WEIGHTED:
            gamma *= tl.load(weight + at, mask=there, other=0.0)
        total += gamma[:, None] * difference
    pulled = tl.sum(total, 0)
    if place < 0:
        value = own - DELTA * pulled
        if BIASED:
            value += tl.load(bias + column, mask=inside, other=0.0)
        value = _activated(value, ACTIVATION)
        tl.store(out + vertex * width + column, value, mask=inside)
    else:
        tl.store(partial + place * width + column, pulled, mask=inside)


@triton.jit
def _forward_of_long(
    long, long_start, x, bias, out, partial, width, DELTA: tl.constexpr, BIASED: tl.constexpr,
    ACTIVATION: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    which = tl.program_id(0)
    vertex = tl.load(long + which)
    column = tl.arange(0, COLUMNS)
    inside = column < width
    pulled = sum_of_slots(long_start, partial, which, column, inside, width, ROWS, COLUMNS)
    value = tl.load(x + vertex * width + column, mask=inside, other=0.0) - DELTA * pulled
    if BIASED:
        value += tl.load(bias + column, mask=inside, other=0.0)
    value = _activated(value, ACTIVATION)
    tl.store(out + vertex * width + column, value, mask=inside)


@triton.jit
def _backward(
    start, row, slot, neighbour, weight, scale, x, gradient, to_x, to_weight, partial, width,
    DELTA: tl.constexpr, EPS: tl.constexpr, CUT: tl.constexpr, WEIGHTED: tl.constexpr,
    SCALED: tl.constexpr, OF_WEIGHT: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    piece = tl.program_id(0)
    vertex, place = piece.to(tl.int64), -1
    if CUT:
        vertex, place = tl.load(row + piece), tl.load(slot + piece)
    column = tl.arange(0, COLUMNS)
    inside = column < width
    own = tl.load(x + vertex * width + column, mask=inside, other=0.0)
    flow_of_own = tl.load(gradient + vertex * width + column, mask=inside, other=0.0)
    total = tl.zeros([ROWS, COLUMNS], dtype=own.dtype)
    end = tl.load(start + piece + 1)
    for first in range(tl.load(start + piece), end, ROWS):
        at = first + tl.arange(0, ROWS)
        there = at < end
        other = tl.load(neighbour + at, mask=there, other=0).to(tl.int64)
        both = there[:, None] & inside[None, :]
        place_of = other[:, None] * width + column[None, :]
        difference = own[None, :] - tl.load(x + place_of, mask=both, other=0.0)
        difference = tl.where(both, difference, 0.0)
        flow = flow_of_own[None, :] - tl.load(gradient + place_of, mask=both, other=0.0)
        flow = tl.where(both, flow, 0.0)
        gap = tl.sum(tl.abs(difference), 1)
        dot = DELTA * tl.sum(flow * difference, 1)
        spread = tl.full([ROWS], 1.0, dtype=own.dtype)
        if SCALED:
            spread = tl.load(scale + at, mask=there, other=0.0)
            gap *= spread
        held = tl.where(gap < EPS, EPS, gap)
        gamma = 1 / held
        if OF_WEIGHT:
            tl.store(to_weight + at, -dot * gamma, mask=there)
        if WEIGHTED:
            gamma *= tl.load(weight + at, mask=there, other=0.0)
        # Through the gap, where it is not held at eps.
        through = tl.where(gap >= EPS, dot * gamma * spread / held, 0.0)
        sign = tl.where(difference > 0, 1.0, tl.where(difference < 0, -1.0, 0.0))
        total += through[:, None] * sign - (DELTA * gamma)[:, None] * flow
    passed = tl.sum(total, 0)
    if place < 0:
        tl.store(to_x + vertex * width + column, flow_of_own + passed, mask=inside)
    else:
        tl.store(partial + place * width + column, passed, mask=inside)


class Layer(torch.autograd.Function):
    """`activation(F.gtv_propagate(x, ...) + bias)`, with gradients for all of them."""

    @staticmethod
    def forward(
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
        """Make one step for the vertices that `near` has, `[rows, f]`.

        Args:
            ctx: what the gradient needs.
            x: values, `[n, f]`.
            edge_weight: `[e]`, or None for 1; only for its gradient.
            bias: `[f]` or None.
            near: neighbours of the first vertices or of all.
            weight: of neighbours, `[2 e]`, or None for 1.
            delta: the size of the step.
            eps: the smallest gap that counts.
            activation: "elu", "relu" or "none".
            gap_scale: factors of the gaps of neighbours, `[2 e]`, or None for 1.
        """
        x, pieces = contiguous(x), near.pieces
        width, tile = x.size(1), tile_of(x.size(1))
        out = x.new_empty(len(near.start) - 1, width)
        bias_given = given(bias, x).contiguous()
        ctx.of_bias = {"BIASED": bias is not None, "ACTIVATION": activation, "DELTA": delta}
        cut = cut_of(pieces, width, x)
        ctx.near, ctx.settings = near, (delta, eps)
        ctx.weight, ctx.scale = weight, gap_scale
        ctx.activation = activation
        shape = {"ROWS": tile.rows, "COLUMNS": tile.columns, "num_warps": tile.warps}
        if pieces.count:
            _forward[(pieces.count,)](
                pieces.start, cut.row, cut.slot, near.neighbour, given(weight, x),
                given(gap_scale, x), x, bias_given, out, cut.partial, width, EPS=eps,
                CUT=cut.is_cut, WEIGHTED=weight is not None, SCALED=gap_scale is not None,
                **ctx.of_bias, **shape,
            )  # fmt: skip
        if cut.is_cut:
            _forward_of_long[(len(pieces.long),)](
                pieces.long, pieces.long_start, x, bias_given, out, cut.partial, width,
                **ctx.of_bias, **shape,
            )  # fmt: skip
        ctx.save_for_backward(x, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, out = ctx.saved_tensors
        before, to_bias = contiguous(gradients[0]), None
        if ctx.activation != "none" or ctx.needs_input_grad[2]:
            before, to_bias = before_activation(out, before, ctx.activation)
        to_ends = x.new_empty(ctx.near.neighbour.numel()) if ctx.needs_input_grad[1] else None
        delta, eps = ctx.settings
        to_x = backward_step(x, before, ctx.near, ctx.weight, ctx.scale, delta, eps, to_ends)
        # Either end computes the gradient of the one weight that an edge has.
        to_weight = None if to_ends is None else ctx.near.gather(to_ends) / 2
        to_bias = to_bias if ctx.needs_input_grad[2] else None
        return to_x, to_weight, to_bias, None, None, None, None, None, None


def backward_step(
    x: Tensor,
    gradient: Tensor,
    near: Neighbourhoods,
    weight: Tensor | None,
    scale: Tensor | None,
    delta: float,
    eps: float,
    to_ends: Tensor | None,
) -> Tensor:
    """The gradient of `x`, given that of the step; that of weights goes into `to_ends`."""
    pieces, width = near.pieces, x.size(1)
    tile = tile_of(width, NUMBERS // 2)
    cut, to_x = cut_of(pieces, width, x), torch.empty_like(x)
    shape = {"ROWS": tile.rows, "COLUMNS": tile.columns, "num_warps": tile.warps}
    if pieces.count:
        _backward[(pieces.count,)](
            pieces.start, cut.row, cut.slot, near.neighbour, given(weight, x), given(scale, x), x,
            gradient, to_x, given(to_ends, x), cut.partial, width, DELTA=delta, EPS=eps,
            CUT=cut.is_cut, WEIGHTED=weight is not None, SCALED=scale is not None,
            OF_WEIGHT=to_ends is not None, **shape,
        )  # fmt: skip
    if cut.is_cut:
        add_slots(pieces, cut.partial, to_x, gradient)
    return to_x
