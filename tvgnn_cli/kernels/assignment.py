"""The soft assignment, and the norm of its balance loss, without arrays between their steps.

Each equals the form of torch or of `functional` that it names, in value and gradient.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli import functional as F
from tvgnn_cli.kernels import arrays
from tvgnn_cli.kernels.library import call, usable
from tvgnn_cli.shapes import Assignment, Scalar

LANES = 16
"""Rows that softmax works on at once, at most."""

BUCKETS = 2**11
"""Values that a digit may take where a column's quantile is selected, as fused.c has it."""


def softmax(logits: Assignment) -> Assignment:
    """`logits.softmax(dim=1)`."""
    if not usable(logits) or not logits.numel():
        return logits.softmax(dim=1)
    out: Assignment = _Softmax.apply(logits)  # type: ignore[no-untyped-call]
    return out


def asymmetric_norm(assignment: Assignment, rho: float) -> Scalar:
    """`F.asymmetric_norm`; where values equal the quantile, its gradient goes to the first."""
    if not usable(assignment):
        return F.asymmetric_norm(assignment, rho)
    value: Scalar = _AsymmetricNorm.apply(assignment, rho)  # type: ignore[no-untyped-call]
    return value


def asym_norm_loss(assignment: Assignment, rho: float | None = None) -> Scalar:
    """`F.asym_norm_loss`."""
    return F.asym_norm_loss(assignment, rho, asymmetric_norm)


class _Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor) -> Tensor:
        n, k = logits.shape
        scratch = logits.new_zeros(torch.get_num_threads() * k * LANES)
        out = arrays.empty(n, k, like=logits)
        call("softmax", logits.dtype, n, k, logits.contiguous(), scratch, out)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (out,) = ctx.saved_tensors
        to_logits = arrays.empty(*out.shape, like=out)
        given = out, gradients[0].contiguous(), to_logits
        call("softmax_backward", out.dtype, *out.shape, *given)
        return to_logits


class _AsymmetricNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, assignment: Tensor, rho: float) -> Tensor:
        s = assignment.contiguous()
        n, k = s.shape
        threads = torch.get_num_threads()
        place = n - 1 - F.quantile_rank(n, rho)
        counts = torch.empty(threads * k * BUCKETS, dtype=torch.int32)
        # A key has as many bytes as a value.
        found, left = torch.empty_like(s[0]), torch.empty(k, dtype=torch.int64)
        quantile = torch.empty_like(s[0])
        call("select_in_columns", s.dtype, n, k, place, s, counts, found, left, quantile)
        above = torch.zeros(threads, k, dtype=torch.int64)
        first = torch.full((threads, k), n, dtype=torch.int64)
        values = torch.zeros(threads, dtype=torch.float64)
        gradient = arrays.empty(n, k, like=s) if ctx.needs_input_grad[0] else None
        scratch = above, first, values, gradient
        call("asymmetric_norm", s.dtype, n, k, s, quantile, float(rho), *scratch)
        if gradient is not None:
            ctx.save_for_backward(gradient)
        return values.sum().to(s.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] * ctx.saved_tensors[0], None
