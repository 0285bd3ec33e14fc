"""Random walks over a graph, and the embedding of vertices as the words of these sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer

WALKS, LENGTH = 10, 80
"""Walks from each vertex, and vertices of a walk."""

DIMENSIONS, WINDOW, LEARNING_RATE = 128, 5, 0.05
"""Width of the embedding, steps on each side of a vertex, step size of its training. These and the
walks are the defaults of Karate Club, which B.3 names.
"""


def random_walks(
    graph: Graph, seed: int, *, back: float = 1.0, out: float = 1.0
) -> Iterator[np.ndarray]:
    """`WALKS` arrays `[n, LENGTH]` of vertices, one walk from each vertex in each of them.

    A step from v, having come from t, goes to a neighbour u with a chance in proportion to the
    edge's weight, divided by `back` where u is t and by `out` where u is no neighbour of t: the
    second-order walk of node2vec with p and q, drawn by rejection. A vertex without edges stays.

    Source: Grover & Leskovec, "node2vec", KDD 2016, Section 3.2; the rejection as in Yang et al.,
    "KnightKing", SOSP 2019.
    """
    random = np.random.default_rng(seed)
    steps = _Steps(graph, random)
    most = max(1 / back, 1.0, 1 / out)
    for _ in range(WALKS):
        walk = np.empty((graph.num_vertices, LENGTH), dtype=np.int32)
        walk[:, 0] = np.arange(graph.num_vertices)
        for position in range(1, LENGTH):
            here = walk[:, position - 1]
            there = steps.draw(here)
            if position > 1 and most > min(1 / back, 1.0, 1 / out):
                _reject(steps, random, walk[:, position - 2], here, there, back, out, most)
            walk[:, position] = there
        yield walk


def _reject(
    steps: _Steps,
    random: np.random.Generator,
    before: np.ndarray,
    here: np.ndarray,
    there: np.ndarray,
    back: float,
    out: float,
    most: float,
) -> None:
    """Draw anew, in place, until each step is accepted with its own chance."""
    open_walks = np.flatnonzero(steps.degree[here] > 0)
    while len(open_walks):
        source, target = before[open_walks], there[open_walks]
        chance = np.where(steps.are_neighbours(source, target), 1.0, 1 / out)
        chance[source == target] = 1 / back
        open_walks = open_walks[random.random(len(open_walks)) * most > chance]
        there[open_walks] = steps.draw(here[open_walks])


class _Steps:
    """Draws neighbours in proportion to the weight of their edges."""

    def __init__(self, graph: Graph, random: np.random.Generator) -> None:
        adjacency = sp.csr_array(graph.adjacency)
        adjacency.sort_indices()
        self._random, self._start, self._other = random, adjacency.indptr, adjacency.indices
        self.degree = np.diff(adjacency.indptr)
        self._n = graph.num_vertices
        self._keys = np.repeat(np.arange(self._n, dtype=np.int64), self.degree) * self._n
        self._keys += self._other
        weights = None if graph.edge_weight is None else adjacency.data.astype(np.float64)
        self._sums = None if weights is None else np.concatenate([[0.0], np.cumsum(weights)])

    def draw(self, vertices: np.ndarray) -> np.ndarray:
        """A neighbour of each; itself for one without any."""
        first, degree = self._start[vertices], self.degree[vertices]
        if self._sums is None:
            place = first + (self._random.random(len(vertices)) * degree).astype(np.int64)
        else:
            low, high = self._sums[first], self._sums[first + degree]
            drawn = low + self._random.random(len(vertices)) * (high - low)
            place = np.searchsorted(self._sums, drawn, side="right") - 1
        place = np.clip(place, first, np.maximum(first + degree - 1, first))
        found = self._other[np.minimum(place, len(self._other) - 1)]
        return np.where(degree > 0, found, vertices).astype(np.int32)

    def are_neighbours(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        wanted = one.astype(np.int64) * self._n + other
        place = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        return np.asarray(self._keys[place] == wanted)


def skip_gram(
    walks: Iterable[np.ndarray], num_vertices: int, seed: int, observer: Observer, **options: Any
) -> np.ndarray:
    """Vertices as points, float32 `[n, DIMENSIONS]`: those are near whose walks meet the same.

    gensim's Word2Vec with skip-grams, on one thread, for the same result each time.

    Args:
        walks: arrays of vertices, a walk in each row.
        num_vertices: n.
        seed: of all randomness.
        observer: told of the phase.
        options: of `Word2Vec`: hierarchical softmax or negative samples.
    """
    from gensim.models.word2vec import Word2Vec

    names = np.array([str(vertex) for vertex in range(num_vertices)], dtype=object)
    observer.phase("random walks")
    sentences = [row for walk in walks for row in names[walk].tolist()]
    np.random.default_rng(seed).shuffle(sentences)
    observer.phase("skip-grams")
    model = Word2Vec(
        sentences, vector_size=DIMENSIONS, window=WINDOW, min_count=0, sg=1, workers=1,
        alpha=LEARNING_RATE, epochs=1, seed=seed, sample=0, **options,
    )  # fmt: skip
    return np.asarray(model.wv[names.tolist()], dtype=np.float32)
