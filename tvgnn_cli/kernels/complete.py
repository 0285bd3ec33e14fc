"""Passes over coarsened graphs, in which each pair of vertices is worked on once.

Each equals the form of `functional` that it names, in value and gradient.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad

from tvgnn_cli.kernels import arrays
from tvgnn_cli.kernels.coarse_graphs import CoarseGraphs
from tvgnn_cli.kernels.library import activation_number, call, constant
from tvgnn_cli.shapes import Assignment, Scalar, VertexValues


def values_on_line(values: Tensor) -> int:
    """Number of values on a cache line, which holds whole vectors of every width."""
    return constant("line_bytes") // values.element_size()


def takes(x: VertexValues) -> bool:
    """Tell whether `layer` takes rows of this width."""
    return x.size(1) > 0 and x.size(1) % values_on_line(x) == 0


def _turned(x: VertexValues, copies: int = 1) -> Tensor:
    """Room in which each thread turns a block of rows on its side."""
    return x.new_empty(copies, torch.get_num_threads(), x.size(1), values_on_line(x))


def layer(
    x: VertexValues, graph: CoarseGraphs, bias: Tensor | None, **settings: Any
) -> VertexValues:
    """`activation(F.gtv_propagate(x, ...) + bias)` on each graph.

    Args:
        x: `[graphs * size, f]`, as `takes` takes them.
        graph: the graphs.
        bias: `[f]` or None.
        **settings: `delta`, `eps` and the name of the activation.
    """
    out: VertexValues = _Layer.apply(x, graph.weight, bias, settings)  # type: ignore[no-untyped-call]
    return out


def total_variation(x: Assignment, graph: CoarseGraphs) -> Scalar:
    """`F.total_variation`, summed over graphs; x is `[graphs * size, k]`."""
    value: Scalar = _TotalVariation.apply(x, graph.weight)  # type: ignore[no-untyped-call]
    return value


def before_activation(out: Tensor, gradient: Tensor, activation: str) -> tuple[Tensor, Tensor]:
    """The gradient before an activation, `[n, f]`, and its sum over vertices, `[f]`, in one
    pass.
    """
    n, width = out.shape
    before = arrays.empty(n, width, like=out)
    sums = torch.zeros(torch.get_num_threads(), width, dtype=torch.float64)
    call(
        "act_backward", out.dtype, n=n, width=width, out=out, grad=arrays.laid_out(gradient),
        activation=activation_number(activation), g=before, sums=sums,
    )  # fmt: skip
    return before, sums.sum(dim=0).to(out.dtype)


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, settings: dict[str, Any]
    ) -> Tensor:
        x, weight = x.contiguous(), weight.contiguous()
        out = arrays.empty(*x.shape, like=x)
        ctx.given = {
            "graphs": weight.size(0), "size": weight.size(1), "width": x.size(1),
            "delta": float(settings["delta"]), "eps": float(settings["eps"]),
        }  # fmt: skip
        ctx.activation = settings["activation"]
        number = activation_number(ctx.activation)
        call(
            "complete_forward", x.dtype, **ctx.given, weight=weight, x=x,
            bias=None if bias is None else bias.contiguous(),
            activation=number, turned=_turned(x), out=out,
        )  # fmt: skip
        ctx.save_for_backward(x, weight, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, out = ctx.saved_tensors
        before, to_bias = before_activation(out, gradients[0], ctx.activation)
        total = arrays.empty(*x.shape, like=x)
        to_weight = torch.empty_like(weight) if ctx.needs_input_grad[1] else None
        call(
            "complete_backward", x.dtype, **ctx.given, weight=weight, x=x, g=before,
            turned=_turned(x, 2), total=total, to_weight=to_weight,
        )  # fmt: skip
        return total, to_weight, to_bias if ctx.needs_input_grad[2] else None, None


class _TotalVariation(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        columns, weight = x.size(1), weight.contiguous()
        # The pass takes rows of whole lines; columns of zeros vary nowhere.
        padded = pad(x, (0, -columns % values_on_line(x))).contiguous()
        graphs, size, width = weight.size(0), weight.size(1), padded.size(1)
        values = torch.empty(graphs, dtype=torch.float64)
        gradient = arrays.empty(*padded.shape, like=padded)
        gaps = torch.empty_like(weight) if ctx.needs_input_grad[1] else None
        call(
            "complete_totvar", x.dtype, graphs=graphs, size=size, width=width, weight=weight,
            s=padded, turned=_turned(padded), values=values, grad=gradient, gaps=gaps,
        )  # fmt: skip
        ctx.save_for_backward(gradient[:, :columns], gaps)
        return values.sum().to(x.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (upstream,), (gradient, gaps) = gradients, ctx.saved_tensors
        return upstream * gradient, None if gaps is None else upstream * gaps
