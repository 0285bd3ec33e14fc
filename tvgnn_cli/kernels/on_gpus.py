"""The kernels of GPUs in the table of operations. Triton is imported at the first call."""

from __future__ import annotations

import torch
from torch import Tensor

from tvgnn_cli import functional as F
from tvgnn_cli.kernels import assignment, dense_layers, fused, library, segments, sparse_product
from tvgnn_cli.kernels.coarse_graphs import CoarseGraphs
from tvgnn_cli.kernels.fused import Graphs
from tvgnn_cli.kernels.gpu import launch
from tvgnn_cli.kernels.graph_tensors import GraphTensors
from tvgnn_cli.kernels.operations import TAKES
from tvgnn_cli.shapes import Assignment, Scalar, VertexValues

PLAIN = "torch"
"""Name of the forms that serve where no kernels do."""

TAKES["cuda"] = launch.usable


def in_use(device: torch.device) -> str:
    """The kernels that a network on this device takes: on the CPU the set of instructions that
    they are compiled for, "avx512", "avx2" or "base"; on a GPU "triton"; "torch" where there are
    none.
    """
    if device.type == "cuda":
        return launch.NAME if launch.usable() else PLAIN
    return PLAIN if device.type != "cpu" or library.absence() else library.best_set()


@fused.gtv_layer.on("cuda")
def gtv_layer(
    x: VertexValues,
    graph: Graphs,
    bias: Tensor | None,
    *,
    delta: float,
    eps: float,
    activation: str,
    rows: int | None = None,
) -> Tensor:
    """`kernels.gtv_layer` over neighbourhoods; of matrices, or very wide rows, the plain form."""
    if isinstance(graph, CoarseGraphs) or x.size(1) > launch.WIDEST or not x.numel():
        return fused.gtv_layer.plain(
            x, graph, bias, delta=delta, eps=eps, activation=activation, rows=rows
        )
    if rows is not None and torch.is_grad_enabled():
        raise ValueError("the first rows alone have no gradient")
    from tvgnn_cli.kernels.gpu.propagation import Layer

    near, weight = graph.neighbourhoods, graph.weight_of_neighbours()
    near = near if rows is None else near.of_first(rows)
    settings = near, weight, delta, eps, activation, None
    out: Tensor = Layer.apply(x, graph.edge_weight, bias, *settings)  # type: ignore[no-untyped-call]
    return out


@fused.degree_weighted_gtv_propagate.on("cuda")
def degree_weighted_gtv_propagate(
    x: VertexValues, graph: GraphTensors, *, delta: float, eps: float = 1e-3
) -> VertexValues:
    """`kernels.degree_weighted_gtv_propagate`; where weights have a gradient, the plain form."""
    weight = graph.edge_weight
    has_gradient = weight is not None and weight.requires_grad
    if has_gradient or x.size(1) > launch.WIDEST or not x.numel():
        return fused.degree_weighted_gtv_propagate.plain(x, graph, delta=delta, eps=eps)
    from tvgnn_cli.kernels.gpu.propagation import Layer

    return fused.between_root_degrees(x, graph, Layer, delta=delta, eps=eps)


@fused.total_variation.on("cuda")
def total_variation(x: VertexValues, graph: Graphs) -> Scalar:
    """`kernels.total_variation` over neighbourhoods; of matrices, or very wide rows, the plain
    form.
    """
    if isinstance(graph, CoarseGraphs) or x.size(1) > launch.WIDEST or not x.numel():
        return fused.total_variation.plain(x, graph)
    from tvgnn_cli.kernels.gpu.variation import TotalVariation

    given = graph.edge_weight, graph.neighbourhoods, graph.weight_of_neighbours()
    value: Scalar = TotalVariation.apply(x, *given)  # type: ignore[no-untyped-call]
    return value


@assignment.asymmetric_norm.on("cuda")
def asymmetric_norm(assignment: Assignment, rho: float) -> Scalar:
    """`kernels.asymmetric_norm`."""
    if not assignment.numel():
        return F.asymmetric_norm(assignment, rho)
    from tvgnn_cli.kernels.gpu.balance import AsymmetricNorm

    value: Scalar = AsymmetricNorm.apply(assignment, rho)  # type: ignore[no-untyped-call]
    return value


@segments.scaled_norm.on("cuda")
def scaled_norm(assignment: Assignment, sizes: tuple[int, ...], scale: list[float]) -> Scalar:
    """`segments.scaled_norm`."""
    from tvgnn_cli.kernels.gpu.balance import ScaledNorm

    value: Scalar = ScaledNorm.apply(assignment, sizes, scale)  # type: ignore[no-untyped-call]
    return value


@sparse_product.csr_product.on("cuda")
def csr_product(x: Tensor, dense: Tensor) -> Tensor:
    """`x @ dense`."""
    from tvgnn_cli.kernels.gpu import sums

    return sums.csr_product(x, dense)


@sparse_product.csr_transposed_product.on("cuda")
def csr_transposed_product(x: Tensor, dense: Tensor) -> Tensor:
    """`x.t() @ dense`."""
    from tvgnn_cli.kernels.gpu import sums

    return sums.csr_transposed_product(x, dense)


@sparse_product.sum_over_neighbours.on("cuda")
def sum_over_neighbours(graph: GraphTensors, x: Tensor) -> Tensor:
    """`A x`."""
    from tvgnn_cli.kernels.gpu import sums

    near, weight = graph.neighbourhoods, graph.weight_of_neighbours()
    return sums.row_sums(near.pieces, x.size(0), near.neighbour, weight, x)


@dense_layers.relu_backward.on("cuda")
def relu_backward(out: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """`dense_layers.relu_backward`."""
    from tvgnn_cli.kernels.gpu.activation import before_activation

    return before_activation(out, gradient, "relu")


@dense_layers.through_parts.on("cuda")
def through_parts(x: Tensor, part_rows: int, *flat: Tensor) -> Tensor:
    """`dense_layers.through_parts`; the plain form of layers that one program has no room for."""
    from tvgnn_cli.kernels.gpu import hidden_layer

    if not hidden_layer.takes(x, *flat):
        return dense_layers.through_parts.plain(x, part_rows, *flat)
    out: Tensor = hidden_layer.HiddenLayer.apply(x, *flat)  # type: ignore[no-untyped-call]
    return out
