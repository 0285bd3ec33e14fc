"""The step that moves the weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

MOMENTS = ("exp_avg", "exp_avg_sq")
"""Moments that are kept of the gradients so far, as torch names them: their mean and that of their
squares.
"""

DECAY = 0.9, 0.999
"""Share of either mean that is left after a step."""


class Adam:
    """Adam in one pass over the weights, by the function that `torch.optim.Adam(fused=True)` calls:
    the same numbers. The class itself draws in torch's compiler, which takes longer to import than
    a small graph to cluster.

    Source: Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.

    Args:
        parameters: the weights; those without a gradient stay as they are.
        lr: the learning rate.
        eps: what is added to the root of the mean square.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, eps: float = 1e-8) -> None:
        self._parameters, self._lr, self._eps = list(parameters), lr, eps
        self._state: dict[int, dict[str, Tensor]] = {}

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move the weights down their gradients."""
        moved = {i: p.grad for i, p in enumerate(self._parameters) if p.grad is not None}
        if not moved:
            return
        weights: list[Tensor] = [self._parameters[i] for i in moved]
        states = [self._moments(i) for i in moved]
        steps = [state["step"] for state in states]
        torch._foreach_add_(steps, 1)
        mean, mean_square = ([state[name] for state in states] for name in MOMENTS)
        beta1, beta2 = DECAY
        torch._fused_adam_(
            weights, list(moved.values()), mean, mean_square, [], steps,
            lr=self._lr, beta1=beta1, beta2=beta2, eps=self._eps,
            weight_decay=0.0, amsgrad=False, maximize=False,
        )  # fmt: skip

    def rest(self) -> None:
        """Make the moments of all weights that were never moved."""
        for place in range(len(self._parameters)):
            self._moments(place)

    def _moments(self, place: int) -> dict[str, Tensor]:
        if place not in self._state:
            self._state[place] = _at_rest(self._parameters[place])
        return self._state[place]

    def state(self) -> dict[int, dict[str, Tensor]]:
        """The moments of each weight that was moved, by its place among them; these themselves."""
        return self._state

    def restore(self, state: Mapping[int, Mapping[str, Tensor]]) -> None:
        """Go on from moments that `state` gave; they are copied."""
        self._state = {
            place: {
                name: value.to(self._parameters[place].device, copy=True)
                for name, value in moments.items()
            }
            for place, moments in state.items()
        }


def _at_rest(parameter: Tensor) -> dict[str, Tensor]:
    """No steps so far."""
    step = torch.zeros((), dtype=torch.float32, device=parameter.device)
    means = {name: torch.zeros_like(parameter, requires_grad=False) for name in MOMENTS}
    return {"step": step, **means}
