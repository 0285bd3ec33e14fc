"""The asymmetric norm of Eq. 6 and its gradient, of one graph or of each of several.

Its quantile is selected by digits (`selection.py`). Where several values equal the quantile, the
gradient goes to the first of them.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli import functional as F
from tvgnn_cli.kernels.gpu.launch import contiguous, power_of_two
from tvgnn_cli.kernels.gpu.selection import BLOCK, chunk_of, counted, number_of, picked, select

NONE = tl.constexpr(2**62)
"""A row beyond all others."""


@triton.jit(do_not_specialize=["n", "k", "chunks"])
def _norm(
    columns, key, gradient, values, above, first, n, k, chunks,
    RHO: tl.constexpr, WIDE: tl.constexpr, CHUNK: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    column, chunk = tl.program_id(0), tl.program_id(1)
    quantile = number_of(tl.load(key + column), WIDE)
    value, number, place = _pass_over(
        columns + column.to(tl.int64) * n, 1, gradient + column, k, chunk.to(tl.int64) * CHUNK,
        tl.minimum((chunk.to(tl.int64) + 1) * CHUNK, n), quantile, 1.0, RHO, BLOCK,
    )  # fmt: skip
    at = column * chunks + chunk
    tl.store(values + at, value)
    tl.store(above + at, number)
    tl.store(first + at, place)


@triton.jit
def _pass_over(
    source, step, gradient, k, begin, end, quantile, factor, RHO: tl.constexpr, BLOCK: tl.constexpr
):
    """The norm of a run of one column, how many of its values the quantile does not exceed, and
    the first that equals it; writes the gradient but for that of the quantile.
    """
    value = tl.zeros([BLOCK], dtype=tl.float64)
    number = tl.zeros([BLOCK], dtype=tl.int64)
    place = tl.full([BLOCK], NONE, dtype=tl.int64)
    for start in range(begin, end, BLOCK):
        row = start + tl.arange(0, BLOCK).to(tl.int64)
        there = row < end
        centred = tl.load(source + row * step, mask=there, other=0.0) - quantile
        is_above = there & (centred >= 0)
        size = tl.where(is_above, RHO * centred, -centred)
        value += tl.where(there, size, 0.0).to(tl.float64)
        number += is_above.to(tl.int64)
        place = tl.minimum(place, tl.where(there & (centred == 0), row, NONE))
        slope = tl.where(is_above, RHO, -1.0) * factor
        tl.store(gradient + row * k, slope.to(gradient.dtype.element_ty), mask=there)
    return tl.sum(value, 0), tl.sum(number, 0), tl.min(place, 0)


@triton.jit(do_not_specialize=["n", "k", "chunks"])
def _through_quantile(above, first, gradient, n, k, chunks, RHO: tl.constexpr, BLOCK: tl.constexpr):
    column = tl.program_id(0)
    number = tl.zeros([BLOCK], dtype=tl.int64)
    place = tl.full([BLOCK], NONE, dtype=tl.int64)
    for start in range(0, chunks, BLOCK):
        at = start + tl.arange(0, BLOCK)
        there = at < chunks
        number += tl.load(above + column * chunks + at, mask=there, other=0)
        found = tl.load(first + column * chunks + at, mask=there, other=0)
        place = tl.minimum(place, tl.where(there, found, NONE))
    _add_quantile(gradient, tl.sum(number, 0), tl.min(place, 0), n, k, column, 1.0, RHO)


@triton.jit
def _add_quantile(gradient, number, place, n, k, column, factor, RHO: tl.constexpr):
    """Add the gradient of the quantile to that of the value that is it."""
    total = (n - number).to(tl.float64) - RHO * number.to(tl.float64)
    at = gradient + place * k + column
    there = place < NONE  # no value is the quantile where it is no number
    slope = tl.load(at, mask=there, other=0.0)
    tl.store(at, (slope + total * factor).to(gradient.dtype.element_ty), mask=there)


@triton.jit(do_not_specialize=["k"])
def _norms(
    s, gradient, values, ptr, ranks, scales, k, RHO: tl.constexpr, WIDE: tl.constexpr,
    DIGITS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    graph, column = tl.program_id(0), tl.program_id(1)
    begin, end = tl.load(ptr + graph), tl.load(ptr + graph + 1)
    left, factor = tl.load(ranks + graph), tl.load(scales + graph)
    key = tl.zeros([], dtype=tl.int64)
    for step in range(DIGITS):
        digit = DIGITS - 1 - step
        counts = tl.zeros([512], dtype=tl.int32)
        for start in range(begin, end, BLOCK):
            row = start + tl.arange(0, BLOCK).to(tl.int64)
            value = tl.load(s + row * k + column, mask=row < end, other=0.0)
            counts += counted(value, row < end, key, digit, WIDE)
        key, left = picked(counts, key, left, digit, WIDE)
    source, quantile = s + column, number_of(key, WIDE)
    value, number, place = _pass_over(
        source, k, gradient + column, k, begin, end, quantile, factor, RHO, BLOCK
    )
    _add_quantile(gradient, number, place, end - begin, k, column, factor, RHO)
    tl.store(values + graph * k + column, value * factor)


class AsymmetricNorm(torch.autograd.Function):
    """`F.asymmetric_norm`."""

    @staticmethod
    def forward(ctx: Any, assignment: Tensor, rho: float) -> Tensor:
        """Sum over columns, `assignment` `[n, k]`."""
        (n, k), columns, rho = assignment.shape, contiguous(assignment.detach().t()), float(rho)
        key = select(columns, F.quantile_rank(n, rho))
        chunk, wide = chunk_of(k, n), columns.dtype == torch.float64
        chunks = -(-n // chunk)
        gradient = columns.new_empty(n, k)
        values = columns.new_empty(k, chunks, dtype=torch.float64)
        above, first = (key.new_empty(k, chunks) for _ in range(2))
        _norm[(k, chunks)](
            columns, key, gradient, values, above, first, n, k, chunks, RHO=rho, WIDE=wide,
            CHUNK=chunk, BLOCK=BLOCK,
        )  # fmt: skip
        block = min(BLOCK, power_of_two(chunks))
        _through_quantile[(k,)](above, first, gradient, n, k, chunks, RHO=rho, BLOCK=block)
        ctx.save_for_backward(gradient)
        return values.sum().to(assignment.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] * ctx.saved_tensors[0], None


class ScaledNorm(torch.autograd.Function):
    """The asymmetric norm of each graph's rows, times its scale, summed over graphs."""

    @staticmethod
    def forward(ctx: Any, assignment: Tensor, sizes: tuple[int, ...], scale: list[float]) -> Tensor:
        """Sum over graphs and columns; `assignment` `[n, k]`, rho being k - 1."""
        s = contiguous(assignment.detach())
        k, device = s.size(1), s.device
        kept = [(size, by) for size, by in zip(sizes, scale, strict=True) if size]
        gradient = torch.zeros_like(s)
        values = s.new_zeros(len(kept), k, dtype=torch.float64)
        ptr = torch.tensor([0, *(size for size, _ in kept)], device=device).cumsum(0)
        ranks = torch.tensor([F.quantile_rank(size, k - 1) for size, _ in kept], device=device)
        scales = torch.tensor([by for _, by in kept], dtype=torch.float64, device=device)
        wide = s.dtype == torch.float64
        longest = power_of_two(max((size for size, _ in kept), default=1))
        if kept and k:
            _norms[(len(kept), k)](
                s, gradient, values, ptr, ranks, scales, k, RHO=float(k - 1), WIDE=wide,
                DIGITS=8 if wide else 4, BLOCK=min(max(longest, 32), BLOCK),
            )  # fmt: skip
        ctx.save_for_backward(gradient)
        return values.sum().to(s.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        return gradients[0] * ctx.saved_tensors[0], None, None
