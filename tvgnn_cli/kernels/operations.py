"""The table of equations that have kernels: by device, and the plain form for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

import torch
from torch import Tensor

from tvgnn_cli.kernels.coarse_graphs import CoarseGraphs
from tvgnn_cli.kernels.graph_tensors import GraphTensors
from tvgnn_cli.kernels.library import usable

P = ParamSpec("P")
R = TypeVar("R")


class Operation(Generic[P, R]):
    """An equation, its plain form in torch, and the kernels that some devices have for it.

    Calling it runs the kernel of the device that its tensors are on, where there is one that takes
    them, and the plain form elsewhere; what neither takes is refused first. A kernel must equal the
    plain form in value and gradient; tests/test_kernels.py holds it to that.

    Args:
        plain: the form that serves everywhere.
    """

    def __init__(self, plain: Callable[P, R]) -> None:
        self.plain = plain
        self._check: Callable[P, None] | None = None
        self._kernels: dict[str, Callable[P, R]] = {}
        update_wrapper(self, plain)

    def refusing(self, check: Callable[P, None]) -> Callable[P, None]:
        """Register, as a decorator, what refuses inputs before a form is chosen."""
        self._check = check
        return check

    def on(self, device_type: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Register, as a decorator, the kernel of a type of device."""

        def register(kernel: Callable[P, R]) -> Callable[P, R]:
            self._kernels[device_type] = kernel
            return kernel

        return register

    def __call__(self, *given: P.args, **settings: P.kwargs) -> R:
        if self._check is not None:
            self._check(*given, **settings)
        tensors = list(_tensors(given))
        kernel = self._kernels.get(tensors[0].device.type) if tensors else None
        chosen = kernel if kernel is not None and TAKES[tensors[0].device.type](*tensors) else None
        return (chosen or self.plain)(*given, **settings)


TAKES: dict[str, Callable[..., bool]] = {"cpu": usable}
"""By type of device, what tells whether its kernels are here and take some tensors."""


def operation(plain: Callable[P, R]) -> Operation[P, R]:
    """Make an operation of its plain form, as a decorator."""
    return Operation(plain)


def _tensors(given: Iterable[Any]) -> Iterable[Tensor]:
    """The floating point tensors among arguments: a graph stands for its weights."""
    for value in given:
        if isinstance(value, Tensor):
            # The values of a CSR matrix are what kernels work on.
            yield value.values() if value.layout == torch.sparse_csr else value
        elif isinstance(value, GraphTensors | CoarseGraphs) and value.edge_weight is not None:
            yield value.edge_weight
