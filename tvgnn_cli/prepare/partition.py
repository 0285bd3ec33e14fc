"""Parts of a graph with few edges between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.machine.libraries import require
from tvgnn_cli.prepare.metis import metis_parts

WHOLE = 2**17
"""Vertices that METIS is given at once: it takes some 250 bytes an edge. A larger graph is cut into
pieces of its order first."""


def require_metis() -> Any:
    """The library that finds parts.

    Raises:
        UsageError: it is not installed.
    """
    return require("pymetis", "`batch` parts needs METIS: pip install pymetis")


def pieces_of(num_vertices: int, whole: int = WHOLE) -> int:
    """Pieces that a graph is cut into, each of which METIS is given at once."""
    return max(1, -(-num_vertices // whole))


def partition(
    adjacency: sp.csr_array,
    num_parts: int,
    seed: int,
    tell: Callable[[int, int], None] | None = None,
    whole: int = WHOLE,
) -> np.ndarray:
    """Parts of about equal size with few edges between them.

    Args:
        adjacency: `[n, n]`, its vertices in an order that puts neighbours near each other, by which
            a graph of more than `whole` vertices is cut first. Weights are not looked at.
        num_parts: at least 1.
        seed: of METIS.
        tell: hears how many pieces are done, of how many.
        whole: vertices that METIS is given at once.

    Returns:
        The part of each vertex, `[n]`, from 0 to `num_parts - 1`; none is empty, unless there are
        fewer vertices than parts.

    Source: METIS, Karypis & Kumar, "A fast and high quality multilevel scheme for partitioning
    irregular graphs", SIAM Journal on Scientific Computing 1998.

    Raises:
        UsageError: pymetis is not installed.
        TrainingError: METIS found no parts.
    """
    require_metis()
    n = adjacency.shape[0]
    pieces = min(pieces_of(n, whole), num_parts)
    parts = np.empty(n, dtype=np.int32)
    for piece in range(pieces):
        if tell is not None:
            tell(piece, pieces)
        rows = slice(n * piece // pieces, n * (piece + 1) // pieces)
        first, last = (num_parts * p // pieces for p in (piece, piece + 1))
        inside = adjacency if pieces == 1 else adjacency[rows][:, rows]
        parts[rows] = first + metis_parts(inside.indptr, inside.indices, last - first, seed)
    return _none_empty(parts, num_parts)


def _none_empty(parts: np.ndarray, num_parts: int) -> np.ndarray:
    """With half of the largest part's vertices in each that METIS left empty, as it may in a
    graph of small pieces: a batch of such parts would have no vertex.
    """
    sizes = np.bincount(parts, minlength=num_parts)
    for empty in np.flatnonzero(sizes == 0):
        largest = int(sizes.argmax())
        moved = np.flatnonzero(parts == largest)[(sizes[largest] + 1) // 2 :]
        parts[moved] = empty
        sizes[empty], sizes[largest] = len(moved), sizes[largest] - len(moved)
    return parts
