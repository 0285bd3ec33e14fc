"""Leading eigenvectors of a product that is known only by what it makes of vectors.

Source: Musco & Musco, "Randomized block Krylov methods for stronger and faster approximate singular
value decomposition", NeurIPS 2015.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SPARE = 16
"""Directions in a block beyond those wanted."""

NOTHING_LEFT = 1e-6
"""Length of a new direction, beside the longest, below which it is rounding error."""


def leading_directions(
    product: Callable[[np.ndarray], np.ndarray],
    width: int,
    size: int,
    random: np.random.Generator,
    rounds: int,
    settled: float = 0.0,
) -> np.ndarray | None:
    """Eigenvectors of the largest eigenvalues, leading first, as rows `[size, f]`, float64; None
    where the product is 0.

    Args:
        product: of a symmetric matrix `[f, f]` without negative eigenvalues, with `[f, c]`.
        width: f.
        size: how many are wanted.
        random: of the start.
        rounds: products, at most.
        settled: length of what each lacks of being an eigenvector, over the largest eigenvalue, at
            which they are found; 0 for all rounds.
    """
    space, images = np.zeros((width, 0)), np.zeros((width, 0))
    block = np.linalg.qr(random.standard_normal((width, min(size + SPARE, width))))[0]
    for _ in range(rounds):
        image = product(block)
        space, images = np.hstack([space, block]), np.hstack([images, image])
        products = space.T @ images
        values, inside = np.linalg.eigh((products + products.T) / 2)
        values, inside = values[::-1][:size], inside[:, ::-1][:, :size]
        rest = image - space @ (space.T @ image)
        rest -= space @ (space.T @ rest)  # once more, against rounding
        left = np.linalg.norm(rest, axis=0) > NOTHING_LEFT * np.linalg.norm(images, axis=0).max()
        if not left.any() or space.shape[1] == width:
            break
        if settled:
            lacking = np.linalg.norm(images @ inside - space @ inside * values, axis=0)
            if lacking.max() <= settled * values[0]:
                break
        block = np.linalg.qr(rest[:, left])[0][:, : width - space.shape[1]]
    return (space @ inside).T if images.any() else None
