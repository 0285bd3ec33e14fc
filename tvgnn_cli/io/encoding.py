"""Vertex ids and the numbers that stand for them, in the order in which a reader meets them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

PLAIN_INTEGER = re.compile(r"-?[1-9][0-9]{0,17}|0")
"""A whole number in its plainest digits."""


@dataclass(frozen=True, eq=False)
class Ends:
    """The ends of edges as numbers.

    Args:
        ids: distinct ids as strings, object array `[n]`, in the order of first appearance.
        tail: first vertex of each edge, `[m]`, as positions in `ids`.
        head: second vertex of each edge, `[m]`.
        are_numbers: whether all ids are known to be whole numbers in their plainest digits.
    """

    ids: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    are_numbers: bool = False

    def places(self, names: Iterable[str]) -> dict[str, int]:
        """Positions in `ids` of those of a few names that are there."""
        wanted = set(names)
        return {name: i for i, name in enumerate(self.ids.tolist()) if name in wanted}

    def after(self, pairs: Sequence[tuple[str, str]]) -> Ends:
        """With edges that come before all others."""
        if not pairs:
            return self
        earlier = list(dict.fromkeys(name for pair in pairs for name in pair))
        position = self.places(earlier)
        known = [position[name] for name in earlier if name in position]
        rest = np.ones(len(self.ids), dtype=bool)
        rest[known] = False
        number = {name: i for i, name in enumerate(earlier)}
        rank = np.empty(len(self.ids), dtype=self.tail.dtype)
        rank[known] = [number[name] for name in earlier if name in position]
        rank[rest] = len(earlier) + np.arange(int(rest.sum()))
        first = np.array([[number[name] for name in pair] for pair in pairs], dtype=rank.dtype).T
        return Ends(
            np.concatenate([np.array(earlier, dtype=object), self.ids[rest]]),
            np.concatenate([first[0], rank[self.tail]]),
            np.concatenate([first[1], rank[self.head]]),
            self.are_numbers and all(map(PLAIN_INTEGER.fullmatch, earlier)),
        )


def as_numpy(column: pa.ChunkedArray) -> np.ndarray:
    """Numbers without gaps as an array. pyarrow's own `to_numpy` imports pandas."""
    parts = [np.from_dlpack(chunk) for chunk in column.chunks if len(chunk)]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def take(column: pa.ChunkedArray, places: np.ndarray) -> pa.ChunkedArray:
    """The values at some places."""
    return column.take(_as_arrow(places))


def _as_arrow(numbers: np.ndarray) -> pa.ChunkedArray:
    """Whole numbers as an array of pyarrow's, whose own way from numpy imports pandas."""
    values = np.ascontiguousarray(numbers, dtype=np.int64)
    buffers = [None, pa.py_buffer(values)]
    return pa.chunked_array([pa.Array.from_buffers(pa.int64(), len(values), buffers)])


def encode_integers(tail: np.ndarray, head: np.ndarray) -> Ends:
    """Ends that came as whole numbers, whose ids are the text of these.

    Args:
        tail: int64 `[m]`.
        head: int64 `[m]`.
    """
    if not len(tail):
        return Ends(np.zeros(0, dtype=object), tail, head)
    low = int(min(tail.min(), head.min()))
    span = int(max(tail.max(), head.max())) - low + 1
    if span > 4 * len(tail) + 2**20:
        return encode_texts(_as_arrow(tail), _as_arrow(head))
    kind = np.int32 if span < 2**31 else np.int64
    tail, head = ((ends - low if low else ends).astype(kind) for ends in (tail, head))
    ids, rank = _by_appearance(tail, head, span)
    names = np.array(list(map(str, (ids + low).tolist())), dtype=object)
    return Ends(names, rank[tail], rank[head], are_numbers=True)


def encode_texts(tail: pa.ChunkedArray, head: pa.ChunkedArray) -> Ends:
    """Ends in columns of text or of whole numbers, which become the text that they are written as.

    One dictionary serves both columns; the text itself, which may pass 2^31 bytes, is never joined.
    """
    if tail.type != head.type:
        tail, head = tail.cast(pa.string()), head.cast(pa.string())
    both = pa.chunked_array([*tail.chunks, *head.chunks], type=tail.type)
    encoded = both.dictionary_encode()
    if len({len(chunk.dictionary) for chunk in encoded.chunks}) > 1:
        encoded = encoded.unify_dictionaries()
    if not encoded.num_chunks or not len(encoded):
        return Ends(np.zeros(0, dtype=object), *np.zeros((2, 0), dtype=np.int64))
    dictionary = encoded.chunk(0).dictionary
    codes = as_numpy(pa.chunked_array([chunk.indices for chunk in encoded.chunks]))
    tails, heads = codes[: len(tail)], codes[len(tail) :]
    order, rank = _by_appearance(tails, heads, len(dictionary))
    names = np.array(dictionary.cast(pa.string()).to_pylist(), dtype=object)[order]
    return Ends(names, rank[tails], rank[heads], pa.types.is_integer(tail.type))


def _by_appearance(tail: np.ndarray, head: np.ndarray, span: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers below `span` that occur, as lines name them, and the rank of each number."""
    m = len(tail)
    kind = np.int32 if 2 * m < 2**31 else np.int64
    when: np.ndarray = np.full(span, 2 * m, dtype=kind)
    for ends, offset in ((head, 1), (tail, 0)):
        # The last of several values stays: the first line in which a vertex is this end.
        first = np.full(span, 2 * m, dtype=kind)
        first[ends[::-1]] = np.arange(2 * m - 2 + offset, -1, -2, dtype=kind)
        np.minimum(when, first, out=when)
    present = np.flatnonzero(when < 2 * m)
    order = present[np.argsort(when[present])]
    small = np.int32 if span < 2**31 else np.int64
    rank = np.zeros(span, dtype=small)
    rank[order] = np.arange(len(order), dtype=small)
    return order, rank
