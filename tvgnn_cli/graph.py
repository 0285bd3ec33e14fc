"""The one form that a graph has inside, and how any list of edges becomes it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest

if TYPE_CHECKING:
    import scipy.sparse as sp

Features = Any
"""float32 `[n, f]`: a numpy array, or a scipy CSR array where most values are 0."""


@dataclass(frozen=True)
class EdgeCounts:
    """What became of the edges as they were read.

    Args:
        read: edges in the input, each direction counted.
        self_loops: edges from a vertex to itself, dropped.
        zero_weight: edges of weight 0, dropped.
        repeated: edges listed again in the same direction, merged.
        reversed: edges listed in the other direction too, merged.
    """

    read: int = 0
    self_loops: int = 0
    zero_weight: int = 0
    repeated: int = 0
    reversed: int = 0


@dataclass(frozen=True, eq=False)
class Graph:
    """An undirected graph with optional vertex features and true labels.

    Args:
        ids: vertex ids as strings, object array `[n]`, in input order.
        edge_index: int64 `[2, e]`; each undirected edge is one column with the lower vertex
            first, columns sorted, no self-loops.
        edge_weight: float64 `[e]`, positive and finite, larger is closer; None means 1.
        x: features `[n, f]`, float32, dense or CSR; None where there are none.
        y: true classes `[n]`, int64 codes into `class_names`; None where unknown.
        class_names: what the codes of `y` stand for.
        name: the stem that output files are named after.
        counts: what became of the edges as they were read.
        notes: sentences that the summary shows.
        explicit_ids: whether ids came with the input (and so might come in any order).
    """

    ids: np.ndarray
    edge_index: np.ndarray
    edge_weight: np.ndarray | None = None
    x: Features = None
    y: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    name: str = "graph"
    counts: EdgeCounts = field(default_factory=EdgeCounts)
    notes: tuple[str, ...] = ()
    explicit_ids: bool = False

    @property
    def num_vertices(self) -> int:
        return len(self.ids)

    @property
    def num_edges(self) -> int:
        return int(self.edge_index.shape[1])

    @property
    def num_features(self) -> int:
        return 0 if self.x is None else int(self.x.shape[1])

    @property
    def num_classes(self) -> int:
        return len(self.class_names)

    @cached_property
    def weights(self) -> np.ndarray:
        """Edge weights `[e]`, ones where the graph has none."""
        return np.ones(self.num_edges) if self.edge_weight is None else self.edge_weight

    @cached_property
    def degrees(self) -> np.ndarray:
        """Weighted degree of each vertex, `[n]`."""
        ends = self.edge_index.reshape(-1)
        return np.bincount(ends, np.tile(self.weights, 2), self.num_vertices)

    @cached_property
    def adjacency(self) -> sp.csr_array:
        """Symmetric weighted adjacency matrix in CSR form, float32."""
        import scipy.sparse as sp

        tail, head = self.edge_index
        values = np.tile(self.weights.astype(np.float32), 2)
        pairs = (np.concatenate([tail, head]), np.concatenate([head, tail]))
        return sp.csr_array((values, pairs), shape=(self.num_vertices, self.num_vertices))

    def with_note(self, note: str) -> Graph:
        return replace(self, notes=(*self.notes, note))

    def fingerprint(self) -> str:
        """SHA-256 over what training sees: ids, edges, weights and features, never labels."""
        digest = hashlib.sha256()
        digest.update("\0".join(self.ids.tolist()).encode())
        parts: list[Any] = [self.edge_index, self.edge_weight]
        dense = isinstance(self.x, np.ndarray) or self.x is None
        parts += [self.x] if dense else [self.x.indptr, self.x.indices, self.x.data]
        for part in parts:
            digest.update(b"none" if part is None else np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()


def index_ids(num_vertices: int) -> np.ndarray:
    """The ids "0", "1", ... of vertices that came without any."""
    return np.array([str(i) for i in range(num_vertices)], dtype=object)


@dataclass(frozen=True)
class Edges:
    """Edges in the form that `Graph` keeps them in, and what became of those that were read."""

    edge_index: np.ndarray
    edge_weight: np.ndarray | None
    counts: EdgeCounts


def merge_edges(tail: np.ndarray, head: np.ndarray, weight: np.ndarray | None = None) -> Edges:
    """Make a list of directed, repeated, looping edges the undirected simple graph it stands for.

    Self-loops and edges of weight 0 are dropped. Without weights an edge counts once, however
    often it is listed. With weights, repeats in the same direction are summed; where an edge is
    listed in both directions the larger of the two sums counts, so that a symmetric matrix is
    not doubled.

    Args:
        tail: first vertex of each edge, int64 `[m]`.
        head: second vertex, int64 `[m]`.
        weight: `[m]`, finite and at least 0, or None for 1.

    Raises:
        InputError: the weights of an edge add up to infinity.
    """
    read = len(tail)
    loops = tail == head
    empty = np.zeros(read, dtype=bool) if weight is None else (weight == 0) & ~loops
    keep = ~(loops | empty)
    tail, head = tail[keep].astype(np.int64), head[keep].astype(np.int64)
    weight = None if weight is None else weight[keep].astype(np.float64)

    n = int(max(tail.max(initial=-1), head.max(initial=-1))) + 1
    pair = np.minimum(tail, head) * n + np.maximum(tail, head)
    directed = pair * 2 + (tail > head)
    # Sorting by weight too makes the sums below the same for any order of the input.
    order = np.argsort(directed) if weight is None else np.lexsort((weight, directed))
    directed, starts = _run_starts(directed[order])
    sums = None if weight is None else np.add.reduceat(weight[order], starts) if n else weight
    pair, starts = _run_starts(directed // 2)
    if sums is not None and n:
        sums = np.maximum.reduceat(sums, starts)
    counts = EdgeCounts(
        read=read,
        self_loops=int(loops.sum()),
        zero_weight=int(empty.sum()),
        repeated=len(tail) - len(directed),
        reversed=len(directed) - len(pair),
    )
    edge_index = np.stack([pair // max(n, 1), pair % max(n, 1)])
    if sums is not None and not np.isfinite(sums).all():
        raise InputError("weights of a repeated edge add up to more than a number can hold")
    unweighted = sums is None or bool((sums == 1).all())
    return Edges(edge_index, None if unweighted else sums, counts)


def _run_starts(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values of a sorted array, and where the run of each begins."""
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else values[:0]
    return values[starts], starts.astype(np.int64)


