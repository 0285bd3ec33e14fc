"""Forces between points, and where points come to rest under them.

What all others do to one of many points is read off a grid, in time that grows with the points.
Source of the grid: Linderman et al., "Fast interpolation-based t-SNE for improved visualization of
single-cell RNA-seq data", Nature Methods 16, 2019, which has other forces.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.fft
import scipy.sparse as sp

FEW = 400
"""Points whose forces on each other are summed pair by pair."""

STEPS_FEW, STEPS_MANY = 300, 80
"""Rounds of movement of few points and of many."""


def normalised(edges: np.ndarray, weights: np.ndarray, n: int, factor: np.ndarray) -> sp.csr_array:
    """Symmetric `[n, n]` of `f_ij w_ij / sqrt(d_i d_j)`: no vertex is drawn more than with about 1,
    each of its edges by its share and factor.
    """
    ends = np.concatenate([edges, edges[::-1]], axis=1)
    degree = np.bincount(edges.reshape(-1), np.tile(weights, 2), n)
    scale = 1 / np.sqrt(np.where(degree > 0, degree, 1))
    values = np.tile(weights * factor, 2) * scale[ends[0]] * scale[ends[1]]
    return sp.csr_array((values.astype(np.float32), tuple(ends)), shape=(n, n))


def settled(
    start: np.ndarray,
    pulls: sp.csr_array,
    mass: np.ndarray,
    anchor: np.ndarray,
    hold: np.ndarray,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """Points after they moved to where forces are in balance: springs along `pulls`, springs of
    strength `hold [n, 1]` to their anchors, and repulsion by mass over distance.

    Where there are groups, repulsion spreads and bends each, and pushes none away as a whole.
    """
    points, few = start.astype(np.float64), len(start) <= FEW
    if len(points) < 2:
        return points
    steps = STEPS_FEW if few else STEPS_MANY
    strength = np.asarray(pulls.sum(axis=1)).ravel()[:, None] + hold
    repulsion = pairwise if few else by_grid
    reach = 0.1 * np.sqrt(mass.sum())
    for step in range(steps):
        away = repulsion(points, mass)
        if groups is not None:
            away -= _means(away, groups)[groups]
        force = pulls @ points + hold * anchor - strength * points + away
        length = np.hypot(*force.T)[:, None]
        most = reach * (1 - step / steps) + 1e-9
        points = points + force / strength * np.minimum(1, most / np.maximum(length, 1e-12)) * 0.5
    return points


def _means(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Mean of values `[n, 2]` in each group, `[g, 2]`."""
    sizes = np.maximum(np.bincount(groups), 1)
    return np.stack([np.bincount(groups, column) / sizes for column in values.T], axis=1)


def pairwise(points: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Repulsion of all others on each point, `[n, 2]`."""
    across, up = points[:, 0, None] - points[:, 0], points[:, 1, None] - points[:, 1]
    weight = mass / (across**2 + up**2 + 0.1)
    return np.stack([(weight * across).sum(axis=1), (weight * up).sum(axis=1)], axis=1)


def by_grid(points: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """The same for many points, whose masses are spread over the corners of a grid's cells and
    whose forces are interpolated from there.
    """
    cells = 128 if len(points) < 20_000 else 256
    low = points.min(axis=0)
    width = float((points.max(axis=0) - low).max()) / (cells - 2) + 1e-9
    at = (points - low) / width
    cell = at.astype(np.int64)
    part = at - cell
    corners = [(dx, dy) for dx in (0, 1) for dy in (0, 1)]
    shares = [np.prod(np.where((dx, dy), part, 1 - part), axis=1) for dx, dy in corners]
    spots = [(cell[:, 0] + dx) * cells + cell[:, 1] + dy for dx, dy in corners]
    spread = sum(np.bincount(s, mass * p, cells**2) for s, p in zip(spots, shares, strict=True))
    field = _field(np.asarray(spread, dtype=np.float32).reshape(cells, cells))
    found = np.zeros((len(points), 2))
    for spot, share in zip(spots, shares, strict=True):
        found += field[spot] * share[:, None]
    return found / width


def _field(spread: np.ndarray) -> np.ndarray:
    """Force at each cell of a grid `[c, c]` of masses, `[c * c, 2]`, in units of a cell."""
    cells = len(spread)
    kernel = _kernel(cells)
    waves = scipy.fft.rfft2(spread, (2 * cells, 2 * cells))
    # The kernel of the other axis is the same one turned; so is the field of masses turned.
    turned = scipy.fft.rfft2(spread.T, (2 * cells, 2 * cells))
    one = scipy.fft.irfft2(waves * kernel, (2 * cells, 2 * cells))[:cells, :cells]
    other = scipy.fft.irfft2(turned * kernel, (2 * cells, 2 * cells))[:cells, :cells].T
    return np.stack([one.ravel(), other.ravel()], axis=1)


@cache
def _kernel(cells: int) -> np.ndarray:
    """Force of one mass along the first axis, as waves on a grid twice as wide."""
    steps = np.arange(2 * cells, dtype=np.float32)
    steps = np.where(steps < cells, steps, steps - 2 * cells)
    squared = steps[:, None] ** 2 + steps**2 + np.float32(0.5)
    return np.asarray(scipy.fft.rfft2(steps[:, None] / squared))
