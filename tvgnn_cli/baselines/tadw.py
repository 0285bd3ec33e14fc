"""TADW: DeepWalk's matrix, factorised with the features as one of its factors."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.baselines.attributes import (
    attributes,
    left_directions,
    transition_matrix,
)
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.feature_scaling import unit_rows

DIMENSIONS, REDUCED, REGULARISATION, ROUNDS = 80, 200, 0.2, 20
"""k, dimensions of the reduced features and lambda of the method's paper; rounds of alternation."""


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """`[W^T, (H T)^T]`, `[n, 160]`, that minimise `|M - W^T H T|^2 + lambda (|W|^2 + |H|^2)`.

    `M = (P + P^2) / 2` with P the transition matrix, T the features reduced by an SVD, columns as
    long as the square roots of their singular values, the first 1. Rows of both halves have unit
    length. Both steps of the alternation are solved in closed form, where Karate Club, which B.3
    names, takes ten steps of a gradient; its columns are as long as the singular values, those of
    the authors' code all 1.

    Source: Yang et al., "Network representation learning with rich text information", IJCAI 2015,
    Eq. 6 and Section 4.

    Raises:
        InputError: the graph has no features.
    """
    features = attributes(graph, config)
    observer.phase("factorisation")
    reduced = left_directions(features, min(REDUCED, graph.num_vertices - 1), config.seed)
    length = np.linalg.norm(reduced, axis=0)
    reduced /= np.sqrt(np.where(length > 0, length * length.max(), 1))
    step = transition_matrix(graph)

    def product(rows: np.ndarray) -> np.ndarray:
        """`M @ rows` `[n, ...]`, without making M."""
        once = step @ rows
        return np.asarray((once + step @ once) / 2)

    random = np.random.default_rng(config.seed)
    size = min(DIMENSIONS, reduced.shape[1])
    h = random.standard_normal((size, reduced.shape[1])) / reduced.shape[1] ** 0.5
    gram_values, gram_vectors = np.linalg.eigh(reduced.T @ reduced)
    m_reduced = product(reduced)  # [n, r]
    w = np.zeros((graph.num_vertices, size))
    for done in range(ROUNDS):
        observer.phase("factorisation", done, ROUNDS)
        other = reduced @ h.T  # [n, size]
        w = product(other) @ np.linalg.inv(other.T @ other + REGULARISATION * np.eye(size))
        h = right_factor(w.T @ w, w.T @ m_reduced, gram_values, gram_vectors)
    return np.concatenate([unit_rows(w), unit_rows(reduced @ h.T)], axis=1)


def right_factor(
    left_gram: np.ndarray, against: np.ndarray, gram_values: np.ndarray, gram_vectors: np.ndarray
) -> np.ndarray:
    """H `[k, r]` of `(W^T W) H (T T^T) + lambda H = W^T M T^T`, where the gradient is 0.

    Args:
        left_gram: `W^T W`, `[k, k]`.
        against: `W^T M T^T`, `[k, r]`.
        gram_values: eigenvalues of `T T^T`, `[r]`.
        gram_vectors: its eigenvectors, `[r, r]`.
    """
    values, vectors = np.linalg.eigh(left_gram)
    right = vectors.T @ against @ gram_vectors
    scaled = right / (np.outer(values, gram_values) + REGULARISATION)
    return np.asarray(vectors @ scaled @ gram_vectors.T)
