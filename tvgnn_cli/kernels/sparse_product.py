"""The product with the weights of a layer: of sparse features, and of dense ones in recycled
memory. The compiled passes never transpose a matrix; torch's own product does at each backward
pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvgnn_cli.kernels import arrays
from tvgnn_cli.kernels.checks import check_csr, check_matrix
from tvgnn_cli.kernels.csr_tensors import csr_tensor
from tvgnn_cli.kernels.dense_product import matmul, sum_of_outer
from tvgnn_cli.kernels.graph_tensors import GraphTensors
from tvgnn_cli.kernels.library import call, constant, usable
from tvgnn_cli.kernels.operations import operation


def dense_enough(device: torch.device) -> float:
    """Share of non-zero features from which a dense product is the faster one, as measured."""
    return 0.25 if device.type == "cpu" and usable() else 0.05


def is_dense_on(x: Any, device: torch.device) -> bool:
    """Tell whether features `[n, f]`, dense or CSR, are to be dense on `device`."""
    return isinstance(x, np.ndarray) or bool(
        x.nnz >= dense_enough(device) * x.shape[0] * x.shape[1]
    )


def feature_tensor(x: Any, device: torch.device, *, dense: bool | None = None) -> Tensor:
    """Features `[n, f]`, dense or CSR, as a tensor.

    Args:
        x: the features.
        device: where they will be worked on.
        dense: whether CSR features become dense; None for where that is worth it on `device`.

    Raises:
        TypeError: features in another form.
        ValueError: no matrix, or places in CSR features that are not there.
    """
    if not isinstance(x, np.ndarray | sp.csr_array | sp.csr_matrix):
        raise TypeError(f"`x` is a {type(x).__name__}, not an array or a CSR matrix")
    if x.ndim != 2:
        raise ValueError(f"`x` has the shape {x.shape}, not that of a matrix")
    if isinstance(x, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(x))
    try:
        x.check_format(full_check=True)
    except ValueError as error:
        raise ValueError(f"`x`: {error}") from None
    if is_dense_on(x, device) if dense is None else dense:
        return torch.from_numpy(x.toarray())
    start, column, value = map(torch.from_numpy, (x.indptr, x.indices, x.data))
    return csr_tensor(start, column, value, x.shape)


def feature_rows(x: Tensor, rows: slice) -> Tensor:
    """Neighbouring rows of features `[n, f]`, dense or CSR, which share their memory."""
    if x.layout == torch.strided:
        return x[rows]
    first, last, _ = rows.indices(x.size(0))
    start = x.crow_indices()[first : last + 1]
    values = slice(int(start[0]), int(start[-1]))
    column, value = x.col_indices()[values], x.values()[values]
    return csr_tensor(start - start[0], column, value, (last - first, x.size(1)))


def tensors_of(x: Tensor) -> tuple[Tensor, ...]:
    """The dense tensors that features, dense or CSR, consist of."""
    if x.layout == torch.strided:
        return (x,)
    return x.crow_indices(), x.col_indices(), x.values()


def feature_product(x: Tensor, weight: Tensor) -> Tensor:
    """`x @ weight` for features `[n, f]`, dense or CSR, and weights `[f, h]`.

    For CSR features only the weights get a gradient.

    Raises:
        TypeError: features in another form.
        ValueError: shapes that do not go together, or places in CSR features that are not there.
    """
    is_csr = isinstance(x, Tensor) and x.layout == torch.sparse_csr
    if is_csr:
        check_csr("x", x)
    else:
        check_matrix("x", x)
    check_matrix("weight", weight, x.size(1))
    kind = _SparseProduct if is_csr else _DenseProduct
    product: Tensor = kind.apply(x, weight)  # type: ignore[no-untyped-call]
    return product


def symmetric_product(matrix: Tensor, dense: Tensor) -> Tensor:
    """`matrix @ dense` for a symmetric CSR matrix `[n, n]` without a gradient and `[n, h]`.

    Raises:
        TypeError: a matrix in another form.
        ValueError: shapes that do not go together, or places in the matrix that are not there.
    """
    if not isinstance(matrix, Tensor) or matrix.layout != torch.sparse_csr:
        raise TypeError("`matrix` is no CSR tensor")
    check_csr("matrix", matrix)
    if matrix.size(0) != matrix.size(1):
        raise ValueError(f"`matrix` has the shape {tuple(matrix.shape)}, not that of a square")
    check_matrix("dense", dense, matrix.size(0))
    product: Tensor = _OwnTranspose.apply(csr_product, matrix, dense)  # type: ignore[no-untyped-call]
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


@operation
def csr_product(x: Tensor, dense: Tensor) -> Tensor:
    """`x @ dense` for a CSR matrix, `[rows of x, h]`; without a gradient."""
    return x @ dense


@csr_product.on("cpu")
def _csr_product(x: Tensor, dense: Tensor) -> Tensor:
    if x.col_indices().dtype != torch.int32:
        return csr_product.plain(x, dense)
    out = arrays.empty(x.size(0), dense.size(1), like=dense)
    call("sparse_product", dense.dtype, **_given(x, dense, out), w=arrays.laid_out(dense))
    return out


@operation
def csr_transposed_product(x: Tensor, dense: Tensor) -> Tensor:
    """`x.t() @ dense` for a CSR matrix, `[columns of x, h]`; without a gradient."""
    return x.t() @ dense


@csr_transposed_product.on("cpu")
def _csr_transposed_product(x: Tensor, dense: Tensor) -> Tensor:
    if x.col_indices().dtype != torch.int32:
        return csr_transposed_product.plain(x, dense)
    out = arrays.empty(x.size(1), dense.size(1), like=dense)
    call(
        "sparse_transposed_product", dense.dtype, **_given(x, dense, out), g=arrays.laid_out(dense)
    )
    return out


def neighbour_sum(x: Tensor, graph: GraphTensors) -> Tensor:
    """`A x`: the sum of the rows of each vertex's neighbours by the weights of edges, `[n, f]`;
    weights get no gradient.

    Raises:
        TypeError: no list of edges.
        ValueError: other numbers of rows.
    """
    if not isinstance(graph, GraphTensors):
        raise TypeError(f"`graph` is a {type(graph).__name__}, not a `GraphTensors`")
    check_matrix("x", x)
    graph.check_rows(x.size(0))
    out: Tensor = _OwnTranspose.apply(sum_over_neighbours, graph, x)  # type: ignore[no-untyped-call]
    return out


@operation
def sum_over_neighbours(graph: GraphTensors, x: Tensor) -> Tensor:
    """`A x`, without a gradient."""
    tail, head = graph.edge_index
    weight = 1 if graph.edge_weight is None else graph.edge_weight.unsqueeze(1)
    to_tail, to_head = weight * x.index_select(0, head), weight * x.index_select(0, tail)
    return torch.zeros_like(x).index_add(0, tail, to_tail).index_add(0, head, to_head)


@sum_over_neighbours.on("cpu")
def _sum_over_neighbours(graph: GraphTensors, x: Tensor) -> Tensor:
    near, weight = graph.neighbourhoods, graph.weight_of_neighbours()
    value = x.new_ones(len(near.neighbour)) if weight is None else weight
    out = arrays.empty(*x.shape, like=x)
    rows = {"n": len(out), "f": len(x), "nnz": len(value), "start": near.start}
    call(
        "sparse_product", x.dtype, **rows, column=near.neighbour, value=value, w=arrays.laid_out(x),
        out=out, width=x.size(1), scratch=_scratch(len(x), x.size(1), x),
    )  # fmt: skip
    return out


def _given(x: Tensor, dense: Tensor, out: Tensor) -> dict[str, Any]:
    """Parameters that both compiled products have."""
    (n, f), width = x.shape, dense.size(1)
    return {
        "n": n, "f": f, "width": width, "nnz": x.values().numel(),
        "start": x.crow_indices().long(), "column": x.col_indices(), "value": x.values(),
        "scratch": _scratch(f, width, dense), "out": out,
    }  # fmt: skip


def _scratch(f: int, width: int, like: Tensor) -> Tensor:
    """Memory for the columns of a dense factor `[f, width]` that threads work on at a time."""
    on_line = constant("line_bytes") // like.element_size()
    # A thread has blocks of whole lines; further threads have nothing to do.
    at_work = min(torch.get_num_threads(), -(-width // on_line))
    return arrays.empty(at_work * f * constant("most_lines") * on_line, like=like)


class _SparseProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.x = x
        return csr_product(x, weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor]:
        return None, csr_transposed_product(ctx.x, gradients[0])


class _OwnTranspose(torch.autograd.Function):
    """A product with a symmetric matrix, or with a graph: backwards it is the same product."""

    @staticmethod
    def forward(ctx: Any, product: Callable[..., Tensor], symmetric: Any, dense: Tensor) -> Tensor:
        ctx.product, ctx.symmetric = product, symmetric
        return product(symmetric, dense)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, None, Tensor]:
        return None, None, ctx.product(ctx.symmetric, gradients[0])
