"""Arrays in `.npy` files, of which parts are read."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.edges import CHUNK, SIMILARITIES, Pairs, unusable_weights
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.graph.stored_features import StoredFeatures
from tvgnn_cli.io.edge_arrays import edges_of_array
from tvgnn_cli.io.npy_header import NO_TEXTS, NpyHeader, holds_texts, read_npy_header
from tvgnn_cli.io.npz import check_numbering
from tvgnn_cli.io.source import Source


@dataclass(frozen=True)
class NpyFile:
    """Place of an array in its file.

    Args:
        source: the file.
        shape: of the array.
        dtype: of its values.
        by_columns: whether it is stored column by column (Fortran order).
        offset: where its values begin, in bytes.
    """

    source: Source
    shape: tuple[int, ...]
    dtype: np.dtype
    by_columns: bool
    offset: int

    @classmethod
    def look(cls, source: Source) -> NpyFile:
        """Read what the file says of itself.

        Raises:
            InputError: it is no `.npy` file, holds objects, or ends too early.
        """
        with source.open() as handle:
            header = _header(source, handle)
            offset = handle.tell()
            size = handle.seek(0, 2) - offset
        _check_size(source, header, size)
        return cls(source, header.shape, header.dtype, header.by_columns, offset)

    @property
    def num_values(self) -> int:
        return math.prod(self.shape)

    def part(self, handle: BinaryIO, first: int, count: int) -> np.ndarray:
        """Values `first` to `first + count` as they are stored.

        Raises:
            InputError: the file has become shorter.
        """
        handle.seek(self.offset + first * self.dtype.itemsize)
        data = handle.read(count * self.dtype.itemsize)
        if len(data) != count * self.dtype.itemsize:
            raise InputError(f"{self.source.label}: ends too early: it has changed meanwhile")
        return np.frombuffer(data, dtype=self.dtype)


def read_npy(source: Source) -> np.ndarray:
    """The whole array of a file, which may be compressed.

    Raises:
        InputError: it is no `.npy` file, holds objects, or ends too early.
    """
    file = io.BytesIO(source.read_bytes())
    header = _header(source, file)
    values = file.getbuffer()[file.tell() :]
    _check_size(source, header, len(values))
    found = np.frombuffer(values, header.dtype, math.prod(header.shape))
    if not holds_texts(found):
        raise InputError(f"{source.label}: the array is damaged ({NO_TEXTS})")
    return found.reshape(header.shape, order="F" if header.by_columns else "C")


def _header(source: Source, handle: BinaryIO) -> NpyHeader:
    try:
        return read_npy_header(handle)
    except ValueError as error:
        raise InputError(
            f"{source.label}: not a plain .npy array ({error}); numpy.save writes one"
        ) from None


def _check_size(source: Source, header: NpyHeader, size: int) -> None:
    """Refuse what is no array of so many bytes."""
    if header.dtype.hasobject:
        raise InputError(
            f"{source.label}: not a plain .npy array: it holds pickled objects, which are refused"
        )
    if size < header.nbytes:
        raise InputError(
            f"{source.label}: ends after {size:,} bytes of values, of {header.nbytes:,} that "
            f"its shape {header.shape} and type {header.dtype} take; copy it again"
        )


@dataclass(frozen=True, eq=False)
class NpyFeatures(StoredFeatures):
    """Rows of a two-dimensional array in the order of vertices."""

    file: NpyFile | None = None

    def rows(self, count: int) -> Iterator[np.ndarray]:
        assert self.file is not None
        n, width = self.shape
        with self.file.source.open() as handle:
            for first in range(0, n, count):
                values = self.file.part(handle, first * width, min(count, n - first) * width)
                yield values.reshape(-1, width)


def stored_npy(file: NpyFile) -> NpyFeatures:
    """The features of a file that `can_stay` there."""
    n, width = file.shape
    return NpyFeatures(file.source.label, (n, width), np.arange(n), file=file)


def can_stay(file: NpyFile) -> bool:
    """Tell whether the array is one of features that can be read by rows."""
    return file.dtype.kind in "iufb" and len(file.shape) == 2 and not file.by_columns


def read_npy_edges(source: Source) -> Graph:
    """Read edges, `[2, m]` or `[m, 2]`, with weights `[m, 3]` or `[3, m]`, or an adjacency matrix
    `[n, n]` of more than two vertices; vertices are numbered from 0.

    Vertices without edges after the last that has one come, for edges, with features or labels.

    Raises:
        InputError: another shape or type, negative numbers, numbers far beyond those of edges.
    """
    file = NpyFile.look(source)
    if len(file.shape) == 2 and file.shape[0] == file.shape[1] > 2:
        return _read_adjacency(file)
    if len(file.shape) == 2 and 2 in file.shape and file.dtype.kind in "iu":
        graph = _read_pairs(file)
        if file.shape != (2, 2):
            return graph
        return graph.with_note("edges: an array (2, 2) is taken for two edges, one in each column")
    found = edges_of_array(read_npy(source), source.label)
    if not len(found.tail):
        raise InputError(f"{source.label}: holds no edges")
    check_numbering(found.num_vertices, len(found.tail), source.label)
    return Graph.from_edges(
        index_ids(found.num_vertices), found.tail, found.head, found.weight,
        name=source.stem, notes=found.notes, open_ended=True,
    )  # fmt: skip


def _read_pairs(file: NpyFile) -> Graph:
    source = file.source
    side_by_side = (file.shape[0] != 2) != file.by_columns
    m = file.shape[1] if file.shape[0] == 2 else file.shape[0]
    if not m:
        raise InputError(f"{source.label}: holds no edges")

    def chunks() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        with source.open() as handle:
            for first in range(0, m, CHUNK):
                count = min(CHUNK, m - first)
                if side_by_side:
                    ends = file.part(handle, 2 * first, 2 * count).reshape(-1, 2)
                    yield ends[:, 0], ends[:, 1]
                else:
                    yield file.part(handle, first, count), file.part(handle, m + first, count)

    pairs = Pairs.look(chunks, source.label)
    check_numbering(pairs.num_vertices, m, source.label)
    edges = pairs.merge()
    return Graph(
        index_ids(pairs.num_vertices),
        edges.edge_index,
        counts=edges.counts,
        name=source.stem,
        open_ended=True,
    )


def _read_adjacency(file: NpyFile) -> Graph:
    """A square matrix of weights, some rows at a time; 0 is no edge."""
    source, n = file.source, file.shape[0]
    if file.dtype.kind not in "iufb":
        raise InputError(f"{source.label}: has dtype {file.dtype}, not numbers")
    tails, heads, weights = list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
    lines = max(CHUNK // n, 1)
    with source.open() as handle:
        for first in range(0, n, lines):
            count = min(lines, n - first)
            block = file.part(handle, first * n, count * n).reshape(count, n)
            line, across = np.nonzero(block)
            ends = (line + first).astype(np.int32), across.astype(np.int32)
            tail, head = reversed(ends) if file.by_columns else ends
            weight = block[line, across].astype(np.float64)
            _check_entries(source, tail, head, weight)
            tails, heads, weights = [*tails, tail], [*heads, head], [*weights, weight]
    return Graph.from_edges(
        index_ids(n), np.concatenate(tails), np.concatenate(heads), np.concatenate(weights),
        name=source.stem, notes=(f"edges: an adjacency matrix of {n:,} vertices",),
    )  # fmt: skip


def _check_entries(source: Source, row: np.ndarray, column: np.ndarray, weight: np.ndarray) -> None:
    bad = unusable_weights(weight)
    if len(bad):
        at = bad[0]
        raise InputError(
            f"{source.label}: row {row[at]}, column {column[at]} (from 0) is {weight[at]:g}; "
            f"{SIMILARITIES}"
        )
