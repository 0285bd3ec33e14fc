"""Weighted sums of rows: products with sparse matrices; and sums of the pieces of long rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from tvgnn_cli.kernels.gpu.launch import contiguous, cut_of, given, power_of_two
from tvgnn_cli.kernels.gpu.pieces import Pieces

FEWEST, COLUMNS = 32, 128
"""Columns of one program: fewer take as long to gather, and would have to be compiled for."""

GATHERED = 1024
"""Numbers that a program gathers at once."""


@triton.jit
def sum_of_slots(
    long_start, partial, which, column, inside, width, ROWS: tl.constexpr, COLUMNS: tl.constexpr
):
    """Add up the sums of the pieces of one long row, in their order."""
    total = tl.zeros([ROWS, COLUMNS], dtype=partial.dtype.element_ty)
    end = tl.load(long_start + which + 1)
    for first in range(tl.load(long_start + which), end, ROWS):
        at = first + tl.arange(0, ROWS)
        both = (at < end)[:, None] & inside[None, :]
        total += tl.load(partial + at[:, None] * width + column[None, :], mask=both, other=0.0)
    return tl.sum(total, 0)


@triton.jit
def _add_slots(
    long, long_start, partial, added, out, width, ADDED: tl.constexpr, ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
):  # fmt: skip
    which = tl.program_id(0)
    column = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    inside = column < width
    value = sum_of_slots(long_start, partial, which, column, inside, width, ROWS, COLUMNS)
    at = tl.load(long + which) * width + column
    if ADDED:
        value += tl.load(added + at, mask=inside, other=0.0)
    tl.store(out + at, value, mask=inside)


def add_slots(pieces: Pieces, partial: Tensor, out: Tensor, added: Tensor | None) -> None:
    """Write the sums of long rows, from those of their pieces.

    Args:
        pieces: rows in pieces, of which some are long.
        partial: the sum of each piece of a long row, `[slots, f]`.
        out: where the sums go, `[rows, f]`.
        added: what is added to them, `[rows, f]`; None for nothing.
    """
    width = out.size(1)
    columns = _columns(width)
    _add_slots[(len(pieces.long), -(-width // columns))](
        pieces.long, pieces.long_start, partial, given(added, out), out, width,
        ADDED=added is not None, ROWS=max(GATHERED // columns, 1), COLUMNS=columns,
    )  # fmt: skip


@triton.jit
def _row_sums(
    start, row, slot, column, value, dense, out, partial, width,
    CUT: tl.constexpr, WEIGHTED: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    piece = tl.program_id(0)
    made, place = piece.to(tl.int64), -1
    if CUT:
        made, place = tl.load(row + piece), tl.load(slot + piece)
    at_column = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    inside = at_column < width
    total = tl.zeros([ROWS, COLUMNS], dtype=dense.dtype.element_ty)
    end = tl.load(start + piece + 1)
    for first in range(tl.load(start + piece), end, ROWS):
        at = first + tl.arange(0, ROWS)
        there = at < end
        other = tl.load(column + at, mask=there, other=0).to(tl.int64)
        both = there[:, None] & inside[None, :]
        rows = tl.load(dense + other[:, None] * width + at_column[None, :], mask=both, other=0.0)
        if WEIGHTED:
            rows *= tl.load(value + at, mask=there, other=0.0)[:, None]
        total += rows
    if place < 0:
        tl.store(out + made * width + at_column, tl.sum(total, 0), mask=inside)
    else:
        tl.store(partial + place * width + at_column, tl.sum(total, 0), mask=inside)


def row_sums(
    pieces: Pieces, rows: int, column: Tensor, value: Tensor | None, dense: Tensor
) -> Tensor:
    """Sums of rows of `dense` by row of a CSR matrix: the product of the two, `[rows, h]`.

    Args:
        pieces: the rows of the matrix in pieces.
        rows: their number.
        column: of each entry.
        value: of each entry; None for 1.
        dense: `[columns, h]`.
    """
    dense, width = contiguous(dense), dense.size(1)
    out = dense.new_empty(rows, width)
    cut, columns = cut_of(pieces, width, dense), _columns(width)
    blocks = -(-width // columns)
    if pieces.count and blocks:
        _row_sums[(pieces.count, blocks)](
            pieces.start, cut.row, cut.slot, column, given(value, dense), dense, out, cut.partial,
            width, CUT=cut.is_cut, WEIGHTED=value is not None,
            ROWS=min(max(GATHERED // columns, 1), 16), COLUMNS=columns,
            num_warps=1 if columns <= 64 else 2,
        )  # fmt: skip
    if cut.is_cut:
        add_slots(pieces, cut.partial, out, None)
    return out


def _columns(width: int) -> int:
    return min(max(power_of_two(width), FEWEST), COLUMNS)


class Csr(NamedTuple):
    """A CSR matrix as `row_sums` takes it."""

    pieces: Pieces
    column: Tensor
    value: Tensor

    @classmethod
    def of(cls, matrix: Tensor) -> Csr:
        """Take apart a CSR tensor."""
        return cls(Pieces.of(matrix.crow_indices()), matrix.col_indices(), matrix.values())

    @classmethod
    def transposed(cls, matrix: Tensor) -> Csr:
        """Take apart the transpose of a CSR tensor; entries of a row in the order of the rows that
        they come from.
        """
        start, column = matrix.crow_indices().long(), matrix.col_indices().long()
        order = torch.argsort(column, stable=True)
        row = torch.repeat_interleave(start.diff())[order].to(matrix.col_indices().dtype)
        ends = torch.bincount(column, minlength=matrix.size(1)).cumsum(0)
        starts = torch.cat([ends.new_zeros(1), ends])
        return cls(Pieces.of(starts), row, matrix.values()[order])


def csr_product(matrix: Tensor, dense: Tensor) -> Tensor:
    """`matrix @ dense` for a CSR tensor."""
    pieces, column, value = _kept(matrix, "tvgnn_rows", Csr.of)
    return row_sums(pieces, matrix.size(0), column, value, dense)


def csr_transposed_product(matrix: Tensor, dense: Tensor) -> Tensor:
    """`matrix.t() @ dense` for a CSR tensor."""
    pieces, column, value = _kept(matrix, "tvgnn_columns", Csr.transposed)
    return row_sums(pieces, matrix.size(1), column, value, dense)


def _kept(matrix: Tensor, name: str, make: Callable[[Tensor], Csr]) -> Csr:
    """Parts of a matrix, found once, and again where torch knows of a change to it."""
    lists = matrix.crow_indices(), matrix.col_indices(), matrix.values()
    versions = None if matrix.is_inference() else tuple(each._version for each in lists)
    known: tuple[object, Csr] | None = getattr(matrix, name, None)
    if known is None or known[0] != versions:
        known = versions, make(matrix)
        setattr(matrix, name, known)
    return known[1]
