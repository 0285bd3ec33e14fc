"""Batches of graphs out of a set: the edges of each graph are made ready once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.graph.features import is_sparse
from tvgnn_cli.graph.graph_set import GraphSet, runs
from tvgnn_cli.kernels import GraphBatch, GraphTensors
from tvgnn_cli.kernels.csr_tensors import csr_tensor
from tvgnn_cli.kernels.neighbourhoods import Neighbourhoods


@dataclass(frozen=True, eq=False)
class Batch:
    """Some graphs of a set: what a network takes, and their classes.

    Args:
        x: features of their vertices, `[n, f]`, dense or CSR.
        graphs: the graphs.
        y: classes, int64 `[graphs]`; None where the set has none.
    """

    x: Tensor
    graphs: GraphBatch
    y: Tensor | None


class GraphBatches:
    """A set of graphs that batches are taken from.

    Args:
        graphs: the set.
        x: features of all vertices, float32 `[n, f]`, dense or CSR.
        device: where batches go.
        dtype: of features and weights.
    """

    def __init__(
        self,
        graphs: GraphSet,
        x: Any,
        device: torch.device | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.graphs, self.device, self.dtype = graphs, device or torch.device("cpu"), dtype
        self._x = x
        near = Neighbourhoods.of_sorted(
            torch.from_numpy(np.ascontiguousarray(graphs.edge_index)), graphs.num_vertices
        )
        self._start, self._neighbour = near.start.numpy(), near.neighbour.numpy()
        self._edge, self._ends = near.edge.numpy(), near.start.numpy()[graphs.ptr]
        self._y = None if graphs.y is None else torch.from_numpy(graphs.y)

    def take(self, chosen: np.ndarray) -> Batch:
        """Graphs by position, in that order."""
        all_of, chosen = self.graphs, np.asarray(chosen, dtype=np.int64)
        vertices, edges = runs(all_of.ptr, chosen), runs(all_of.edge_ptr, chosen)
        sizes = all_of.sizes[chosen]
        first = np.cumsum(sizes) - sizes
        num_edges = np.diff(all_of.edge_ptr)[chosen]
        shift = np.repeat(first - all_of.ptr[chosen], num_edges)
        edge_index = torch.from_numpy(all_of.edge_index[:, edges] + shift)
        weight = None
        if all_of.edge_weight is not None:
            weight = torch.from_numpy(all_of.edge_weight[edges]).to(self.dtype)
        joined = GraphTensors(edge_index, int(sizes.sum()), weight)
        if self.device.type == "cpu":
            # Where a cached property keeps what it has made.
            joined.__dict__["neighbourhoods"] = self._neighbourhoods(chosen, vertices, first)
        graphs = GraphBatch(joined.to(self.device), tuple(sizes.tolist()))
        y = None if self._y is None else self._y[torch.from_numpy(chosen)].to(self.device)
        return Batch(self._features(vertices).to(self.device, self.dtype), graphs, y)

    def _neighbourhoods(
        self, chosen: np.ndarray, vertices: np.ndarray, first: np.ndarray
    ) -> Neighbourhoods:
        """Those of some graphs, from those of all."""
        all_of = self.graphs
        ends, counts = runs(self._ends, chosen), np.diff(self._ends)[chosen]
        degree = self._start[vertices + 1] - self._start[vertices]
        start = np.concatenate([[0], np.cumsum(degree)])
        to_vertex = np.repeat((first - all_of.ptr[chosen]).astype(np.int32), counts)
        num_edges = np.diff(all_of.edge_ptr)[chosen]
        to_edge = np.cumsum(num_edges) - num_edges - all_of.edge_ptr[chosen]
        return Neighbourhoods(
            torch.from_numpy(start),
            torch.from_numpy(self._neighbour[ends] + to_vertex),
            torch.from_numpy(self._edge[ends] + np.repeat(to_edge.astype(np.int32), counts)),
            len(vertices),
        )

    def _features(self, vertices: np.ndarray) -> Tensor:
        x = self._x
        if not is_sparse(x):
            return torch.from_numpy(x[vertices])
        values = runs(x.indptr, vertices)
        start = np.concatenate([[0], np.cumsum(np.diff(x.indptr)[vertices])]).astype(np.int32)
        parts = start, x.indices[values], x.data[values]
        starts, column, value = map(torch.from_numpy, parts)
        return csr_tensor(starts, column, value, (len(vertices), x.shape[1]))
