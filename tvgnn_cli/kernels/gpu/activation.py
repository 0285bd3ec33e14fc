"""The gradient before an activation, and its sum over vertices, in one pass."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from tvgnn_cli.kernels.gpu.launch import contiguous, power_of_two

ROWS = 16
"""Rows of a block."""

BLOCKS = 256
"""Blocks below one another, at most: their sums are few beside the values."""

COLUMNS = 128
"""Columns of a block, at most."""


@triton.jit(do_not_specialize=["n"])
def _before(
    out, gradient, before, sums, n, width, ACTIVATION: tl.constexpr,
    STEPS: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    block = tl.program_id(0)
    column = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    inside = column < width
    total = tl.zeros([ROWS, COLUMNS], dtype=out.dtype.element_ty)
    for step in range(STEPS):
        row = (block.to(tl.int64) * STEPS + step) * ROWS + tl.arange(0, ROWS)
        both = (row < n)[:, None] & inside[None, :]
        at = row[:, None] * width + column[None, :]
        flow = tl.load(gradient + at, mask=both, other=0.0)
        if ACTIVATION != "none":
            value = tl.load(out + at, mask=both, other=0.0)
            if ACTIVATION == "relu":
                flow = tl.where(value <= 0, 0.0, flow)
            else:
                flow = tl.where(value > 0, flow, flow * (value + 1))
            tl.store(before + at, flow, mask=both)
        total += flow
    tl.store(sums + block * width + column, tl.sum(total, 0), mask=inside)


def before_activation(out: Tensor, gradient: Tensor, activation: str) -> tuple[Tensor, Tensor]:
    """The gradient before an activation, `[n, f]`, and its sum over vertices, `[f]`.

    Args:
        out: what the activation gave, `[n, f]`.
        gradient: the gradient for it, `[n, f]`.
        activation: "elu", "relu" or "none".
    """
    out, gradient = contiguous(out), contiguous(gradient)
    n, width = out.shape
    before = gradient if activation == "none" else torch.empty_like(out)
    columns = min(power_of_two(width), COLUMNS)
    steps = power_of_two(-(-n // (ROWS * BLOCKS)))
    blocks = -(-n // (ROWS * steps))
    sums = out.new_empty(blocks, width)
    if blocks:
        _before[(blocks, -(-width // columns))](
            out, gradient, before, sums, n, width, ACTIVATION=activation, STEPS=steps,
            ROWS=ROWS, COLUMNS=columns,
        )  # fmt: skip
    return before, sums.sum(dim=0)
