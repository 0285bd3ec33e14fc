"""Places in the plane for the clusters of a graph: near where many edges join them."""

from __future__ import annotations

import numpy as np

NEAREST, FARTHEST = 1.0, 3.0
"""Distances of clusters with far more edges between them than chance has, and with none."""

STEPS = 200
"""Steps of stress majorisation from one start, at most."""

STARTS = 6
"""Starts beside the circle, of which the best is taken."""

GAIN = 1e-4
"""Share of the stress by which a step, or a start, has to gain."""

APART = 300
"""Rounds in which discs that overlap are moved apart, at most."""


def places_of(over_chance: np.ndarray) -> np.ndarray:
    """A place for each cluster, `[k, 2]`, the same for the same numbers: distances are as near as
    they come to a target that falls with the logarithm of the edges over chance.

    By stress majorisation from a circle and from random starts, the least stress of which counts;
    turned so that the longer side lies flat.
    Source: Gansner, Koren & North, "Graph drawing by stress majorization", 2004.

    Args:
        over_chance: weight of the edges between each two clusters over that of chance, `[k, k]`,
            symmetric; its diagonal is not looked at.
    """
    k = len(over_chance)
    if k < 3:
        return np.stack([np.arange(k) - (k - 1) / 2, np.zeros(k)], axis=1) * 1.6
    target = distances_of(over_chance)
    turn = 2 * np.pi * np.arange(k) / k
    circle = np.stack([-np.cos(turn), np.sin(turn)], axis=1) * target.mean() / 2
    best, least = _majorised(circle, target)
    random = np.random.default_rng(0)
    for _ in range(STARTS):
        found, stress = _majorised(random.normal(size=(k, 2)), target)
        if stress < least * (1 - GAIN):
            best, least = found, stress
    return _turned(best)


def distances_of(over_chance: np.ndarray) -> np.ndarray:
    """The distances that are aimed at, `[k, k]`, from 1 to 3; 0 on the diagonal."""
    with np.errstate(divide="ignore"):
        found = 2.0 - np.log2(over_chance) / 4
    found = np.clip(found, NEAREST, FARTHEST)
    np.fill_diagonal(found, 0.0)
    return np.asarray(found)


def _majorised(places: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, float]:
    """Places of less stress, and that stress."""
    k, stress = len(places), np.inf
    for _ in range(STEPS):
        length = _lengths(places)
        now = float(np.square(length - target).sum())
        if now > stress * (1 - GAIN):
            break
        stress = now
        ratio = np.divide(target, length, out=np.zeros_like(target), where=length > 1e-12)
        places = (places * ratio.sum(axis=1, keepdims=True) - ratio @ places) / k
    return places, stress


def _lengths(places: np.ndarray) -> np.ndarray:
    apart = places[:, None] - places[None, :]
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]))


def _turned(places: np.ndarray) -> np.ndarray:
    """Centred, the longer side flat, the first cluster on the upper left."""
    places = places - places.mean(axis=0)
    _, directions = np.linalg.eigh(places.T @ places)
    turned = places @ directions[:, ::-1]
    signs = np.where(turned[0] > 0, [-1.0, 1.0], [1.0, -1.0])
    return np.asarray(turned * np.where(turned[0] == 0, 1.0, signs))


def moved_apart(places: np.ndarray, radii: np.ndarray, gap: float) -> np.ndarray:
    """Places of discs that no longer overlap, `[k, 2]`, or overlap little where they are many.

    Args:
        places: `[k, 2]`.
        radii: of the discs, `[k]`, in the same unit.
        gap: that is kept between two.
    """
    wanted = radii[:, None] + radii[None, :] + gap
    np.fill_diagonal(wanted, 0.0)
    places = places.copy()
    for _ in range(APART):
        length = _lengths(places)
        short = np.maximum(wanted - length, 0.0)
        if float(short.max(initial=0.0)) < 1e-3 * gap:
            break
        unit = np.divide(short, length, out=np.zeros_like(short), where=length > 1e-9)
        # Half the way for each of the two; a little less, since a disc has several neighbours.
        places += 0.4 * (places * unit.sum(axis=1, keepdims=True) - unit @ places)
    return places
