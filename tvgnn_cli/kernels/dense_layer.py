"""A dense layer with ReLU whose backward pass reads its arrays once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli.kernels import arrays
from tvgnn_cli.kernels.library import RELU, activation_backward, usable
from tvgnn_cli.shapes import HiddenValues, VertexValues


def linear_relu(x: VertexValues, weight: Tensor, bias: Tensor) -> HiddenValues:
    """`relu(x @ weight.T + bias)`; weight `[h, f]`, bias `[h]`."""
    if not usable(x, weight, bias):
        return torch.relu(torch.nn.functional.linear(x, weight, bias))
    out: HiddenValues = _LinearReLU.apply(x, weight, bias)  # type: ignore[no-untyped-call]
    return out


class _LinearReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        out = arrays.empty(x.size(0), weight.size(0), like=x)
        torch.addmm(bias, x, weight.t(), out=out).relu_()
        ctx.save_for_backward(x, weight, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, out = ctx.saved_tensors
        before, to_bias = activation_backward(out, gradients[0], RELU)
        to_x = None
        if ctx.needs_input_grad[0]:
            to_x = torch.mm(before, weight, out=arrays.empty(*x.shape, like=x))
        return to_x, before.t() @ x, to_bias
