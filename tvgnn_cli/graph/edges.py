"""Edges of an undirected simple graph, from any list of edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import InputError

CHUNK = 2**22
"""Edges that are worked on at a time where there are many."""


@dataclass(frozen=True)
class EdgeCounts:
    """Counts of the edges as they were read.

    Args:
        read: edges in the input, each direction counted.
        self_loops: edges from a vertex to itself, dropped.
        zero_weight: edges of weight 0, dropped.
        repeated: edges listed again in the same direction, merged.
        reversed: edges listed in the other direction too, merged.
        undirected: whether the input says that its edges have no direction.
    """

    read: int = 0
    self_loops: int = 0
    zero_weight: int = 0
    repeated: int = 0
    reversed: int = 0
    undirected: bool = False

    def notes(self) -> tuple[str, ...]:
        """Sentences on what is worth saying of them."""
        said = [
            (self.reversed, "listed in both directions, merged: the graph is undirected"),
            (self.repeated, "listed again, merged"),
            (self.self_loops, "that are self-loops, dropped"),
            (self.zero_weight, "of weight 0, dropped"),
        ]
        return tuple(f"edges {what}: {number:,}" for number, what in said if number)

    def last_notes(self) -> tuple[str, ...]:
        """Notes that come after all others: they change nothing that a user decides."""
        if self.read and not self.reversed and not self.undirected:
            return ("directions of edges, if any were meant, are ignored",)
        return ()


@dataclass(frozen=True)
class Edges:
    """Edges in the form that `Graph` keeps them in, and what became of those that were read."""

    edge_index: np.ndarray
    edge_weight: np.ndarray | None
    counts: EdgeCounts


def merge_edges(
    tail: np.ndarray, head: np.ndarray, weight: np.ndarray | None = None, undirected: bool = False
) -> Edges:
    """Make a list of directed, repeated, looping edges the undirected simple graph it stands for.

    Self-loops and edges of weight 0 are dropped. Without weights an edge counts once, however
    often it is listed. With weights, repeats in the same direction are summed; where an edge is
    listed in both directions the larger of the two sums counts, so that a symmetric matrix is
    not doubled.

    Args:
        tail: first vertex of each edge, int64 `[m]`.
        head: second vertex, int64 `[m]`.
        weight: `[m]`, finite and at least 0, or None for 1.
        undirected: whether the input says that its edges have no direction.

    Raises:
        InputError: the weights of an edge, or of all, add up to infinity.
    """
    if weight is None:
        return Pairs.look(lambda: _chunks(tail, head)).merge(undirected)
    read = len(tail)
    loops = tail == head
    empty = (weight == 0) & ~loops
    keep = ~(loops | empty)
    tail, head = tail[keep].astype(np.int64), head[keep].astype(np.int64)
    weight = weight[keep].astype(np.float64)

    n = int(max(tail.max(initial=-1), head.max(initial=-1))) + 1
    directed = _directed_number(tail, head, n)
    # Sorting by weight too makes the sums below the same for any order of the input.
    order = np.lexsort((weight, directed))
    # Once more each, in either direction: repeats of one direction add up.
    directed, starts = _run_starts(directed[order])
    with np.errstate(over="ignore"):
        sums = np.add.reduceat(weight[order], starts) if n else weight
    # Of the two directions of an edge, which lie side by side, the heavier one counts.
    pair, starts = _run_starts(directed // 2)
    if n:
        sums = np.maximum.reduceat(sums, starts)
    if not np.isfinite(sums).all():
        raise InputError("weights of a repeated edge add up to more than a number can hold")
    with np.errstate(over="ignore"):
        total = 2 * float(sums.sum())
    if not np.isfinite(total):
        raise InputError(
            "weights of all edges add up to more than a number can hold: divide them by the largest"
        )
    counts = EdgeCounts(
        read=read,
        self_loops=int(loops.sum()),
        zero_weight=int(empty.sum()),
        repeated=len(tail) - len(directed),
        reversed=len(directed) - len(pair),
        undirected=undirected,
    )
    return Edges(_ends(pair, n), None if bool((sums == 1).all()) else sums, counts)


@dataclass(frozen=True)
class Pairs:
    """Edges without weights that come in chunks, which are gone through twice.

    Args:
        chunks: gives their first and second vertices, integers, chunk by chunk.
        read: edges in all.
        num_vertices: one more than the largest vertex.
    """

    chunks: Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]
    read: int
    num_vertices: int

    @classmethod
    def look(
        cls, chunks: Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]], where: str = "edges"
    ) -> Pairs:
        """Count them.

        Raises:
            InputError: a vertex below 0.
        """
        read, high = 0, -1
        for tail, head in chunks():
            low = int(min(tail.min(initial=0), head.min(initial=0)))
            if low < 0:
                raise InputError(f"{where}: an edge names vertex {low}; number vertices from 0")
            high = max(high, int(tail.max(initial=0)), int(head.max(initial=0)))
            read += len(tail)
        return cls(chunks, read, high + 1)

    def merge(self, undirected: bool = False) -> Edges:
        """As `merge_edges`, with one array of the edges' length, besides the result, at a time."""
        directed, loops, filled = np.empty(self.read, dtype=np.int64), 0, 0
        for tail, head in self.chunks():
            keep = tail != head
            loops += len(keep) - int(keep.sum())
            tail, head = tail[keep].astype(np.int64), head[keep].astype(np.int64)
            last = filled + len(tail)
            directed[filled:last] = _directed_number(tail, head, self.num_vertices)
            filled = last
        directed = directed[:filled]
        directed.sort()  # in place: a second array would be as long as all edges
        directed = directed[_is_first(directed)]
        distinct = len(directed)
        directed >>= 1  # the last bit is the direction
        pair = directed[_is_first(directed)]
        counts = EdgeCounts(
            read=self.read,
            self_loops=loops,
            repeated=filled - distinct,
            reversed=distinct - len(pair),
            undirected=undirected,
        )
        return Edges(_ends(pair, self.num_vertices), None, counts)


