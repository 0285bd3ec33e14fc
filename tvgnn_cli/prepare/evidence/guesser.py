"""Guesses of clusters from features, by ridge regression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from tvgnn_cli.machine.library_threads import limited_to
from tvgnn_cli.prepare.on_device.place import device_for

RIDGE = 1e-2
"""Weight of the ridge penalty, over the mean variance of a direction."""

FOLDS, DRAWS = 5, 3
"""Parts of the vertices, each guessed from the others; and how often these are drawn, since one
draw differs from the next by as much as one clustering from another.
"""

MOST_VERTICES = 2 * 10**5
"""Vertices that are learned from; of more, so many at random."""

AT_ONCE = 2**16
"""Vertices beyond these that are guessed at a time."""

ROUNDING = 1e-9
"""Share of the squares of features below which their spread may be an error of rounding."""

TINY = float(np.finfo(np.float32).tiny)


class Rows(Protocol):
    """Features of vertices without their mean, and 1 beside them: X `[n, p + 1]`, float64."""

    def gram(self, which: np.ndarray) -> np.ndarray:
        """`X^T X` of some rows, `[p + 1, p + 1]`."""
        ...

    def transposed_times(self, which: np.ndarray, values: np.ndarray) -> np.ndarray:
        """`X^T V` of some rows, for values V `[m, c]` of theirs: `[p + 1, c]`."""
        ...

    def times(self, which: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """`X W` of some rows, for weights W `[p + 1, c]`: `[m, c]`."""
        ...


class HostRows:
    """`Rows` in the CPU's memory, of features `[n, p]`."""

    def __init__(self, known: np.ndarray) -> None:
        self.x = _with_one(known)

    def gram(self, which: np.ndarray) -> np.ndarray:
        x = self.x[which]
        return np.asarray(x.T @ x)

    def transposed_times(self, which: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.asarray(self.x[which].T @ values)

    def times(self, which: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return np.asarray(self.x[which] @ weights)


def rows_of(known: np.ndarray) -> Rows:
    """`Rows` of features `[n, p]`, on the device of the preparation where there is one."""
    device = device_for(2 * 3 * known.size, DRAWS * FOLDS * known.size * known.shape[1])
    if device is None:
        return HostRows(known)
    from tvgnn_cli.prepare.on_device.rows import DeviceRows

    return DeviceRows(known, device)


class Guesser:
    """Guesses of a vertex's cluster from its own features, by ridge regression over the features of
    vertices in other parts. What does not depend on the clusters is made once.

    Args:
        probe: features of each vertex, `[n, p]`; of many, a sample is learned from.
        random: of the sample, and of the parts, which are drawn `DRAWS` times.
        most_vertices: that are learned from; None for `MOST_VERTICES`.
        rows_at_once: vertices that are guessed at once, of those that are not learned from; None
            for `AT_ONCE`.
    """

    def __init__(
        self,
        probe: np.ndarray,
        random: np.random.Generator,
        most_vertices: int | None = None,
        rows_at_once: int | None = None,
    ) -> None:
        self.rows_at_once = rows_at_once or AT_ONCE
        self.probe = probe
        self.sample = sample_of(len(probe), most_vertices or MOST_VERTICES, random)
        known = self.sampled(probe)
        # Without their mean, so that what is the same for all is 0 and no rounding error.
        self._mean = known.mean(axis=0, dtype=np.float64)
        self._rows, self._count = rows_of(known - self._mean), len(known)
        self.draws = [self._draw(random) for _ in range(DRAWS)]

    def sampled(self, values: np.ndarray) -> np.ndarray:
        """Those of values `[n, ...]` that are of the vertices which are learned from."""
        return values if self.sample is None else values[self.sample]

    def _draw(self, random: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
        """The part of each vertex, `[n]`, and for each part the inverse that turns the others'
        products with clusters into weights: `[p + 1, p + 1]`, the last column for the mean.
        """
        part = random.permutation(self._count) % FOLDS
        with limited_to(1):
            grams = [self._rows.gram(part == one) for one in range(FOLDS)]
            return part, [_inverse(sum(grams) - gram) for gram in grams]

    def guesses(self, labels: np.ndarray) -> Iterator[np.ndarray]:
        """Guess, for each draw, how much of each of the clusters `[n]` a sampled vertex is:
        `[sampled, k]`, columns of clusters that have none of them all -infinite.
        """
        present, wanted = _wanted(self.sampled(labels))
        for part, inverses in self.draws:
            scores = np.full((len(wanted), int(labels.max()) + 1), -np.inf)
            with limited_to(1):
                products = [
                    self._rows.transposed_times(part == i, wanted[part == i]) for i in range(FOLDS)
                ]
                for left_out, inverse in enumerate(inverses):
                    weights = inverse @ (sum(products) - products[left_out])
                    rows = part == left_out
                    scores[np.ix_(rows, present)] = self._rows.times(rows, weights)
            yield scores

    def guesses_of_others(self, labels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Guess the same of the vertices that are not sampled, from all that are: some of them,
        `[m]`, and their guesses, `[m, k]`.
        """
        present, wanted = _wanted(self.sampled(labels))
        with limited_to(1):
            every = np.ones(self._count, dtype=bool)
            weights = _inverse(self._rows.gram(every))
            weights = weights @ self._rows.transposed_times(every, wanted)
        known = np.arange(len(labels)) if self.sample is None else self.sample
        others = np.delete(np.arange(len(labels)), known)
        for first in range(0, len(others), self.rows_at_once):
            rows = others[first : first + self.rows_at_once]
            scores = np.full((len(rows), int(labels.max()) + 1), -np.inf)
            with limited_to(1):
                scores[:, present] = _with_one(self.probe[rows] - self._mean) @ weights
            yield rows, scores


def sample_of(count: int, most: int, random: np.random.Generator) -> np.ndarray | None:
    """So many of `count` at random, sorted; None for all of them."""
    return None if count <= most else np.sort(random.choice(count, most, replace=False))


def _with_one(x: np.ndarray) -> np.ndarray:
    return np.hstack([x, np.ones((len(x), 1))])


def _wanted(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The clusters that there are, `[c]`, and what a guess of each should be, `[n, c]`."""
    present, codes = np.unique(labels, return_inverse=True)
    return present, np.eye(len(present))[codes]


def _inverse(gram: np.ndarray) -> np.ndarray:
    """Inverse of the products of features `[p + 1, p + 1]` with the ridge penalty, which the mean
    is free of.
    """
    n, mean = gram[-1, -1], gram[-1, :-1] / gram[-1, -1]
    squares = np.trace(gram[:-1, :-1])
    spread = max(squares - n * np.square(mean).sum(), ROUNDING * squares)
    penalty = np.full(len(gram), RIDGE * spread / max(len(mean), 1) + TINY * n)
    penalty[-1] = 0
    return np.asarray(np.linalg.inv(gram + np.diag(penalty)))
