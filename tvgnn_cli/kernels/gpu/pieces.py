"""Runs of neighbours cut into pieces, so that no program of a GPU has to walk a million of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

PIECE = 64
"""Neighbours of a piece at most, where no row has more than the square of it."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Consecutive runs of a list, each of one row; the sums of those of a long row are added up
    afterwards.

    Args:
        start: where each piece begins, and the end of the last, int64 `[pieces + 1]`.
        row: of each piece, int64 `[pieces]`; None where each row is one piece.
        slot: of each piece that is one of several of its row, its place among such pieces; -1
            for the others, int64 `[pieces]`; None as of `row`.
        long: rows of several pieces, int64 `[long rows]`.
        long_start: the slot of the first piece of each of them, and the number of all slots,
            int64 `[long rows + 1]`.
        slots: their number.
    """

    start: Tensor
    row: Tensor | None
    slot: Tensor | None
    long: Tensor
    long_start: Tensor
    slots: int

    @property
    def count(self) -> int:
        """Number of pieces."""
        return len(self.start) - 1

    def tensors(self) -> Iterator[Tensor]:
        """Tensors of which the pieces consist."""
        parts = self.start, self.row, self.slot, self.long, self.long_start
        return (part for part in parts if part is not None)

    @classmethod
    def of(cls, start: Tensor) -> Pieces:
        """Cut the runs between `start`, `[rows + 1]`, into pieces: of `PIECE`, or of the root of
        the longest run, so that neither its pieces nor their sums are many.
        """
        start = start.long()
        length = start.diff()
        none = start.new_zeros(0)
        longest = int(length.max()) if len(length) else 0
        most = max(PIECE, math.isqrt(longest))
        if longest <= most:
            return cls(start, None, None, none, none, slots=0)
        number = (length + most - 1).div(most, rounding_mode="floor").clamp(min=1)
        row = torch.repeat_interleave(number)
        before = number.cumsum(0) - number  # pieces of the rows before
        place = torch.arange(len(row), device=start.device) - before[row]
        cut = torch.cat([start[:-1][row] + place * most, start[-1:]])
        is_long = number > 1
        slots_before = torch.where(is_long, number, 0).cumsum(0) - number
        slot = torch.where(is_long[row], slots_before[row] + place, -1)
        long = is_long.nonzero().flatten()
        ends = number[long].cumsum(0)
        long_start = torch.cat([ends.new_zeros(1), ends])
        return cls(cut, row, slot, long, long_start, int(ends[-1]))
