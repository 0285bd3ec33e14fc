"""Sparse matrices from the arrays that they are stored as.

scipy's conversions write where the indices say, so that each index is checked before scipy sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.errors import InputError

ROWS, COLUMNS, EACH = 10**6, 2**24, 100
"""Rows and columns that a matrix may have whatever it holds, and how many more for each value."""


def most_vertices(num_edges: int) -> int:
    """Vertices up to which numbers are taken for numbers from 0, with so many edges."""
    return ROWS + EACH * num_edges


def read_sparse(
    arrays: Mapping[str, np.ndarray], label: str, prefix: str = "", form: str | None = None
) -> sp.csr_array:
    """The sparse matrix that arrays hold in parts, in CSR form, rows sorted, repeats summed.

    Args:
        arrays: of a file; `format` and `shape`, and by the format `data`, `indices`, `indptr`,
            `row`, `col`, `coords`, `offsets`, as `scipy.sparse.save_npz` names them.
        label: the file, as messages name it.
        prefix: before each of these names.
        form: the format, where no array says it.

    Raises:
        InputError: a part is missing or has another type or length than the others ask for, an
            index is out of range, or the shape is far larger than what the file holds.
    """
    parts = _Parts(arrays, label, prefix, form or "")
    parts = parts if form else replace(parts, form=_form(parts))
    matrix: sp.csr_array = FORMS[parts.form](parts).tocsr()
    if not matrix.has_canonical_format:
        matrix = matrix.copy()  # the arrays are the caller's
        matrix.sum_duplicates()
    return matrix


def checked(matrix: Any, label: str) -> Any:
    """A scipy matrix of somebody else's making, in its own form and of float32 or float64.

    Raises:
        InputError: as `read_sparse`.
    """
    if matrix.ndim != 2:
        raise InputError(f"{label}: has shape {matrix.shape}, not rows and columns")
    found = matrix if matrix.format in FORMS else matrix.tocoo()
    names = PARTS[found.format]
    arrays = {name: np.asarray(getattr(found, name)) for name in names}
    arrays["shape"] = np.array(found.shape)
    return FORMS[found.format](_Parts(arrays, label, "", found.format))


def _form(parts: _Parts) -> str:
    value = parts.array("format")
    form = value.item() if value.size == 1 and value.dtype.kind in "SU" else value.dtype
    form = form.decode(errors="replace") if isinstance(form, bytes) else str(form)
    if form not in FORMS:
        raise InputError(
            f"{parts.label}: {parts.prefix}format is {form[:20]!r}; known: {', '.join(FORMS)}"
        )
    return form


@dataclass(frozen=True)
class _Parts:
    """The arrays of one matrix, each checked as it is asked for."""

    arrays: Mapping[str, np.ndarray]
    label: str
    prefix: str
    form: str

    def wrong(self, what: str) -> InputError:
        return InputError(f"{self.label}: not a valid {self.form.upper()} matrix: {what}")

    def array(self, name: str) -> np.ndarray:
        if self.prefix + name not in self.arrays:
            raise InputError(f"{self.label}: array '{self.prefix}{name}' is missing")
        return self.arrays[self.prefix + name]

    def integers(self, name: str, dimensions: int = 1) -> np.ndarray:
        found = self.array(name)
        if found.dtype.kind not in "iu":
            raise self.wrong(f"{self.prefix}{name} has dtype {found.dtype}, not integers")
        if found.ndim != dimensions:
            raise self.wrong(f"{self.prefix}{name} has shape {found.shape}")
        return found

    def values(self, dimensions: int = 1) -> np.ndarray:
        """`data` as float32, or else float64, which no sum of repeats overflows."""
        found = self.array("data")
        if found.dtype.kind not in "iufb":
            raise self.wrong(f"{self.prefix}data has dtype {found.dtype}, not numbers")
        if found.ndim != dimensions:
            raise self.wrong(f"{self.prefix}data has shape {found.shape}")
        return found.astype(np.float32 if found.dtype == np.float32 else np.float64, copy=False)

    def shape(self, *held: np.ndarray) -> _Shape:
        """Rows and columns, which may not be far more than the numbers that other parts hold."""
        found, count = self.integers("shape"), sum(part.size for part in held)
        if found.size != 2 or found.min() < 0:
            raise self.wrong(f"{self.prefix}shape is {found[:9].tolist()}, not rows and columns")
        shape = _Shape(*map(int, found))
        if shape.rows > ROWS + EACH * count or shape.columns > COLUMNS + EACH * count:
            raise self.wrong(f"{self.prefix}shape is {found.tolist()}, with {count} numbers in all")
        return shape

    def check(self, name: str, found: np.ndarray, count: int, length: int) -> None:
        """Refuse what is not `length` numbers from 0 to `count` - 1."""
        if len(found) != length:
            raise self.wrong(f"{self.prefix}{name} has {len(found)} numbers, not {length}")
        low, high = int(found.min(initial=0)), int(found.max(initial=0))
        if low < 0 or (length and high >= count):
            bad = low if low < 0 else high
            raise self.wrong(f"{self.prefix}{name} holds {bad}, beyond 0 to {count - 1}")

    def check_starts(self, indptr: np.ndarray, lines: int, held: int) -> None:
        """Refuse an `indptr` that is not `[lines + 1]` rising numbers from 0 up to `held`."""
        self.check("indptr", indptr, held + 1, lines + 1)
        # Compared, not subtracted: differences of unsigned numbers are never below 0.
        falls = np.flatnonzero(indptr[1:] < indptr[:-1])
        if indptr[0] != 0 or len(falls):
            at = int(falls[0]) + 1 if len(falls) else 0
            raise self.wrong(f"{self.prefix}indptr[{at}] is {indptr[at]}: does not rise from 0")


@dataclass(frozen=True)
class _Shape:
    rows: int
    columns: int

    def index_type(self, held: int) -> Any:
        """Type of indices that no conversion of a matrix of `held` values overflows."""
        return np.int32 if max(self.rows, self.columns, held) < 2**31 - 1 else np.int64


def _compressed(parts: _Parts) -> Any:
    """CSR or CSC: lines are rows or columns, and `indices` say where in a line values stand."""
    data, indices, indptr = parts.values(), parts.integers("indices"), parts.integers("indptr")
    shape, is_csr = parts.shape(data, indptr), parts.form == "csr"
    lines, across = (shape.rows, shape.columns) if is_csr else (shape.columns, shape.rows)
    parts.check_starts(indptr, lines, len(data))
    parts.check("indices", indices, across, len(data))
    used, index = int(indptr[-1]), shape.index_type(len(data))
    given = data[:used], indices[:used].astype(index, copy=False), indptr.astype(index, copy=False)
    make = sp.csr_array if is_csr else sp.csc_array
    return make(given, shape=(shape.rows, shape.columns))


def _blocks(parts: _Parts) -> Any:
    """BSR: a CSR matrix of blocks, `data [blocks, height, width]`."""
    data, indices, indptr = parts.values(3), parts.integers("indices"), parts.integers("indptr")
    shape, (count, height, width) = parts.shape(data, indptr), data.shape
    if not height or not width or shape.rows % height or shape.columns % width:
        raise parts.wrong(
            f"blocks of {height} x {width} do not fill a matrix of {shape.rows} x {shape.columns}"
        )
    parts.check_starts(indptr, shape.rows // height, count)
    parts.check("indices", indices, shape.columns // width, count)
    used, index = int(indptr[-1]), shape.index_type(data.size)
    given = data[:used], indices[:used].astype(index), indptr.astype(index)
    return sp.bsr_array(given, shape=(shape.rows, shape.columns))


def _coordinates(parts: _Parts) -> Any:
    """COO: `row` and `col` of each value, or both in `coords [2, m]`."""
    data = parts.values()
    shape = parts.shape(data)
    if f"{parts.prefix}coords" in parts.arrays:
        ends = parts.integers("coords", 2)
        if len(ends) != 2:
            raise parts.wrong(f"{parts.prefix}coords has shape {ends.shape}")
        row, column = ends
    else:
        row, column = parts.integers("row"), parts.integers("col")
    parts.check("row", row, shape.rows, len(data))
    parts.check("col", column, shape.columns, len(data))
    index = shape.index_type(len(data))
    where = row.astype(index, copy=False), column.astype(index, copy=False)
    return sp.coo_array((data, where), shape=(shape.rows, shape.columns))


def _diagonals(parts: _Parts) -> Any:
    """DIA: `data [d, m]` has column j of each diagonal at j, whose row is j less its offset."""
    data, offsets = parts.values(2), parts.integers("offsets")
    shape = parts.shape(data, offsets)
    if len(offsets) != len(data) or len(np.unique(offsets)) != len(offsets):
        raise parts.wrong(f"{parts.prefix}offsets are not {len(data)} different numbers")
    low, high = int(offsets.min(initial=0)), int(offsets.max(initial=0))
    if len(offsets) and (low <= -shape.rows or high >= shape.columns):
        bad = low if low <= -shape.rows else high
        raise parts.wrong(f"{parts.prefix}offsets holds {bad}, beyond the matrix")
    data = data[:, : shape.columns]
    row = np.arange(data.shape[1]) - offsets.astype(np.int64)[:, None]
    diagonal, column = np.nonzero((data != 0) & (row >= 0) & (row < shape.rows))
    ends = row[diagonal, column], column
    return sp.coo_array((data[diagonal, column], ends), shape=(shape.rows, shape.columns))


FORMS: dict[str, Callable[[_Parts], Any]] = {
    "csr": _compressed,
    "csc": _compressed,
    "bsr": _blocks,
    "coo": _coordinates,
    "dia": _diagonals,
}
"""Reader of each format that `scipy.sparse.save_npz` writes."""

COMPRESSED = ("data", "indices", "indptr")

PARTS = {
    "csr": COMPRESSED,
    "csc": COMPRESSED,
    "bsr": COMPRESSED,
    "coo": ("data", "row", "col"),
    "dia": ("data", "offsets"),
}
"""Arrays of each form, as attributes of scipy's matrices."""
