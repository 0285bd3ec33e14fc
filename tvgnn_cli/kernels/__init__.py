"""Fused forms of the equations in `functional.py`, equal to them in value and gradient."""

from tvgnn_cli.kernels.arrays import empty, recycled_memory, release
from tvgnn_cli.kernels.assignment import asym_norm_loss, asymmetric_norm, softmax
from tvgnn_cli.kernels.centres import Steps, lloyd, nearest_centres, sums_of_clusters
from tvgnn_cli.kernels.coarse_graphs import CoarseGraphs
from tvgnn_cli.kernels.dense_layers import mlp
from tvgnn_cli.kernels.fused import (
    Graphs,
    degree_weighted_gtv_propagate,
    gtv_layer,
    gtv_propagate,
    total_variation,
    totvar_loss,
)
from tvgnn_cli.kernels.graph_batch import AnyGraphs, GraphBatch
from tvgnn_cli.kernels.graph_tensors import GraphTensors, graph_of
from tvgnn_cli.kernels.library import absence
from tvgnn_cli.kernels.on_gpus import PLAIN, in_use
from tvgnn_cli.kernels.segments import asym_norm_losses, segment_products
from tvgnn_cli.kernels.sparse_product import (
    dense_enough,
    feature_product,
    feature_rows,
    feature_tensor,
    is_dense_on,
    neighbour_sum,
    symmetric_product,
    tensors_of,
)

__all__ = [
    "PLAIN",
    "AnyGraphs",
    "CoarseGraphs",
    "GraphBatch",
    "GraphTensors",
    "Graphs",
    "Steps",
    "absence",
    "asym_norm_loss",
    "asym_norm_losses",
    "asymmetric_norm",
    "degree_weighted_gtv_propagate",
    "dense_enough",
    "empty",
    "feature_product",
    "feature_rows",
    "feature_tensor",
    "graph_of",
    "gtv_layer",
    "gtv_propagate",
    "in_use",
    "is_dense_on",
    "lloyd",
    "mlp",
    "nearest_centres",
    "neighbour_sum",
    "recycled_memory",
    "release",
    "segment_products",
    "softmax",
    "sums_of_clusters",
    "symmetric_product",
    "tensors_of",
    "total_variation",
    "totvar_loss",
]
