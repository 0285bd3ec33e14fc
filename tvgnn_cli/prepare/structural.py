"""Features for a graph that has none, made from its edges alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

from tvgnn_cli.errors import TrainingError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.machine.library_threads import lanczos_threads
from tvgnn_cli.prepare.feature_scaling import unit_rows
from tvgnn_cli.prepare.sparse_products import SparseMatrix

EXACT, CLOSE, ROUGH = 1e-5, 1e-3, 1e-2
"""Tolerances of eigenvalues: for features; for those of a graph that takes too long; and for a look
at many numbers of clusters.
"""

MOST_WORK = 6e10
"""Numbers of vectors and of the matrix that products at a tolerance touch: minutes of a core."""

FEWEST_PRODUCTS = 1000
"""Products that any graph has: those that tell clusters are found in a tenth of it."""


def structural_features(graph: Graph, kind: str, num_clusters: int, seed: int) -> Any:
    """Features of the named kind, float32 `[n, f]`; f depends on the kind."""
    return KINDS[kind](graph, num_clusters, seed)


def spectral_embedding(
    graph: Graph, num_clusters: int, seed: int, tau: float | None = None
) -> np.ndarray:
    """The K leading eigenvectors of the regularised normalised adjacency, rows of unit length.

    Of a graph in 2 to K pieces that are each large enough for a cluster of its own, these are the
    leading ones of all pieces, each piece regularised by itself: clusters that no edge joins are
    there to be found, however easily a piece by itself falls into two.

    Args:
        graph: its edges alone are read.
        num_clusters: K.
        seed: of the vector that the iteration starts from.
        tau: as of `leading_vectors`.

    Returns:
        float32 `[n, min(K, n)]`; a vertex without edges has a row of zeros where t is 0.
    """
    size = min(num_clusters, graph.num_vertices)
    piece = large_pieces(graph, num_clusters)
    if piece is None:
        vectors = leading_vectors(graph, size, seed, tau)
    else:
        vectors = _vectors_of_pieces(graph, piece, size, seed, tau)
    return np.asarray(unit_rows(vectors), dtype=np.float32)


def large_pieces(graph: Graph, num_clusters: int) -> np.ndarray | None:
    """The piece of each vertex, `[n]`, where 2 to K components of a graph are large: have half of
    the vertices of a mean cluster, of those with edges. The others count with the largest.
    """
    count, component = connected_components(graph.adjacency, directed=False)
    if count == 1:
        return None
    sizes = np.bincount(component)
    least = max(sizes[sizes > 1].sum() / (2 * num_clusters), 2)
    large = np.flatnonzero(sizes >= least)
    if not 2 <= len(large) <= num_clusters:
        return None
    piece = np.full(count, np.argmax(sizes[large]))
    piece[large] = np.arange(len(large))
    return np.asarray(piece[component])


def _vectors_of_pieces(
    graph: Graph, piece: np.ndarray, size: int, seed: int, tau: float | None
) -> np.ndarray:
    """The leading eigenvectors of all pieces `[n]`, the first of each among them: `[n, size]`."""
    tau = _mean_weight(graph) if tau is None else tau
    order, counts = np.argsort(piece, kind="stable"), np.bincount(piece)
    adjacency = graph.adjacency[order][:, order]
    ends = np.cumsum(counts)
    found: list[tuple[float, slice, np.ndarray]] = []
    for first, last in zip(ends - counts, ends, strict=True):
        own = slice(int(first), int(last))
        edges = adjacency[own, own], graph.degrees[order[own]]
        most = min(size - len(counts) + 1, last - first)
        values, vectors = _leading(*edges, int(most), seed, tau, EXACT, graph.name)
        values[0] = np.inf  # which says that a piece is one, before all that part one
        found += [(value, own, vectors[:, i]) for i, value in enumerate(values)]
    found.sort(key=lambda each: -each[0])
    made = np.zeros((graph.num_vertices, size))
    for column, (_, own, vector) in enumerate(found[:size]):
        made[order[own], column] = vector
    return made


def _mean_weight(graph: Graph) -> float:
    return float(graph.weights.mean())


def leading_vectors(
    graph: Graph, size: int, seed: int, tau: float | None = None, tolerance: float = EXACT
) -> np.ndarray:
    """The leading eigenvectors of the regularised normalised adjacency, the first one first.

    The matrix is `D_t^-1/2 (A + t/n 11^T) D_t^-1/2`, `D_t = D + t I`: without t, each small
    component of a graph takes an eigenvector for itself. Qin & Rohe take the mean degree for t.
    By default it is an edge's mean weight here, which keeps more of a sparse graph's structure
    (docs/defaults.md).

    Args:
        graph: its edges alone are read.
        size: vectors, at most n.
        seed: of the vector that the iteration starts from.
        tau: t, 0 or more.
        tolerance: of the eigenvalues, relative. Vectors beyond those that tell clusters take long
            to be told from each other, and need not be: where that takes more than `MOST_WORK`,
            a coarser one serves.

    Returns:
        float64 `[n, size]`.

    Raises:
        TrainingError: they are not found.

    Source: Qin & Rohe, "Regularized spectral clustering under the degree-corrected stochastic
    blockmodel", NeurIPS 2013.
    """
    tau = _mean_weight(graph) if tau is None else tau
    edges = graph.adjacency, graph.degrees
    return _leading(*edges, size, seed, tau, tolerance, graph.name)[1]


def _leading(
    adjacency: sp.csr_array,
    degrees: np.ndarray,
    size: int,
    seed: int,
    tau: float,
    tolerance: float,
    name: str,
) -> tuple[np.ndarray, np.ndarray]:
    """The largest eigenvalues `[size]`, and their vectors `[n, size]`."""
    n = len(degrees)
    full = degrees + tau
    if size == 1 and full.all():  # of eigenvalue 1
        first = np.sqrt(full / full.sum())
        return np.ones(1), first[:, None]
    root = np.divide(1, np.sqrt(full), out=np.zeros_like(full), where=full > 0)
    matrix = SparseMatrix(adjacency.astype(np.float64))

    def product(vector: np.ndarray) -> np.ndarray:
        scaled = root * vector.ravel()
        return np.asarray(root * (matrix @ scaled + tau / n * scaled.sum()))

    operator = LinearOperator((n, n), matvec=product, dtype=np.float64)
    start = np.random.default_rng(seed).standard_normal(n)
    try:
        if size > n - 2:  # more than Lanczos can give
            values, vectors = np.linalg.eigh(operator @ np.eye(n))
        else:
            with lanczos_threads(n):
                values, vectors = _lanczos(operator, size, start, adjacency.nnz, tolerance)
    except ArpackError as error:
        raise TrainingError(f"{name}: no eigenvectors found: {error}") from None
    order = np.argsort(-values)[:size]
    vectors = vectors[:, order]
    # An eigenvector's sign is arbitrary: make its largest entry positive.
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(size)]
    return values[order], np.asarray(vectors * np.sign(largest))


def _lanczos(
    operator: LinearOperator, size: int, start: np.ndarray, stored: int, tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """The largest eigenvalues and their vectors, at the tolerance or the next one that they are
    found at in time; `stored` is the number of values that a product reads.

    Raises:
        ArpackError: they are not found.
    """
    n = len(start)
    basis = min(n, max(2 * size + 1, 20))
    products = max(FEWEST_PRODUCTS, MOST_WORK / (n * basis + stored))
    restarts = min(10 * n, math.ceil(products / (basis - size)))
    search = partial(eigsh, operator, k=size, ncv=basis, which="LA", v0=start)
    for each in (each for each in (tolerance, CLOSE) if tolerance <= each < ROUGH):
        with suppress(ArpackNoConvergence):
            values, vectors = search(tol=each, maxiter=restarts)
            return values, vectors
    values, vectors = search(tol=max(tolerance, ROUGH))
    return values, vectors


def degree_features(graph: Graph, *_: int) -> np.ndarray:
    """Degree, and mean and spread of the neighbours' degrees, as logarithms, standardised."""
    degree = np.log1p(graph.degrees)
    neighbours = np.maximum(graph.degrees, 1e-12)
    mean = graph.adjacency @ degree / neighbours
    spread = np.sqrt(np.maximum(graph.adjacency @ degree**2 / neighbours - mean**2, 0))
    x = np.stack([degree, mean, spread], axis=1)
    scale = x.std(axis=0)
    x = np.divide(x - x.mean(axis=0), scale, out=np.zeros_like(x), where=scale > 1e-12)
    return np.asarray(x, dtype=np.float32)


def identity_features(graph: Graph, *_: int) -> sp.csr_array:
    """One feature per vertex: the identity matrix, in CSR form."""
    return sp.eye_array(graph.num_vertices, dtype=np.float32, format="csr")


KINDS: dict[str, Callable[..., Any]] = {
    "spectral": spectral_embedding,
    "degree": degree_features,
    "identity": identity_features,
}
"""The kinds that `--structural` takes."""