def check_weights(weight: np.ndarray, where: str) -> None:
    """Refuse weights that are not similarities: NaN, infinite or negative.

    Raises:
        InputError: naming the first offender and `where` it stands.
    """
    bad = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if len(bad):
        value = weight[bad[0]]
        raise InputError(
            f"{where}: edge {bad[0] + 1} has weight {value}; "
            "weights are similarities: finite, at least 0"
        )


def encode_labels(values: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class names as codes `[n]` and the sorted distinct names, numbers in numeric order."""
    names = sorted(set(values), key=_numeric_first)
    code = {name: i for i, name in enumerate(names)}
    return np.array([code[value] for value in values], dtype=np.int64), tuple(names)


def _numeric_first(name: str) -> tuple[int, float, str]:
    try:
        number = float(name)
    except ValueError:
        number = math.nan
    return (0, number, name) if math.isfinite(number) else (1, 0.0, name)


def check_features(x: Features, ids: np.ndarray, where: str) -> None:
    """Refuse features that are not finite numbers.

    Raises:
        InputError: naming the first vertex with such a value, and counting the rest.
    """
    if isinstance(x, np.ndarray):
        rows = np.flatnonzero(~np.isfinite(x).all(axis=1))
    else:
        rows = np.unique(x.tocoo().coords[0][~np.isfinite(x.tocoo().data)])
    if len(rows):
        culprits = first_and_rest([str(ids[i]) for i in rows])
        raise InputError(f"{where}: features of vertex {culprits} are not finite numbers")
