"""One GTV step without an array of edges by features.

The plain form writes and keeps several arrays of shape `[e, f]` for its gradient: 1 GB each for a
million edges and 256 features. Here a block of edges is gathered, used and dropped while it is
still in the cache, forwards and backwards alike; what stays is `x` and one number per edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from tvgnn_cli.shapes import EdgeIndex, EdgeValues, VertexValues

BLOCK_VALUES = 2**18
"""Values of one gathered block; a few such blocks fit a core's second-level cache."""


def gtv_propagate(
    x: VertexValues,
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None = None,
    *,
    delta: float,
    eps: float = 1e-3,
    block_values: int = BLOCK_VALUES,
) -> VertexValues:
    """As `functional.gtv_propagate`, in memory that grows with `n f + e` and not with `e f`."""
    weight = x.new_ones(edge_index.size(1)) if edge_weight is None else edge_weight
    out: Tensor = _Propagate.apply(x, edge_index, weight, delta, eps, block_values)  # type: ignore[no-untyped-call]
    return out


class _Propagate(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        edge_index: Tensor,
        weight: Tensor,
        delta: float,
        eps: float,
        block_values: int,
    ) -> Tensor:
        ctx.block_values = block_values
        out, gap = x.clone(), torch.empty_like(weight)
        for block, tail, head in _blocks(edge_index, x.size(1), ctx.block_values):
            difference = x.index_select(0, tail) - x.index_select(0, head)
            torch.sum(difference.abs(), dim=1, out=gap[block])
            difference *= (weight[block] / gap[block].clamp(min=eps)).unsqueeze(1)
            _spread(out, tail, head, difference, -delta)
        ctx.save_for_backward(x, edge_index, weight, gap)
        ctx.delta, ctx.eps = delta, eps
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """With d = x_i - x_j and g the gradient's same difference, each edge passes on

        `-delta gamma g` through the product, and through its weight `gamma = a / |d|_1`
        `delta <g, d> gamma / |d|_1 sign(d)`, the latter only where the gap exceeds eps.
        """
        x, edge_index, weight, gap = ctx.saved_tensors
        (gradient,) = gradients
        total, per_weight = gradient.clone(), torch.empty_like(weight)
        for block, tail, head in _blocks(edge_index, x.size(1), ctx.block_values):
            difference = x.index_select(0, tail) - x.index_select(0, head)
            flow = gradient.index_select(0, tail) - gradient.index_select(0, head)
            held = gap[block].clamp(min=ctx.eps)
            gamma = weight[block] / held
            dot = ctx.delta * (flow * difference).sum(dim=1)
            per_weight[block] = -dot / held
            through_gap = torch.where(gap[block] >= ctx.eps, dot * gamma / held, 0.0)
            flow *= (-ctx.delta * gamma).unsqueeze(1)
            flow.addcmul_(difference.sign_(), through_gap.unsqueeze(1))
            _spread(total, tail, head, flow, 1.0)
        return total, None, per_weight, None, None, None


def _blocks(edge_index: Tensor, width: int, values: int) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Slices of the edges, with the ends of each."""
    size = max(values // max(width, 1), 1)
    for start in range(0, edge_index.size(1), size):
        block = slice(start, start + size)
        yield block, edge_index[0, block], edge_index[1, block]


def _spread(out: Tensor, tail: Tensor, head: Tensor, flow: Tensor, factor: float) -> None:
    """Add `factor * flow` to the first vertex of each edge, and take it from the second."""
    out.index_add_(0, tail, flow, alpha=factor)
    out.index_add_(0, head, flow, alpha=-factor)
