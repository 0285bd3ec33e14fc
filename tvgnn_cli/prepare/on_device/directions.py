"""Singular directions of filtered features on a device, by a block Krylov iteration.

Source: Musco & Musco, "Randomized block Krylov methods for stronger and faster approximate singular
value decomposition", NeurIPS 2015.
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
from tvgnn_cli.prepare.on_device.place import AT_ONCE
from tvgnn_cli.prepare.on_device.smoothing import Filter

ROUNDS, SPARE = 12, 16
"""Rounds of the iteration, at most, and directions in a block beyond those wanted."""

SETTLED = 1e-4
"""Length of what a direction lacks of being an eigenvector, beside the largest eigenvalue, at which
it is found.
"""

NOTHING_LEFT = 1e-6
"""Length of a new direction, beside the longest, below which it is rounding error."""


def directions_on(
    device: torch.device,
    graph: Graph,
    recipe: FeatureRecipe,
    x: Any,
    size: int,
    seed: int,
    signs: int,
) -> np.ndarray | None:
    """Right singular vectors of the filtered features, leading first, as rows `[size, f]`, float32;
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
    with product_precision("float32", device):
        filtered = Filtered(x, Filter(graph, recipe, device), recipe.cosine, signs, seed)
        if not bool(filtered.lengths.any()):
            return None
        return leading_directions(filtered, size, seed)


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
        self.x, self.smooth = kernels.feature_tensor(x, smooth.device).to(smooth.device), smooth
        self._seed = seed
        self.lengths = self._lengths(signs)
        self._weight = torch.ones_like(self.lengths)
        if unit:
            self._weight = torch.where(self.lengths > 0, 1 / self.lengths, 0)

    def gram_times(self, v: Tensor) -> Tensor:
        """`Y^T Y v` for filtered features Y, with rows of length 1 where these are asked for;
        v is `[f, c]`.
        """
        square = (self._weight * self._weight).unsqueeze(1)
        u = self.smooth(square * self.smooth(kernels.feature_product(self.x, v)))
        if self.x.layout == torch.sparse_csr:
            return csr_transposed_product(self.x, u)
        return self.x.t() @ u

    def _lengths(self, signs: int) -> Tensor:
        """Length of each filtered row, `[n]`, float32."""
        squares = torch.zeros(self.x.size(0), dtype=torch.float64, device=self.smooth.device)
        for columns in self._probes(signs):
            rows = self.smooth(kernels.feature_product(self.x, columns.to(squares.device)))
            squares += rows.square().sum(dim=1, dtype=torch.float64)
        return squares.sqrt().float()

    def _probes(self, signs: int) -> Iterator[Tensor]:
        """Columns that the features are multiplied by: each feature's own, or random signs."""
        n, width = self.x.shape
        if signs:
            drawn = np.random.default_rng(self._seed).choice([-1.0, 1.0], size=(width, signs))
            yield torch.from_numpy((drawn / np.sqrt(signs)).astype(np.float32))
            return
        columns = max(1, AT_ONCE // max(n, width))
        for first in range(0, width, columns):
            own = torch.zeros(width, min(columns, width - first))
            own[first : first + own.size(1)].fill_diagonal_(1)
            yield own


def leading_directions(of: Filtered, size: int, seed: int) -> np.ndarray:
    """Right singular vectors, leading first, as rows `[size, f]`, float32."""
    width, device = of.x.size(1), of.smooth.device
    drawn = np.random.default_rng(seed).standard_normal((width, min(size + SPARE, width)))
    block = torch.linalg.qr(torch.from_numpy(drawn).to(device))[0]
    space, images = block[:, :0], block[:, :0]
    for _ in range(ROUNDS):
        image = of.gram_times(block.float()).double()
        space, images = torch.cat([space, block], 1), torch.cat([images, image], 1)
        products = space.t() @ images
        values, inside = torch.linalg.eigh((products + products.t()) / 2)
        values, inside = values.flip(0)[:size], inside.flip(1)[:, :size]
        found = space @ inside
        lacking = (images @ inside - found * values).norm(dim=0).max()
        rest = image - space @ (space.t() @ image)
        rest -= space @ (space.t() @ rest)  # once more, against rounding
        left = rest.norm(dim=0) > NOTHING_LEFT * images.norm(dim=0).max()
        is_whole = space.size(1) == width or not bool(left.any())
        if is_whole or bool(lacking <= SETTLED * values[0]):
            break
        block = torch.linalg.qr(rest[:, left])[0][:, : width - space.size(1)]
    return np.asarray(found.t().float().cpu().numpy())
