"""Products and losses of several graphs at once, whose vertices lie one graph after another."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli import functional as F
from tvgnn_cli.kernels import arrays
from tvgnn_cli.kernels.checks import check_matrix
from tvgnn_cli.kernels.complete import values_on_line
from tvgnn_cli.kernels.dense_product import matmul
from tvgnn_cli.kernels.library import call, usable
from tvgnn_cli.kernels.operations import operation
from tvgnn_cli.shapes import Assignment, Scalar


def asym_norm_losses(assignment: Assignment, sizes: tuple[int, ...]) -> Scalar:
    """Mean over graphs of `F.asym_norm_loss`, rho being K - 1; 0 for a graph without vertices.

    Args:
        assignment: soft assignment S of the vertices of all graphs, `[n, k]`, k at least 2.
        sizes: number of vertices of each graph.

    Raises:
        ValueError: fewer than two clusters, or other numbers of vertices.
    """
    check_matrix("assignment", assignment)
    n, k = assignment.shape
    if k < 2:
        raise ValueError(f"the balance loss needs at least 2 clusters, not {k}")
    _check_sizes(sizes, n)
    scale = [1 / (size * (k - 1) * len(sizes)) if size else 0.0 for size in sizes]
    filled = sum(1 for size in sizes if size) / max(len(sizes), 1)
    return filled - scaled_norm(assignment, sizes, scale)


@operation
def scaled_norm(assignment: Assignment, sizes: tuple[int, ...], scale: list[float]) -> Scalar:
    """Sum over graphs of the asymmetric norm, each times its scale; rho is K - 1."""
    rho = assignment.size(1) - 1
    parts = zip(assignment.split_with_sizes(list(sizes)), scale, strict=True)
    norms = [F.asymmetric_norm(rows, rho) * factor for rows, factor in parts if len(rows)]
    return torch.stack(norms).sum() if norms else assignment.sum()


@scaled_norm.on("cpu")
def _scaled_norm(assignment: Assignment, sizes: tuple[int, ...], scale: list[float]) -> Scalar:
    value: Scalar = _ScaledNorm.apply(assignment, sizes, scale)  # type: ignore[no-untyped-call]
    return value


def _check_sizes(sizes: tuple[int, ...], *rows: int) -> None:
    """Refuse sizes that are not those of so many rows, which C would read beyond.

    Raises:
        TypeError: one is no whole number.
        ValueError: they are others.
    """
    if {*map(type, sizes)} - {int}:
        raise TypeError("`sizes` are not all whole numbers")
    if min(sizes, default=0) < 0 or any(sum(sizes) != each for each in rows):
        told = " and ".join(map(str, rows))
        raise ValueError(f"{told} rows for graphs of {sum(sizes)} vertices: {sizes[:8]}")


def _ptr(sizes: tuple[int, ...]) -> Tensor:
    """The first row of each graph, and the number of all, int64 `[graphs + 1]`."""
    return torch.tensor([0, *accumulate(sizes)])


class _ScaledNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, assignment: Tensor, sizes: tuple[int, ...], scale: list[float]) -> Tensor:
        s = assignment.contiguous()
        n, k = s.shape
        rank = [F.quantile_rank(size, k - 1) if size else 0 for size in sizes]
        ptr = _ptr(sizes)
        longest, blocks = max(sizes, default=0), -(-k // values_on_line(s))
        values = torch.empty(len(sizes), blocks, dtype=torch.float64)
        gradient = arrays.empty(n, k, like=s) if ctx.needs_input_grad[0] else None
        factor = torch.tensor(scale, dtype=s.dtype)
        call(
            "segment_norm", s.dtype, graphs=len(sizes), n=n, k=k, longest=longest, ptr=ptr,
            rank=torch.tensor(rank, dtype=torch.int64), scale=factor, s=s, rho=float(k - 1),
            scratch=s.new_empty(torch.get_num_threads() * longest), values=values, grad=gradient,
        )  # fmt: skip
        if gradient is not None:
            ctx.save_for_backward(gradient)
        return (values.sum(dim=1) @ factor.double()).to(s.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        return gradients[0] * ctx.saved_tensors[0], None, None


FEW = 2**21
"""Multiplications of all graphs up to which a pass is faster than a product for each of them."""


def segment_products(left: Tensor, right: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """`left^T right` of each graph's rows, `[graphs, k, f]`.

    Args:
        left: `[n, k]`.
        right: `[n, f]`.
        sizes: number of vertices of each graph.

    Raises:
        ValueError: other numbers of rows.
    """
    check_matrix("left", left)
    check_matrix("right", right)
    _check_sizes(sizes, len(left), len(right))
    is_small = left.numel() * right.size(1) <= FEW and usable(left, right)
    kind = _SmallProducts if is_small else _SegmentProducts
    out: Tensor = kind.apply(left, right, sizes)  # type: ignore[no-untyped-call]
    return out


class _SmallProducts(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, left: Tensor, right: Tensor, sizes: tuple[int, ...]) -> Tensor:
        left, right, ptr = left.contiguous(), right.contiguous(), _ptr(sizes)
        (n, k), width = left.shape, right.size(1)
        ctx.given = {"graphs": len(sizes), "n": n, "k": k, "width": width, "ptr": ptr}
        ctx.save_for_backward(left, right)
        out = left.new_empty(len(sizes), k, width)
        call("segment_products", left.dtype, **ctx.given, left=left, right=right, out=out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        left, right = ctx.saved_tensors
        to_left, to_right = torch.empty_like(left), torch.empty_like(right)
        call(
            "segment_products_backward", left.dtype, **ctx.given, left=left, right=right,
            grad=arrays.laid_out(gradients[0]), to_left=to_left, to_right=to_right,
        )  # fmt: skip
        return to_left, to_right, None


class _SegmentProducts(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, left: Tensor, right: Tensor, sizes: tuple[int, ...]) -> Tensor:
        ctx.sizes = list(sizes)
        ctx.save_for_backward(left, right)
        out = left.new_empty(len(sizes), left.size(1), right.size(1))
        for a, b, product in zip(
            left.split_with_sizes(ctx.sizes), right.split_with_sizes(ctx.sizes), out, strict=True
        ):
            matmul(a.t(), b, out=product)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        left, right = ctx.saved_tensors
        to_left, to_right = torch.empty_like(left), torch.empty_like(right)
        each = (t.split_with_sizes(ctx.sizes) for t in (left, right, to_left, to_right))
        for a, b, to_a, to_b, gradient in zip(*each, gradients[0], strict=True):
            if ctx.needs_input_grad[0]:
                matmul(b, gradient.t(), out=to_a)
            if ctx.needs_input_grad[1]:
                matmul(a, gradient, out=to_b)
        wanted = zip((to_left, to_right), ctx.needs_input_grad[:2], strict=True)
        first, second = (made if needed else None for made, needed in wanted)
        return first, second, None
