"""Two dense layers with ReLU between them, whose hidden values never leave a program.

Hidden values of a million vertices and 256 channels are a gigabyte, which several passes would
write and read. A program makes those of some rows and channels, uses them, and forgets them; the
gradient makes them once more. Products are in TF32.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli.kernels.gpu.launch import contiguous, power_of_two

ROWS = 64
"""Rows that a program works on at once."""

CHANNELS = 64
"""Hidden channels that it makes at once."""

LEAST = 16
"""Rows and columns that a product of tiles has at least."""

WIDEST, MOST_OUTPUTS = 128, 64
"""Columns that enter and leave, at most: tiles of more have no room in registers."""

SUMS = 256
"""Programs that add up the gradients of weights, at most, for each block of channels."""

HOW = {"num_warps": 4, "num_stages": 2}
"""Warps of a program, and tiles that it has on their way to it."""

SHARED = 1536
"""Bytes of a multiprocessor's memory that a program has for each column that enters, at most."""


def takes(x: Tensor, *flat: Tensor) -> bool:
    """Tell whether these layers are two, narrow enough for the GPU, and need no more than TF32."""
    is_rough = torch.get_float32_matmul_precision() != "highest"
    is_narrow = x.size(1) <= WIDEST and flat[-1].size(0) <= MOST_OUTPUTS
    fits = len(flat) == 4 and is_narrow and is_rough and x.dtype == torch.float32
    return fits and SHARED * _tile(x.size(1)) <= _shared_memory(x.device)


def _shared_memory(device: torch.device) -> float:
    """Bytes of a multiprocessor that one program may have; none are counted by the interpreter."""
    if device.type != "cuda":
        return float("inf")
    properties = torch.cuda.get_device_properties(device)
    return float(getattr(properties, "shared_memory_per_block_optin", 0))


@triton.jit
def _part(source, row, column, rows, columns):
    """A tile of a matrix `[rows, columns]`, with 0 outside."""
    inside = (row < rows)[:, None] & (column < columns)[None, :]
    return tl.load(source + row[:, None] * columns + column[None, :], mask=inside, other=0.0)


@triton.jit
def _hidden(own, weight, bias, channel, column, h, f):
    """The values of some hidden channels, after ReLU, `[ROWS, CHANNELS]`."""
    into = tl.trans(_part(weight, channel, column, h, f))
    value = tl.dot(own, into, input_precision="tf32")
    value += tl.load(bias + channel, mask=channel < h, other=0.0)[None, :]
    return tl.where(value <= 0, 0.0, value)  # NaN stays NaN


