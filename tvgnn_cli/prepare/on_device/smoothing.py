"""The filter over near vertices on a device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.kernels import GraphTensors, neighbour_sum
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.on_device.place import at_once


def graph_on(graph: Graph, device: torch.device) -> GraphTensors:
    """The edges of a graph, and their weights, on a device."""
    weight = graph.edge_weight
    return GraphTensors(
        torch.from_numpy(np.ascontiguousarray(graph.edge_index)),
        graph.num_vertices,
        None if weight is None else torch.from_numpy(weight.astype(np.float32)),
    ).to(device)


def _normalized(graph: GraphTensors, root: Tensor) -> GraphTensors:
    """The same edges with the weights `D^-1/2 A D^-1/2`, given `D^-1/2`, `[n]`."""
    tail, head = graph.edge_index
    weight = root[tail] * root[head]
    if graph.edge_weight is not None:
        weight *= graph.edge_weight
    return GraphTensors(graph.edge_index, graph.num_vertices, weight, has_its_vertices=True)


class Filter:
    """The filter of `smoothing.feature_filter`, of values `[n, c]` on a device.

    Args:
        graph: whose near vertices a mean is taken over.
        recipe: how many steps, and how much of a value is kept.
        device: where.
    """

    def __init__(self, graph: Graph, recipe: FeatureRecipe, device: torch.device) -> None:
        self.device, self._steps, self._keep = device, recipe.filter_steps, recipe.filter_keep
        if not self._steps:
            return
        root = torch.from_numpy(((graph.degrees + 1) ** -0.5).astype(np.float32)).to(device)
        self._graph = _normalized(graph_on(graph, device), root)
        self._loops = (root * root).unsqueeze(1)

    def __call__(self, x: Tensor) -> Tensor:
        if not self._steps:
            return x
        step, total, share = x, x * self._keep, (1 - self._keep) / self._steps
        for _ in range(self._steps):
            step = neighbour_sum(step, self._graph).addcmul_(step, self._loops)
            total.add_(step, alpha=share)
        return total

    def of_array(self, x: np.ndarray) -> np.ndarray:
        """The same of an array `[n]` or `[n, c]`, some columns at a time, there and back."""
        values = x.reshape(len(x), -1)
        found, columns = np.empty_like(values), at_once(len(x))
        for first in range(0, values.shape[1], columns):
            some = np.ascontiguousarray(values[:, first : first + columns])
            on_device = self(torch.from_numpy(some).to(self.device))
            found[:, first : first + columns] = on_device.cpu().numpy()
        return found.reshape(x.shape)
