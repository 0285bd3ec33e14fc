"""Edges between the largest clusters: what is left of a graph's edges once its run has let go of
them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tvgnn_cli.graph.graph import Graph

MOST = 40
"""Clusters whose edges are told apart, the largest."""

AT_ONCE = 2**20
"""Edges that are counted together."""


@dataclass(frozen=True, eq=False)
class Between:
    """Edges between m clusters, and inside each.

    Args:
        numbers: of these clusters, rising, int64 `[m]`.
        weight: of the edges between each two, float64 `[m, m]`, symmetric; twice that of the edges
            inside on the diagonal.
        volume: sum of the degrees of their vertices, by weight, `[m]`.
        total: sum of the degrees of all vertices that are in a cluster.
    """

    numbers: np.ndarray
    weight: np.ndarray
    volume: np.ndarray
    total: float

    @property
    def over_chance(self) -> np.ndarray:
        """The weights over those that chance would put there with the degrees as they are,
        `vol_a vol_b / vol`, `[m, m]`; 0 where there are none.
        """
        expected = np.outer(self.volume / max(self.total, 1e-300), self.volume)
        return _over(self.weight, expected)

    @property
    def conductance(self) -> np.ndarray:
        """`cut / min(volume, volume of the rest)`, in [0, 1], `[m]`; 0 where that is 0."""
        cut = np.maximum(self.volume - np.diag(self.weight), 0)
        return _over(cut, np.minimum(self.volume, self.total - self.volume))

    def renumbered(self, before: np.ndarray, after: np.ndarray) -> Between:
        """The same clusters by other numbers.

        Args:
            before: numbers of all clusters, rising, `[k]`.
            after: those in their places, distinct, `[k]`.
        """
        numbers = after[np.searchsorted(before, self.numbers)]
        order = np.argsort(numbers)
        return replace(
            self,
            numbers=numbers[order],
            weight=self.weight[np.ix_(order, order)],
            volume=self.volume[order],
        )


def between_of(graph: Graph, places: np.ndarray, numbers: np.ndarray) -> Between:
    """Measure the edges between the largest clusters, and inside each, in one pass.

    Args:
        graph: the graph, with its edges.
        places: cluster of each vertex, int64 `[n]`, from 0 to k - 1; -1 for none, whose edges do
            not count.
        numbers: of the clusters, rising, `[k]`.
    """
    k = len(numbers)
    sizes = np.bincount(places[places >= 0], minlength=k)
    shown = np.sort(np.argsort(-sizes, kind="stable")[:MOST])
    m = len(shown)
    # After the shown ones come all others together, and last those without a cluster.
    of = np.full(k + 1, m, dtype=np.int64)
    of[shown], of[-1] = np.arange(m), m + 1
    group = of[places]
    counted = np.zeros((m + 2) ** 2)
    for first in range(0, graph.num_edges, AT_ONCE):
        some = slice(first, first + AT_ONCE)
        tail, head = graph.edge_index[:, some]
        weight = None if graph.edge_weight is None else graph.edge_weight[some]
        cell = group[tail] * (m + 2) + group[head]
        counted += np.bincount(cell, weight, len(counted))
    one_way = counted.reshape(m + 2, m + 2)[:-1, :-1]
    both = one_way + one_way.T
    return Between(
        np.asarray(numbers)[shown], both[:m, :m], both[:m].sum(axis=1), float(both.sum())
    )


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return found
