"""A product with sparse features whose gradient needs no transposing at each epoch."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.utils.weak import WeakIdKeyDictionary

_TRANSPOSED: WeakIdKeyDictionary = WeakIdKeyDictionary()


def feature_product(x: Tensor, weight: Tensor) -> Tensor:
    """`x @ weight` for features `[n, f]`, dense or CSR, and weights `[f, h]`.

    For CSR features only the weights get a gradient.
    """
    if x.layout != torch.sparse_csr:
        return x @ weight
    product: Tensor = _SparseProduct.apply(x, weight)  # type: ignore[no-untyped-call]
    return product


class _SparseProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.x = x
        return x @ weight

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor]:
        return None, transposed(ctx.x) @ gradients[0]


def transposed(x: Tensor) -> Tensor:
    """The transpose of a CSR tensor, in CSR form; made once for each `x` that lives."""
    if x not in _TRANSPOSED:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
            _TRANSPOSED[x] = x.t().to_sparse(layout=torch.sparse_csr)
    made: Tensor = _TRANSPOSED[x]
    return made
