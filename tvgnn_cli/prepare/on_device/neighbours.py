"""Vertices that are near each other by features, on a device: by all distances."""

from __future__ import annotations

import numpy as np
import torch

from tvgnn_cli.machine.device import product_precision
from tvgnn_cli.prepare.on_device.place import at_once


def nearest(x: np.ndarray, count: int, device: torch.device) -> np.ndarray:
    """The nearest vertices of each, int64 `[n, count]`; x is float32 `[n, f]`."""
    points = torch.from_numpy(np.ascontiguousarray(x)).to(device)
    squares, n = points.square().sum(dim=1), len(points)
    found = np.empty((n, count), dtype=np.int64)
    rows = at_once(n)
    with product_precision("float32", device):
        for first in range(0, n, rows):
            block = points[first : first + rows]
            distance = torch.addmm(squares, block, points.t(), alpha=-2)
            own = torch.arange(len(block), device=device)
            distance[own, own + first] = torch.inf
            near = distance.topk(count, dim=1, largest=False, sorted=False).indices
            found[first : first + rows] = near.cpu().numpy()
    return found
