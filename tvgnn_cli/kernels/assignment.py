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
from tvgnn_cli.kernels.checks import check_matrix, check_rho
from tvgnn_cli.kernels.library import call, constant
from tvgnn_cli.kernels.operations import operation
from tvgnn_cli.shapes import Assignment, Scalar


@operation
def softmax(logits: Assignment) -> Assignment:
    """`logits.softmax(dim=1)`."""
    return logits.softmax(dim=1)


@softmax.refusing
def _check_softmax(logits: Tensor) -> None:
    check_matrix("logits", logits)


@softmax.on("cpu")
def _softmax(logits: Assignment) -> Assignment:
    if not logits.numel():
        return softmax.plain(logits)
    out: Assignment = _Softmax.apply(logits)  # type: ignore[no-untyped-call]
    return out


@operation
def asymmetric_norm(assignment: Assignment, rho: float) -> Scalar:
    """`F.asymmetric_norm`; where values equal the quantile, a kernel's gradient goes to the
    first.
    """
    return F.asymmetric_norm(assignment, rho)


@asymmetric_norm.refusing
def _check_asymmetric_norm(assignment: Tensor, rho: float) -> None:
    check_matrix("assignment", assignment)
    if not len(assignment):
        raise ValueError("`assignment` has no vertices, and no quantile")
    check_rho(rho)


@asymmetric_norm.on("cpu")
def _asymmetric_norm(assignment: Assignment, rho: float) -> Scalar:
    value: Scalar = _AsymmetricNorm.apply(assignment, rho)  # type: ignore[no-untyped-call]
    return value


def asym_norm_loss(assignment: Assignment, rho: float | None = None) -> Scalar:
    """`F.asym_norm_loss`."""
    check_matrix("assignment", assignment)
    return F.asym_norm_loss(assignment, rho, asymmetric_norm)


class _Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor) -> Tensor:
        n, k = logits.shape
        on_line = constant("line_bytes") // logits.element_size()
        scratch = logits.new_zeros(torch.get_num_threads() * k * on_line)
        out = arrays.empty(n, k, like=logits)
        given = logits.contiguous()
        call("softmax", logits.dtype, n=n, k=k, x=given, scratch=scratch, out=out)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (out,) = ctx.saved_tensors
        n, k = out.shape
        to_logits = arrays.empty(n, k, like=out)
        gradient = arrays.laid_out(gradients[0])
        call("softmax_backward", out.dtype, n=n, k=k, s=out, grad=gradient, to_x=to_logits)
        return to_logits


class _AsymmetricNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, assignment: Tensor, rho: float) -> Tensor:
        s = assignment.contiguous()
        n, k = s.shape
        threads = torch.get_num_threads()
        place = n - 1 - F.quantile_rank(n, rho)
        counts = torch.empty(threads * k * constant("buckets"), dtype=torch.int32)
        # A key has as many bytes as a value.
        found, left = torch.empty_like(s[0]), torch.empty(k, dtype=torch.int64)
        quantile = torch.empty_like(s[0])
        call(
            "select_in_columns", s.dtype, n=n, k=k, place=place, s=s, counts=counts, found=found,
            left=left, out=quantile,
        )  # fmt: skip
        above = torch.zeros(threads, k, dtype=torch.int64)
        first = torch.full((threads, k), n, dtype=torch.int64)
        values = torch.zeros(threads, dtype=torch.float64)
        gradient = arrays.empty(n, k, like=s) if ctx.needs_input_grad[0] else None
        call(
            "asymmetric_norm", s.dtype, n=n, k=k, s=s, q=quantile, rho=float(rho), above=above,
            first=first, values=values, grad=gradient,
        )  # fmt: skip
        if gradient is not None:
            ctx.save_for_backward(gradient)
        return values.sum().to(s.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] * ctx.saved_tensors[0], None
