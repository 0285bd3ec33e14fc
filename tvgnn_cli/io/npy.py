"""Arrays in `.npy` files, of which parts are read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from tvgnn_cli.edges import CHUNK, Pairs
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import Graph, index_ids
from tvgnn_cli.io.npz import check_numbering
from tvgnn_cli.io.source import Source
from tvgnn_cli.stored import StoredFeatures

HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True)
class NpyFile:
    """Where an array stands in its file.

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
            try:
                read = HEADERS[np.lib.format.read_magic(handle)]
                shape, by_columns, dtype = read(handle)
            except (ValueError, EOFError, KeyError) as error:
                raise InputError(
                    f"{source.label}: not a plain .npy array ({error}); numpy.save writes one"
                ) from None
            offset = handle.tell()
            size = handle.seek(0, 2) - offset
        if dtype.hasobject:
            raise InputError(
                f"{source.label}: not a plain .npy array: it holds pickled objects, which are "
                "refused"
            )
        found = cls(source, shape, dtype, by_columns, offset)
        if size < found.nbytes:
            raise InputError(
                f"{source.label}: ends after {size:,} bytes of values, of {found.nbytes:,} that "
                f"its shape {shape} and type {dtype} take; copy it again"
            )
        return found

    @property
    def num_values(self) -> int:
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        return self.num_values * self.dtype.itemsize

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
    """Whether the array is one of features that can be read by rows."""
    return file.dtype.kind in "iufb" and len(file.shape) == 2 and not file.by_columns


def read_npy_edges(source: Source) -> Graph:
    """Read edges `[2, m]` or `[m, 2]`, integers; vertices are numbered from 0.

    Vertices without edges after the last that has one come with features or labels.

    Raises:
        InputError: another shape or type, negative numbers, numbers far beyond those of edges.
    """
    file = NpyFile.look(source)
    if len(file.shape) != 2 or 2 not in file.shape:
        raise InputError(
            f"{source.label}: has shape {file.shape}; edges are an array (2, edges) or (edges, 2)"
        )
    if file.dtype.kind not in "iu":
        raise InputError(f"{source.label}: has dtype {file.dtype}, not integers")
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
