"""The product with the weights of a layer: of sparse features without transposing them at each
epoch, and of dense ones in recycled memory.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli.kernels import arrays
from tvgnn_cli.kernels.dense_product import matmul, sum_of_outer
from tvgnn_cli.kernels.library import call, usable

MOST_COLUMNS = 64
"""Columns of the dense factor that the compiled product works on at once, at most."""

FEWEST_COLUMNS = 4
"""And at least, in any set of instructions: further threads have nothing to do."""


def dense_enough(device: torch.device) -> float:
    """Share of non-zero features from which a dense product is the faster one, as measured."""
    return 0.25 if device.type == "cpu" and usable() else 0.05


def feature_tensor(x: Any, device: torch.device) -> Tensor:
    """Features `[n, f]`, dense or CSR, as a tensor: sparse where that is worth it on `device`."""
    if isinstance(x, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(x))
    if x.nnz >= dense_enough(device) * x.shape[0] * x.shape[1]:
        return torch.from_numpy(x.toarray())
    indptr, indices, values = map(torch.from_numpy, (x.indptr, x.indices, x.data))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(
            indptr, indices, values, size=x.shape, check_invariants=False
        )


def feature_product(x: Tensor, weight: Tensor) -> Tensor:
    """`x @ weight` for features `[n, f]`, dense or CSR, and weights `[f, h]`.

    For CSR features only the weights get a gradient.
    """
    kind = _SparseProduct if x.layout == torch.sparse_csr else _DenseProduct
    product: Tensor = kind.apply(x, weight)  # type: ignore[no-untyped-call]
    return product


def symmetric_product(matrix: Tensor, dense: Tensor) -> Tensor:
    """`matrix @ dense` for a symmetric CSR matrix `[n, n]` without a gradient and `[n, h]`."""
    product: Tensor = _SymmetricProduct.apply(matrix, dense)  # type: ignore[no-untyped-call]
    return product


class _DenseProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return matmul(x, weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        (gradient,), to_x, to_weight = gradients, None, None
        if ctx.needs_input_grad[0]:
            to_x = matmul(gradient, weight.t())
        if ctx.needs_input_grad[1]:
            to_weight = sum_of_outer(x, gradient)
        return to_x, to_weight


class _SparseProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.x = x
        return _product(x, weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor]:
        x, gradient = ctx.x, gradients[0].contiguous()
        if not _compiled(x, gradient):
            return None, x.t() @ gradient
        return None, _run("sparse_transposed_product", x, gradient, x.size(1))


class _SymmetricProduct(torch.autograd.Function):
    """Its own transpose: backwards it is the same product."""

    @staticmethod
    def forward(ctx: Any, matrix: Tensor, dense: Tensor) -> Tensor:
        ctx.matrix = matrix
        return _product(matrix, dense)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor]:
        return None, _product(ctx.matrix, gradients[0])


def _product(x: Tensor, dense: Tensor) -> Tensor:
    if not _compiled(x, dense):
        return x @ dense
    return _run("sparse_product", x, dense.contiguous(), x.size(0))


def _compiled(x: Tensor, dense: Tensor) -> bool:
    return usable(x.values(), dense) and x.col_indices().dtype == torch.int32


def _run(name: str, x: Tensor, dense: Tensor, rows: int) -> Tensor:
    """A compiled product of CSR features, or of their transpose, with `dense`: `[rows, h]`."""
    width = dense.size(1)
    at_work = min(torch.get_num_threads(), -(-width // FEWEST_COLUMNS))
    scratch = arrays.empty(at_work * x.size(1) * MOST_COLUMNS, like=dense)
    out = arrays.empty(rows, width, like=dense)
    matrix = x.crow_indices().long(), x.col_indices(), x.values()
    call(name, dense.dtype, *x.shape, width, *matrix, dense, scratch, out)
    return out
