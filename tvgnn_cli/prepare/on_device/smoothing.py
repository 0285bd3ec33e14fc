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
        self._graph = graph_on(graph, device)
        root = (graph.degrees + 1) ** -0.5
        self._root = torch.from_numpy(root.astype(np.float32)).to(device).unsqueeze(1)

    def __call__(self, x: Tensor) -> Tensor:
        if not self._steps:
            return x
        step, total, share = x, x * self._keep, (1 - self._keep) / self._steps
        for _ in range(self._steps):
            # With a loop at each vertex, which has the weight 1.
            near = step * self._root
            step = (neighbour_sum(near, self._graph) + near) * self._root
            total += step * share
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
