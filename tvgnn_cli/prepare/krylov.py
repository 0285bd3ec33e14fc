"""Leading eigenvectors of a product that is known only by what it makes of vectors.

Source: Musco & Musco, "Randomized block Krylov methods for stronger and faster approximate singular
value decomposition", NeurIPS 2015.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tvgnn_cli.machine.library_threads import lanczos_threads

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
        settled: length of what each lacks of being an eigenvector, over its eigenvalue, at which
            they are found; 0 for all rounds.

    Raises:
        OverflowError: a product holds what is no number.
    """
    space, images = np.zeros((width, 0)), np.zeros((width, 0))
    block = np.linalg.qr(random.standard_normal((width, min(size + SPARE, width))))[0]
    for _ in range(rounds):
        image = product(block)
        if not np.isfinite(image).all():
            raise OverflowError
        with lanczos_threads(width):
            space, images = np.hstack([space, block]), np.hstack([images, image])
            products = space.T @ images
            values, inside = np.linalg.eigh((products + products.T) / 2)
            values, inside = values[::-1][:size], inside[:, ::-1][:, :size]
            lacking = np.linalg.norm(images @ inside - space @ inside * values, axis=0)
            if (lacking <= settled * np.maximum(values, NOTHING_LEFT * values[0])).all():
                break
            block = _new_directions(image, space, np.linalg.norm(images, axis=0).max())
        if not block.size:
            break
    return (space @ inside).T if images.any() else None


def _new_directions(image: np.ndarray, space: np.ndarray, longest: float) -> np.ndarray:
    """An orthonormal basis of what images have beyond the space, `[f, c]`, by singular vectors:
    where images depend on each other there are fewer of these than images.
    """
    rest = image - space @ (space.T @ image)
    rest -= space @ (space.T @ rest)  # once more, against rounding
    new, lengths, _ = np.linalg.svd(rest, full_matrices=False)
    return new[:, lengths > NOTHING_LEFT * longest][:, : len(space) - space.shape[1]]
