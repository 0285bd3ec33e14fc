"""Singular directions of filtered features: the products with these are made on a device, also on
the CPU where they are large.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli import kernels
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.kernels.sparse_product import csr_transposed_product
from tvgnn_cli.machine.device import product_precision
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.krylov import leading_directions
from tvgnn_cli.prepare.on_device.place import at_once
from tvgnn_cli.prepare.on_device.smoothing import Filter

ROUNDS = 12
"""Products at most."""

ARRAYS = 4
"""Numbers that a product holds at a time of each vertex and column, about."""

SETTLED = 1e-3
"""Length of what a direction may lack of being an eigenvector, over its eigenvalue."""


def directions_on(
    device: torch.device | str,
    graph: Graph,
    recipe: FeatureRecipe,
    x: Any,
    size: int,
    seed: int,
    signs: int,
) -> np.ndarray | None:
    """Right singular vectors of the filtered features, leading first, as rows `[size, f]`, float64;
    None where all features are 0.

    Args:
        device: where they are found.
        graph: whose near vertices the filter takes means over.
        recipe: the filter, and whether each filtered row has length 1.
        x: scaled features `[n, f]`, dense or CSR.
        size: how many directions.
        seed: of the start, and of signs.
        signs: random signs that lengths of rows are estimated from; 0 for exact lengths.
    """
    device = torch.device(device)
    with product_precision("float32", device):
        filtered = Filtered(x, Filter(graph, recipe, device), recipe.cosine, signs, seed)
        if not bool(filtered.lengths.any()):
            return None
        random = np.random.default_rng(seed)
        product, width = filtered.gram_times, filtered.x.size(1)
        return leading_directions(product, width, size, random, ROUNDS, SETTLED)


class Filtered:
    """Filtered features, which are never formed whole: products with them, on a device.

    Args:
        x: scaled features `[n, f]`, dense or CSR.
        smooth: the filter.
        unit: whether each filtered row has length 1.
        signs: random signs that lengths of rows are estimated from; 0 for exact lengths.
        seed: of these.
    """

    def __init__(self, x: Any, smooth: Filter, unit: bool, signs: int, seed: int) -> None:
        as_read = False if smooth.device.type == "cpu" else None  # a copy that may be larger
        features = kernels.feature_tensor(x, smooth.device, dense=as_read)
        self.x, self.smooth = features.to(smooth.device), smooth
        self._seed = seed
        self.lengths = self._lengths(signs)
        self._weight = torch.ones_like(self.lengths)
        if unit:
            self._weight = torch.where(self.lengths > 0, 1 / self.lengths, 0)

    def gram_times(self, block: np.ndarray) -> np.ndarray:
        """`Y^T Y B` for filtered features Y, with rows of length 1 where these are asked for, and a
        block B `[f, c]`, there and back; float64.
        """
        v = torch.from_numpy(block.astype(np.float32))
        products = [self._gram_times(some) for some in self._apart(v)]
        return torch.cat(products, dim=1).cpu().numpy().astype(np.float64)

    def _apart(self, v: Tensor) -> Iterator[Tensor]:
        """Columns of a block, on the device: of a CPU, some at a time, which stay in its caches."""
        device = self.smooth.device
        columns = max(at_once(self.x.size(0)) // ARRAYS, 1) if device.type == "cpu" else v.size(1)
        return (some.contiguous().to(device) for some in torch.split(v, columns, dim=1))

    def _gram_times(self, v: Tensor) -> Tensor:
        square = (self._weight * self._weight).unsqueeze(1)
        u = kernels.feature_product(self.x, v)
        u = self.smooth(square * self.smooth(u))
        is_csr = self.x.layout == torch.sparse_csr
        return csr_transposed_product(self.x, u) if is_csr else self.x.t() @ u

    def _lengths(self, signs: int) -> Tensor:
        """Length of each filtered row, `[n]`, float32."""
        squares = torch.zeros(self.x.size(0), dtype=torch.float64, device=self.smooth.device)
        for columns in self._probes(signs):
            for some in self._apart(columns):
                rows = self.smooth(kernels.feature_product(self.x, some))
                squares += rows.square().sum(dim=1, dtype=torch.float64)
        return squares.sqrt().float()

    def _probes(self, signs: int) -> Iterator[Tensor]:
        """Columns that the features are multiplied by: each feature's own, or random signs."""
        n, width = self.x.shape
        if signs:
            drawn = np.random.default_rng(self._seed).choice([-1.0, 1.0], size=(width, signs))
            yield torch.from_numpy((drawn / np.sqrt(signs)).astype(np.float32))
            return
        columns = at_once(max(n, width))
        for first in range(0, width, columns):
            own = torch.zeros(width, min(columns, width - first))
            own[first : first + own.size(1)].fill_diagonal_(1)
            yield own
