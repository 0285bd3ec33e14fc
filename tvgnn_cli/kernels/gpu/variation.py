"""The total variation of Eq. 12, and its gradient in the same pass."""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli.kernels.gpu.launch import contiguous, cut_of, given, tile_of
from tvgnn_cli.kernels.gpu.sums import add_slots
from tvgnn_cli.kernels.neighbourhoods import Neighbourhoods


@triton.jit
def _variation(
    start, row, slot, neighbour, weight, x, gradient, values, gaps, partial, width,
    CUT: tl.constexpr, WEIGHTED: tl.constexpr, OF_WEIGHT: tl.constexpr, ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
):  # fmt: skip
    piece = tl.program_id(0)
    vertex, place = piece.to(tl.int64), -1
    if CUT:
        vertex, place = tl.load(row + piece), tl.load(slot + piece)
    column = tl.arange(0, COLUMNS)
    inside = column < width
    own = tl.load(x + vertex * width + column, mask=inside, other=0.0)
    total = tl.zeros([ROWS, COLUMNS], dtype=own.dtype)
    value = tl.zeros([ROWS], dtype=tl.float64)
    end = tl.load(start + piece + 1)
    for first in range(tl.load(start + piece), end, ROWS):
        at = first + tl.arange(0, ROWS)
        there = at < end
        other = tl.load(neighbour + at, mask=there, other=0).to(tl.int64)
        both = there[:, None] & inside[None, :]
        theirs = tl.load(x + other[:, None] * width + column[None, :], mask=both, other=0.0)
        difference = tl.where(both, own[None, :] - theirs, 0.0)
        gap = tl.sum(tl.abs(difference), 1)
        if OF_WEIGHT:
            tl.store(gaps + at, gap, mask=there)
        sign = tl.where(difference > 0, 1.0, tl.where(difference < 0, -1.0, 0.0)).to(own.dtype)
        if WEIGHTED:
            by = tl.load(weight + at, mask=there, other=0.0)
            gap *= by
            sign *= by[:, None]
        value += gap.to(tl.float64)
        total += sign
    tl.store(values + piece, tl.sum(value, 0))
    if place < 0:
        tl.store(gradient + vertex * width + column, tl.sum(total, 0), mask=inside)
    else:
        tl.store(partial + place * width + column, tl.sum(total, 0), mask=inside)


class TotalVariation(torch.autograd.Function):
    """`F.total_variation`, with gradients for values and weights."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        edge_weight: Tensor | None,  # noqa: ARG004 for its gradient
        near: Neighbourhoods,
        weight: Tensor | None,
    ) -> Tensor:
        """Sum over edges, in double precision.

        Args:
            ctx: what the gradient needs.
            x: values, `[n, f]`.
            edge_weight: `[e]`, or None for 1; only for its gradient.
            near: neighbours of all vertices.
            weight: of neighbours, `[2 e]`, or None for 1.
        """
        x, pieces, width = contiguous(x), near.pieces, x.size(1)
        tile, cut = tile_of(width), cut_of(pieces, width, x)
        gradient = torch.empty_like(x)
        values = x.new_empty(pieces.count, dtype=torch.float64)
        gaps = x.new_empty(near.neighbour.numel()) if ctx.needs_input_grad[1] else None
        if pieces.count:
            _variation[(pieces.count,)](
                pieces.start, cut.row, cut.slot, near.neighbour, given(weight, x), x, gradient,
                values, given(gaps, x), cut.partial, width, CUT=cut.is_cut,
                WEIGHTED=weight is not None, OF_WEIGHT=gaps is not None, ROWS=tile.rows,
                COLUMNS=tile.columns, num_warps=tile.warps,
            )  # fmt: skip
        if cut.is_cut:
            add_slots(pieces, cut.partial, gradient, None)
        ctx.near = near
        ctx.save_for_backward(gradient, gaps)
        # Each edge was counted from either end.
        return (values.sum() / 2).to(x.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (upstream,), (gradient, gaps) = gradients, ctx.saved_tensors
        to_weight = None if gaps is None else ctx.near.gather(gaps) * (upstream / 2)
        return upstream * gradient, to_weight, None, None