@triton.jit(do_not_specialize=["n"])
def _forward(
    x, weight, bias, last_weight, last_bias, out, n, f, h, k,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr, F: tl.constexpr, K: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    column, output = tl.arange(0, F), tl.arange(0, K)
    own = _part(x, row, column, n, f)
    value = tl.zeros([ROWS, K], dtype=tl.float32)
    for first in range(0, h, CHANNELS):
        channel = first + tl.arange(0, CHANNELS)
        hidden = _hidden(own, weight, bias, channel, column, h, f)
        after = tl.trans(_part(last_weight, output, channel, k, h))
        value += tl.dot(hidden, after, input_precision="tf32")
    value += tl.load(last_bias + output, mask=output < k, other=0.0)[None, :]
    inside = (row < n)[:, None] & (output < k)[None, :]
    tl.store(out + row[:, None] * k + output[None, :], value, mask=inside)


@triton.jit(do_not_specialize=["n"])
def _to_rows(
    x, weight, bias, last_weight, gradient, to_x, n, f, h, k,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr, F: tl.constexpr, K: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    column, output = tl.arange(0, F), tl.arange(0, K)
    own = _part(x, row, column, n, f)
    flow = _part(gradient, row, output, n, k)
    total = tl.zeros([ROWS, F], dtype=tl.float32)
    for first in range(0, h, CHANNELS):
        channel = first + tl.arange(0, CHANNELS)
        hidden = _hidden(own, weight, bias, channel, column, h, f)
        after = _part(last_weight, output, channel, k, h)
        before = tl.dot(flow, after, input_precision="tf32")
        before = tl.where(hidden <= 0, 0.0, before)
        total += tl.dot(before, _part(weight, channel, column, h, f), input_precision="tf32")
    inside = (row < n)[:, None] & (column < f)[None, :]
    tl.store(to_x + row[:, None] * f + column[None, :], total, mask=inside)


@triton.jit(do_not_specialize=["n", "rows"])
def _to_weights(
    x, weight, bias, last_weight, gradient, to_weight, to_bias, to_last, n, f, h, k, rows,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr, F: tl.constexpr, K: tl.constexpr,
):  # fmt: skip
    run = tl.program_id(0).to(tl.int64)
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    column, output = tl.arange(0, F), tl.arange(0, K)
    after = _part(last_weight, output, channel, k, h)
    of_weight = tl.zeros([CHANNELS, F], dtype=tl.float32)
    of_bias = tl.zeros([CHANNELS], dtype=tl.float32)
    of_last = tl.zeros([K, CHANNELS], dtype=tl.float32)
    for first in range(run * rows, tl.minimum((run + 1) * rows, n), ROWS):
        row = first + tl.arange(0, ROWS)
        own = _part(x, row, column, n, f)
        flow = _part(gradient, row, output, n, k)
        hidden = _hidden(own, weight, bias, channel, column, h, f)
        before = tl.dot(flow, after, input_precision="tf32")
        before = tl.where(hidden <= 0, 0.0, before)
        of_weight += tl.dot(tl.trans(before), own, input_precision="tf32")
        of_bias += tl.sum(before, 0)
        of_last += tl.dot(tl.trans(flow), hidden, input_precision="tf32")
    there = channel < h
    at = (run * h + channel)[:, None] * f + column[None, :]
    tl.store(to_weight + at, of_weight, mask=there[:, None] & (column < f)[None, :])
    tl.store(to_bias + run * h + channel, of_bias, mask=there)
    at = (run * k + output)[:, None] * h + channel[None, :]
    tl.store(to_last + at, of_last, mask=(output < k)[:, None] & there[None, :])


class HiddenLayer(torch.autograd.Function):
    """`relu(x @ weight.T + bias) @ last_weight.T + last_bias`, with gradients for all of them."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, last_weight: Tensor, last_bias: Tensor
    ) -> Tensor:
        """Values `[n, k]` of x `[n, f]`, weight `[h, f]` and last_weight `[k, h]`."""
        given = [contiguous(each) for each in (x, weight, bias, last_weight)]
        (n, f), (k, h) = x.shape, last_weight.shape
        out = x.new_empty(n, k)
        ctx.save_for_backward(*given)
        ctx.shape = {"ROWS": ROWS, "CHANNELS": CHANNELS, "F": _tile(f), "K": _tile(k)}
        if n:
            _forward[(-(-n // ROWS),)](
                *given, contiguous(last_bias), out, n, f, h, k, **ctx.shape, **HOW
            )
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
        given, flow = ctx.saved_tensors, contiguous(gradients[0])
        x, weight, _bias, last_weight = given
        (n, f), (k, h) = x.shape, last_weight.shape
        to_x = torch.empty_like(x)
        tiles = -(-n // ROWS)
        rows = ROWS * max(-(-tiles // SUMS), 1)
        runs = -(-n // rows)
        to_weight, to_last = x.new_empty(runs, *weight.shape), x.new_empty(runs, k, h)
        to_bias = x.new_empty(runs, h)
        if n:
            _to_rows[(tiles,)](*given, flow, to_x, n, f, h, k, **ctx.shape, **HOW)
            _to_weights[(runs, -(-h // CHANNELS))](
                *given, flow, to_weight, to_bias, to_last, n, f, h, k, rows, **ctx.shape,
                **HOW,
            )  # fmt: skip
        sums = (to_weight.sum(0), to_bias.sum(0), to_last.sum(0), flow.sum(0))
        return to_x, *sums


def _tile(width: int) -> int:
    return max(power_of_two(width), LEAST)
