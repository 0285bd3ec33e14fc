"""Tensors that the kernels take, the shape of a tile, and other arguments of all launches."""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from tvgnn_cli.kernels.gpu.pieces import Pieces
from tvgnn_cli.kernels.library import DTYPES, NO_FUSED

NAME = "triton"
"""Name of these kernels in results."""

WIDEST = 4096
"""Columns of a row up to which one program holds it."""

NUMBERS = 32
"""Numbers of a tile that each of its threads holds."""

WIDE = 128
"""Columns beyond which they are half as many: one more neighbour at once costs more registers than
it saves time.
"""


@cache
def is_here() -> bool:
    """Tell whether there is a Triton to compile kernels with."""
    return importlib.util.find_spec("triton") is not None


def usable(*tensors: Tensor) -> bool:
    """Tell whether these kernels are here and take these: dense, of one type that they know."""
    if os.environ.get(NO_FUSED) or not is_here():
        return False
    known = all(t.layout == torch.strided and t.dtype in DTYPES for t in tensors)
    return known and len({t.dtype for t in tensors}) <= 1


class Tile(NamedTuple):
    """Rows and columns that a program works on at once, and the warps that it has."""

    rows: int
    columns: int
    warps: int


def tile_of(width: int, numbers: int = NUMBERS) -> Tile:
    """A tile of all columns of rows of that width, with so many numbers for each thread; half as
    many of wide rows, of which a vertex has too few for tall tiles.
    """
    columns = power_of_two(width)
    warps = min(max(columns // 128, 1), 8)
    numbers = numbers if columns <= WIDE else numbers // 2
    rows = min(max(numbers * 32 * warps // columns, 1), 16)
    return Tile(rows, columns, warps)


def power_of_two(number: int) -> int:
    """The smallest power of two from that number on."""
    return 1 << max(number - 1, 0).bit_length()


class Cut(NamedTuple):
    """Pieces as arguments of a kernel, with room for the sums of those of long rows."""

    row: Tensor
    slot: Tensor
    partial: Tensor
    is_cut: bool


def cut_of(pieces: Pieces, width: int, like: Tensor) -> Cut:
    """The arguments that a kernel takes of pieces, for sums of `width` columns."""
    if pieces.row is None or pieces.slot is None:
        return Cut(pieces.start, pieces.start, like, is_cut=False)
    partial = like.new_empty(pieces.slots, width)
    return Cut(pieces.row, pieces.slot, partial, is_cut=True)


def given(tensor: Tensor | None, otherwise: Tensor) -> Tensor:
    """A tensor, or any in its place where there is none: a kernel takes no null pointer."""
    return otherwise if tensor is None else tensor


def contiguous(tensor: Any) -> Tensor:
    """The values as kernels read them, one after another."""
    made: Tensor = tensor.resolve_neg().contiguous()
    return made