def _chunks(tail: np.ndarray, head: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for first in range(0, len(tail), CHUNK):
        yield tail[first : first + CHUNK], head[first : first + CHUNK]


def _directed_number(tail: np.ndarray, head: np.ndarray, n: int) -> np.ndarray:
    """Twice the number of the edge among all pairs of n vertices, and 1 for its other direction."""
    pair: np.ndarray = np.minimum(tail, head) * n + np.maximum(tail, head)
    return np.asarray(pair * 2 + (tail > head))


def _ends(pair: np.ndarray, n: int) -> np.ndarray:
    # A pair's number is low * n + high.
    ends = np.empty((2, len(pair)), dtype=np.int64)
    np.floor_divide(pair, max(n, 1), out=ends[0])
    np.subtract(pair, ends[0] * max(n, 1), out=ends[1])
    return ends


def _is_first(values: np.ndarray) -> np.ndarray:
    """Mark where the run of each value begins in a sorted array."""
    return np.r_[True, values[1:] != values[:-1]] if len(values) else values.astype(bool)


def _run_starts(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values of a sorted array, and where the run of each begins."""
    starts = np.flatnonzero(_is_first(values))
    return values[starts], starts.astype(np.int64)


SIMILARITIES = "weights are similarities: finite, at least 0"


def unusable_weights(weight: np.ndarray) -> np.ndarray:
    """Positions of weights that are no similarities: NaN, infinite or negative."""
    return np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))


def check_weights(weight: np.ndarray, where: str) -> None:
    """Refuse weights that are not similarities: NaN, infinite or negative.

    Raises:
        InputError: naming the first offender and `where` it stands.
    """
    bad = unusable_weights(weight)
    if len(bad):
        value = weight[bad[0]]
        raise InputError(f"{where}: edge {bad[0] + 1} has weight {value}; {SIMILARITIES}")
