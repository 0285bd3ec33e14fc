"""From vertex features to soft cluster assignments."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from tvgnn_cli import kernels
from tvgnn_cli.shapes import Assignment, HiddenValues

MOST_ROWS = 2**14
"""Vertices whose hidden layers are held at once: 17 MB of 256 channels."""


class _InParts(torch.autograd.Function):
    """A function of rows, part by part: what it keeps for the gradient is computed once more, and
    that of one part only is there at a time.
    """

    @staticmethod
    def forward(
        ctx: Any, function: Callable[[Tensor], Tensor], x: Tensor, *parameters: Tensor
    ) -> Tensor:
        ctx.function, ctx.parameters = function, parameters
        ctx.save_for_backward(x)
        return torch.cat([function(part) for part in torch.split(x, MOST_ROWS)])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (x,) = ctx.saved_tensors
        to_x, sums = kernels.empty(*x.shape, like=x), [torch.zeros_like(p) for p in ctx.parameters]
        parts = (torch.split(tensor, MOST_ROWS) for tensor in (x, gradients[0], to_x))
        for part, gradient, to_part in zip(*parts, strict=True):
            with torch.enable_grad():
                taken = part.detach().requires_grad_()
                out = ctx.function(taken)
            found = torch.autograd.grad(out, [taken, *ctx.parameters], gradient)
            to_part.copy_(found[0])
            for total, more in zip(sums, found[1:], strict=True):
                total += more
        return None, to_x, *sums


class AssignmentHead(nn.Module):
    """Scores of an MLP whose softmax is the soft assignment: `S = Softmax(MLP(X))`.

    Deviation from torch's own initialisation, as in the authors' code: weights start
    Xavier-uniform, biases at 0.

    Source: Eq. 18.

    Args:
        in_channels: features per vertex.
        num_clusters: K, the width of the output.
        hidden_channels: width of each hidden layer; empty for a single linear map.

    Shapes:
        x `[n, in_channels]`; `forward` gives the assignment `[n, num_clusters]`, rows in the
        simplex, and `logits` what goes into the softmax.
    """

    def __init__(
        self, in_channels: int, num_clusters: int, hidden_channels: tuple[int, ...] = (256,)
    ) -> None:
        super().__init__()
        widths = (in_channels, *hidden_channels, num_clusters)
        self.mlp = nn.ModuleList(nn.Linear(*pair) for pair in itertools.pairwise(widths))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for layer in self._layers():
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def logits(self, x: HiddenValues) -> Assignment:
        if len(x) <= MOST_ROWS:
            return self._scores(x)
        parts: Assignment = _InParts.apply(self._scores, x, *self.parameters())  # type: ignore[no-untyped-call]
        return parts

    def _scores(self, x: HiddenValues) -> Assignment:
        *hidden, last = self._layers()
        for layer in hidden:
            x = kernels.linear_relu(x, layer.weight, layer.bias)
        scores: Assignment = last(x)
        return scores

    def _layers(self) -> list[nn.Linear]:
        return [layer for layer in self.mlp if isinstance(layer, nn.Linear)]

    def forward(self, x: HiddenValues) -> Assignment:
        return self.logits(x).softmax(dim=1)
