"""Products of dense matrices, by the faster of the two libraries that torch has for them.

torch leaves products of float32 to MKL, which uses 512-bit instructions on Intel's processors only.
oneDNN, which torch has as well, uses them wherever they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import torch
from torch import Tensor

from tvgnn_cli.kernels import arrays
from tvgnn_cli.kernels.library import best_set, is_intel, library
from tvgnn_cli.machine.processor import ONEDNN_FEWEST

PART = 2**20
"""Numbers that oneDNN makes, or copies of the factor that is summed over, at once: these stay in a
cache, and what it makes goes from there to recycled memory.
"""

NARROW = 64
"""Columns below which a part has no more rows."""

FEW_ROWS = 512
"""Rows below which they are summed over at once."""

HALVINGS = 4
"""Sizes of parts below the largest; the rows that then remain are torch.mm's. oneDNN compiles and
keeps a program for each size, and batches differ in theirs.
"""


def matmul(
    left: Tensor,
    right: Tensor,
    bias: Tensor | None = None,
    *,
    relu: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """`left @ right`, and `+ bias` and ReLU where asked for.

    Args:
        left: `[n, f]`.
        right: `[f, h]`.
        bias: `[h]` or None.
        relu: whether negative values become 0.
        out: where the result goes, `[n, h]`; None for an array of recycled memory or a new one.
    """
    if out is None:
        out = arrays.empty(left.size(0), right.size(1), like=left)
    done = 0
    if _by_onednn(left, right, bias):
        for rows in _parts(left.size(0), right.size(1)):
            product = _onednn(left[rows], right, bias)
            out[rows] = product.relu_() if relu else product  # oneDNN's own may lose NaN
            done = rows.stop
    left, rest = left[done:], out[done:]
    if relu and bias is not None and left.is_cuda:
        torch.ops.aten._addmm_activation.out(bias, left, right, out=rest)
        return out
    if bias is None:
        torch.mm(left, right, out=rest)
    else:
        torch.addmm(bias, left, right, out=rest)
    if relu:
        rest.relu_()
    return out


def sum_of_outer(left: Tensor, right: Tensor) -> Tensor:
    """`left.T @ right`, for many rows and few columns: left `[n, f]`, right `[n, h]`, `[f, h]`."""
    if left.size(0) < FEW_ROWS or not left.is_cpu:
        return left.t() @ right
    if not _by_onednn(left, right):
        # By halves: a tenth faster on a few thousand rows, and no slower on more.
        half = left.size(0) // 2
        return (left[:half].t() @ right[:half]).addmm_(left[half:].t(), right[half:])
    if left.size(1) > right.size(1):  # the first factor is the one that is copied
        return sum_of_outer(right, left).t().contiguous()
    total, done = left.new_zeros(left.size(1), right.size(1)), 0
    for rows in _parts(*left.shape):
        total += _onednn(left[rows].t(), right[rows])
        done = rows.stop
    return total.addmm_(left[done:].t(), right[done:])


def _parts(n: int, width: int) -> Iterator[slice]:
    """Rows in parts of `PART` numbers, then of a half of them, and so on; a few rows remain."""
    first, rows = 0, PART // max(width, NARROW)
    for _ in range(1 + HALVINGS):
        while 0 < rows <= n - first:
            yield slice(first, first + rows)
            first += rows
        rows //= 2


def _onednn(left: Tensor, right: Tensor, bias: Tensor | None = None) -> Tensor:
    bias = None if bias is None else bias.contiguous()  # its strides are not heeded
    product: Tensor = torch.ops.mkldnn._linear_pointwise(left, right.t(), bias, "none", [], "")
    return product


def _by_onednn(*factors: Tensor | None) -> bool:
    """Tell whether oneDNN multiplies these: large ones of float32, in full precision, where it is
    the faster library.
    """
    left, right = (tensor for tensor in factors[:2] if tensor is not None)
    return (
        left.numel() * right.size(1) >= ONEDNN_FEWEST
        and all(t is None or (t.dtype, t.device.type) == (torch.float32, "cpu") for t in factors)
        and prefers_onednn()
        and _full_precision()
    )


def _full_precision() -> bool:
    try:
        return torch.get_float32_matmul_precision() == "highest"
    except RuntimeError:  # torch's newer settings are in use, and torch heeds them
        return False


@cache
def prefers_onednn() -> bool:
    """Tell whether MKL leaves instructions unused here that oneDNN uses."""
    if library() is None or best_set() != "avx512" or is_intel():
        return False
    with_mkl = torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]
    return bool(with_mkl) and has_onednn()


@cache
def has_onednn() -> bool:
    """Tell whether torch has oneDNN's product, which has no public name, as it is called here."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    left, right = torch.eye(2), torch.tensor([[1.0, -2.0], [-3.0, 4.0]])
    try:
        return torch.equal(_onednn(left, right, torch.ones(2)), right + 1)
    except (AttributeError, RuntimeError, TypeError):
        return False
