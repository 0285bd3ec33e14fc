"""Search for the number of clusters that scores best among those that a graph's size allows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.description import bits_saved
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.optima import OPTIMA, grouped
from tvgnn_cli.prepare.evidence.support import Judge
from tvgnn_cli.prepare.evidence.tried import NEAR, Choice, Tried
from tvgnn_cli.prepare.kmeans import initialisations

SIZE = 3
"""Vertices of a cluster, on average, down to which numbers are tried."""

NUMBERS = 5 * 10**7
"""Numbers that the eigenvectors of a graph may have together: up to so many clusters times
vertices.
"""

FIRST, WIDER = 16, 2.5
"""Numbers that are tried in any case, and the factor of the best so far up to which others are."""

EACH, STEP = 8, 1.2
"""Numbers up to which each one is tried at first, and the factor between those after it."""

STARTS = 20
"""k-means starts of each number, at most."""


def most_of(graph: Graph, known: list[int] | None) -> int:
    """The largest number that may be tried: of those that are known, in order, else of all that the
    graph's size allows.
    """
    n = max(graph.num_vertices, 2)
    if known:
        return min(known[-1], n)
    return max(2, min(n // SIZE, NUMBERS // n))


@dataclass(eq=False)
class Search:
    """Search for the number of clusters that scores best.

    Args:
        features: of each number, `[n, f]`.
        graph: whose edges score.
        config: the seed.
        observer: told of each number.
        judge: of edges and features; None where only edges score.
    """

    features: Callable[[int], Any]
    graph: Graph
    config: ClusterConfig
    observer: Observer
    judge: Judge | None = None
    tried: dict[int, Tried] = field(default_factory=dict)
    is_open: bool = False

    def run(self, numbers: list[int] | None) -> Tried:
        """Try all of the numbers, or those that lead to the best one; the best."""
        if numbers is not None:
            for number in numbers:
                self._try(number)
            self.is_open = numbers[-1] < self.graph.num_vertices // SIZE
            return self.best
        most = most_of(self.graph, None)
        for number in _steps(most):
            if number > max(FIRST, WIDER * self._highest):
                break
            self._try(number)
        else:
            self.is_open = most < self.graph.num_vertices // SIZE
        self._refine()
        return self.best

    @property
    def best(self) -> Tried:
        """The best so far: of equal ones the smallest. Support may be a little less than the best
        for a larger number, which says more.
        """
        found = sorted(self.tried.values(), key=lambda each: each.num_clusters)
        top = max(found, key=lambda each: each.score)
        if self.judge is None or top.score <= 0:
            return top
        return next(each for each in reversed(found) if each.score >= NEAR * top.score)

    @property
    def _highest(self) -> int:
        return (
            max(self.tried.values(), key=lambda each: each.score).num_clusters if self.tried else 0
        )

    def _refine(self) -> None:
        """Halve the gaps beside the best until there are none."""
        while True:
            known, at = sorted(self.tried), self._highest
            place = known.index(at)
            gaps = [(known[i], known[i + 1]) for i in (place - 1, place) if 0 <= i < len(known) - 1]
            middles = [(low + high) // 2 for low, high in gaps if high - low > 1]
            if not middles:
                return
            for number in middles:
                self._try(number)

    def _try(self, number: int) -> None:
        self.observer.phase("number of clusters", number)
        config = replace(self.config, num_clusters=number)
        x = self.features(number)
        starts = max(1, min(STARTS, initialisations(x, number)))
        found = [each.labels for each in grouped(x, config, starts, OPTIMA).found]
        index, weight = self.graph.edge_index, self.graph.edge_weight
        bits = [bits_saved(labels, index, weight) for labels in found]
        support = None
        if self.judge is not None:
            support = max(self.judge.support(labels).share for labels in found[:2])
        self.tried[number] = Tried(number, max(bits), support)

    def choice(self, best: Tried, view: str) -> Choice:
        """Make the choice of what came of it."""
        tried = tuple(self.tried[number] for number in sorted(self.tried))
        return Choice(best.num_clusters, tried, view, best.bits > 0, self.is_open)


def _steps(most: int) -> list[int]:
    """Numbers from 2 up, each one at first, further and further apart then, and the largest."""
    found, number = [], 2
    while number < most:
        found.append(number)
        number += 1 if number < EACH else max(1, math.ceil((STEP - 1) * number))
    return [*found, most]
