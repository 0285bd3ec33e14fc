"""TENE: edges and features factorised together, without negative numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli.baselines.attributes import (
    attributes,
    require_features,
    transition_matrix,
)
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.features import values_of
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.column_scaling import ROBUST, guess_scaling
from tvgnn_cli.prepare.feature_scaling import unit_rows

DIMENSIONS, ALPHA, BETA, ROUNDS, FLOOR = 32, 0.1, 0.1, 200, 1e-15
"""Karate Club's defaults, which B.3 names."""


def embed(graph: Graph, config: ClusterConfig, observer: Observer) -> np.ndarray:
    """`[M, Q]`, `[n, 64]`, of the least `|P - M U^T|^2 + alpha |U - Q C|^2 + beta |T - Q V^T|^2`.

    P is the transition matrix, T the features, rows of unit length where standard scores would be
    negative; all factors stay at least 0, by multiplicative updates. The rows of M and of Q have
    unit length.

    Deviations from Karate Club, which B.3 names. Its second term is `|Q - U C^T|^2`, and what comes
    of it is worse on Cora and CiteSeer. Its factors start between 0 and 1, so that their products
    are far above what they approximate, and end at a higher loss; here the products start with
    the mean of P, T and U. It leaves the rows as long as they come.

    Source: Yang & Yang, "Enhanced network embedding with text information", ICPR 2018.

    Raises:
        InputError: the graph has no features, or negative ones.
    """
    require_features(graph, config)
    if config.feature_scaling == "auto" and guess_scaling(graph.x) == ROBUST:
        config = replace(config, feature_scaling="unit")  # scores of mean 0 are negative
    features = attributes(graph, config)
    least = values_of(features).min(initial=0)
    if least < 0:
        raise InputError(
            f"{graph.name}: has negative features, and `method` tene needs them to be at least 0; "
            "give others, or another method"
        )
    edges = transition_matrix(graph)
    random = np.random.default_rng(config.seed)
    n, f = features.shape

    def start(rows: int, mean: float) -> np.ndarray:
        """Uniform values `[rows, 32]`, such that products of two such factors have this mean."""
        scale = 2 * np.sqrt(mean / DIMENSIONS)
        return np.asarray(random.uniform(high=max(scale, FLOOR), size=(rows, DIMENSIONS)))

    m, u = (start(n, edges.sum() / n**2) for _ in range(2))
    q, v = (start(rows, features.sum(dtype=np.float64) / (n * f)) for rows in (n, f))
    c = start(DIMENSIONS, 1.0)
    c *= u.mean() / (q @ c).mean()
    for done in range(ROUNDS):
        observer.phase("factorisation", done, ROUNDS)
        m = _updated(m, edges @ u, m @ (u.T @ u))
        v = _updated(v, features.T @ q, v @ (q.T @ q))
        c = _updated(c, q.T @ u, (q.T @ q) @ c)
        u = _updated(u, edges.T @ m + ALPHA * (q @ c), u @ (m.T @ m) + ALPHA * u)
        q = _updated(
            q,
            ALPHA * (u @ c.T) + BETA * (features @ v),
            ALPHA * (q @ (c @ c.T)) + BETA * (q @ (v.T @ v)),
        )
    m[graph.degrees == 0] = 0  # what the edges say of these
    return np.concatenate([unit_rows(m), unit_rows(q)], axis=1)


def _updated(factor: np.ndarray, up: Any, down: np.ndarray) -> np.ndarray:
    """One multiplicative update, which lowers the objective."""
    updated: np.ndarray = np.maximum(factor * np.asarray(up) / np.maximum(down, FLOOR), FLOOR)
    return updated
