"""Dense layers with ReLU between them, in parts of the rows where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli.kernels import arrays, complete
from tvgnn_cli.kernels.checks import check_matrix, check_vector
from tvgnn_cli.kernels.dense_product import matmul, sum_of_outer
from tvgnn_cli.kernels.operations import operation
from tvgnn_cli.shapes import HiddenValues, VertexValues

KEPT_ROWS = 2**15
"""Rows up to which hidden layers are kept for the gradient; beyond, they are computed once more."""

PART_ROWS = 2**14
"""Rows of a part, whose hidden layers are held at once: 17 MB of 256 channels."""


PART_ROWS_ELSEWHERE = 2**17
"""The same on a GPU, which fewer rows do not fill."""


def mlp(
    x: VertexValues,
    layers: Sequence[tuple[Tensor, Tensor]],
    *,
    kept_rows: int = KEPT_ROWS,
    part_rows: int | None = None,
) -> HiddenValues:
    """`x @ weight.T + bias` for each layer in turn, with ReLU between them.

    Args:
        x: rows, `[n, f]`.
        layers: weight `[h, f]` and bias `[h]` of each; f is the h before.
        kept_rows: rows up to which hidden layers are kept for the gradient.
        part_rows: rows of a part, of more of them; None for what suits the device.

    Returns:
        `[n, h]` of the last layer.

    Raises:
        TypeError: what is no dense tensor.
        ValueError: no layer, shapes that do not go together, or parts without rows.
    """
    if part_rows is None:
        part_rows = PART_ROWS if x.device.type == "cpu" else PART_ROWS_ELSEWHERE
    _check_layers(x, layers, part_rows)
    flat = [tensor for layer in layers for tensor in layer]
    if x.size(0) > kept_rows:
        return through_parts(x, part_rows, *flat)
    out: HiddenValues = _MLP.apply(x, 1, *flat)  # type: ignore[no-untyped-call]
    return out


def _check_layers(x: Tensor, layers: Sequence[tuple[Tensor, Tensor]], part_rows: int) -> None:
    """Refuse layers of which one does not take what the one before gives.

    Raises:
        TypeError: what is no dense tensor.
        ValueError: no layer, shapes that do not go together, or parts without rows.
    """
    if not layers or part_rows < 1:
        raise ValueError("there are no `layers`" if not layers else f"`part_rows` is {part_rows}")
    check_matrix("x", x)
    width = x.size(1)
    for weight, bias in layers:
        check_matrix("weight", weight, columns=width)
        width = weight.size(0)
        check_vector("bias", bias, width)


@operation
def through_parts(x: Tensor, part_rows: int, *flat: Tensor) -> Tensor:
    """The same without hidden layers kept for the gradient.

    Args:
        x: rows, `[n, f]`.
        part_rows: rows whose hidden layers are held at once.
        flat: weight and bias of each layer in turn.
    """
    parts = -(-x.size(0) // part_rows)
    out: Tensor = _MLP.apply(x, parts, *flat)  # type: ignore[no-untyped-call]
    return out


@operation
def relu_backward(out: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """The gradient before ReLU, `[n, f]`, and its sum over vertices, `[f]`.

    Args:
        out: what ReLU gave, `[n, f]`.
        gradient: the gradient for it, `[n, f]`.
    """
    before = gradient * (out > 0)
    return before, before.sum(dim=0)


@relu_backward.on("cpu")
def _relu_backward(out: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    return complete.before_activation(out, gradient, "relu")


class _MLP(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, parts: int, *flat: Tensor) -> Tensor:
        layers = _pairs(flat)
        out = x.new_empty(x.size(0), flat[-1].size(0))
        hidden: list[Tensor] = []
        for rows, result in zip(x.chunk(parts), out.chunk(parts), strict=True):
            hidden = _hidden(rows, layers)
            matmul(hidden[-1], layers[-1][0].t(), layers[-1][1], out=result)
        ctx.parts = parts
        ctx.save_for_backward(x, *flat, *(hidden[1:] if parts == 1 else ()))
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, *saved = ctx.saved_tensors
        layers = _pairs(saved[: len(ctx.needs_input_grad) - 2])
        kept = saved[2 * len(layers) :]
        if ctx.parts == 1:
            to_x, sums = _backward(gradients[0], [x, *kept], layers)
            return to_x, None, *sums
        sums = [torch.zeros_like(tensor) for layer in layers for tensor in layer]
        to_x = arrays.empty(*x.shape, like=x)
        each = (tensor.chunk(ctx.parts) for tensor in (x, gradients[0], to_x))
        for rows, gradient, to_rows in zip(*each, strict=True):
            _, added = _backward(gradient, _hidden(rows, layers), layers, to_rows)
            for total, part in zip(sums, added, strict=True):
                total += part
        return to_x, None, *sums


def _pairs(flat: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _hidden(rows: Tensor, layers: Sequence[tuple[Tensor, Tensor]]) -> list[Tensor]:
    """Compute what goes into each layer."""
    into = [rows]
    for weight, bias in layers[:-1]:
        into.append(matmul(into[-1], weight.t(), bias, relu=True))
    return into


def _backward(
    gradient: Tensor,
    hidden: list[Tensor],
    layers: Sequence[tuple[Tensor, Tensor]],
    to_rows: Tensor | None = None,
) -> tuple[Tensor, list[Tensor]]:
    """The gradient of the rows, `[n, f]`; and of each layer's weight and bias, in turn."""
    to_bias, sums = gradient.sum(dim=0), list[Tensor]()
    for i in reversed(range(len(layers))):
        weight, into = layers[i][0], hidden[i]
        sums = [sum_of_outer(gradient, into), to_bias, *sums]
        to_into = matmul(gradient, weight, out=None if i else to_rows)
        if i:
            gradient, to_bias = relu_backward(into, to_into)
    return to_into, sums
