"""Features and edges side by side: the features of a vertex, and its place in the graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.features import as_dense, is_sparse
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.prepare.feature_scaling import inverse
from tvgnn_cli.prepare.structural import spectral_embedding

MOST_SPARSE = 256
"""Sparse features that are laid out beside eigenvectors, at most."""

SHARE = 0.25
"""Share of the eigenvectors in the mean squared distance of a row from the mean."""


@dataclass(frozen=True, eq=False)
class _Kept:
    """An embedding, and the edges that it is of, which live as long as it is kept."""

    edges: tuple[Any, Any]
    size: int
    seed: int
    vectors: np.ndarray

    def is_of(self, graph: Graph, size: int, seed: int) -> bool:
        same = self.edges[0] is graph.edge_index and self.edges[1] is graph.edge_weight
        return same and (self.size, self.seed) == (size, seed)


_KEPT: ContextVar[list[_Kept] | None] = ContextVar("kept", default=None)


@contextmanager
def eigenvectors_kept() -> Iterator[None]:
    """Find the eigenvectors of the same edges once, while clusters are sought in them in turn. One
    inside of another keeps nothing of its own.
    """
    if _KEPT.get() is not None:
        yield
        return
    token = _KEPT.set([])
    try:
        yield
    finally:
        _KEPT.reset(token)


def embedded(graph: Graph, size: int, seed: int) -> np.ndarray:
    """The rows of a graph's leading eigenvectors, `[n, min(size, n)]`, kept or anew."""
    kept = _KEPT.get()
    if kept is None:
        return spectral_embedding(graph, size, seed)
    for each in kept:
        if each.is_of(graph, size, seed):
            return each.vectors
    vectors = spectral_embedding(graph, size, seed)
    kept.append(_Kept((graph.edge_index, graph.edge_weight), size, seed, vectors))
    return vectors


def can_join(graph: Graph, config: ClusterConfig) -> bool:
    """Tell whether features are dense once they are reduced, or few."""
    width = graph.num_features
    return not is_sparse(graph.x) or min(config.components or width, width) <= MOST_SPARSE


def beside_eigenvectors(x: Any, graph: Graph, size: int, seed: int) -> np.ndarray:
    """Filtered features, and beside them the rows of a graph's leading eigenvectors.

    A mean over near vertices follows the edges only as far as features differ between clusters.
    Where they hardly do, their noise outweighs what the edges say, and eigenvectors say it apart.

    Args:
        x: filtered features, dense or CSR, `[n, f]`.
        graph: its edges alone are read.
        size: eigenvectors.
        seed: of the vector that their iteration starts from.

    Returns:
        float32 `[n, f + min(size, n)]`; of the mean squared distance of a row from the mean,
        `SHARE` is the eigenvectors'.

    Raises:
        UsageError: features are sparse, and many.
        TrainingError: no eigenvectors are found.
    """
    if is_sparse(x) and x.shape[1] > MOST_SPARSE:
        raise UsageError(
            "`view` joint needs features that are dense; give `components`, so that they are "
            "reduced"
        )
    vectors = embedded(graph, size, seed)
    parts = _of_spread(as_dense(x), 1 - SHARE), _of_spread(vectors, SHARE)
    return np.hstack(parts).astype(np.float32, copy=False)


def _of_spread(x: np.ndarray, spread: float) -> np.ndarray:
    """Rows `[n, f]` whose mean squared distance from their mean is the spread, or 0 where all are
    the same.
    """
    own = np.var(x, axis=0, dtype=np.float64).sum(keepdims=True)
    return np.asarray(x * np.sqrt(spread * inverse(own, where=own > 0)).astype(np.float32))
