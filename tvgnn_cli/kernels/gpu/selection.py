"""The value of a given rank in each column, selected by digits and not by sorting.

The bits of a number, changed so that they rise as numbers do, are read from the highest digit down.
How many values of a column have each digit says which digit the sought one has, and only values
with that digit go on. Counts are whole numbers: in which order programs add them up does not
matter.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

BLOCK = 1024
"""Values that a program reads at once."""

STEPS, PROGRAMS = 8, 1024
"""Blocks of one program at most, of a column that many share; and programs from which on each takes
more than one block.
"""


def chunk_of(k: int, n: int) -> int:
    """Values that one program takes of each of k columns of n."""
    blocks = k * -(-n // BLOCK)
    return BLOCK * min(max(blocks // PROGRAMS, 1), STEPS)


@triton.jit
def key_of(value, WIDE: tl.constexpr):
    """A whole number with sign that rises as numbers do."""
    if WIDE:
        bits = value.to(tl.int64, bitcast=True)
        key = bits ^ ((bits >> 63) & 0x7FFFFFFFFFFFFFFF)
    else:
        bits = value.to(tl.int32, bitcast=True)
        key = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).to(tl.int64)
    return key


@triton.jit
def number_of(key, WIDE: tl.constexpr):
    """The number of such a key."""
    if WIDE:
        value = (key ^ ((key >> 63) & 0x7FFFFFFFFFFFFFFF)).to(tl.float64, bitcast=True)
    else:
        bits = (key ^ ((key >> 63) & 0x7FFFFFFF)).to(tl.int32)
        value = bits.to(tl.float32, bitcast=True)
    return value


@triton.jit
def counted(value, there, key, digit, WIDE: tl.constexpr):
    """Count the values of a block by a digit, 0 being the lowest, of those whose higher digits are
    the key's; the second half of the counts has the others.
    """
    its, is_first = key_of(value, WIDE), digit == (7 if WIDE else 3)
    found = (its >> (8 * digit)) & 255
    found = tl.where(is_first, found ^ 128, found)  # the sign
    above = tl.where(is_first, 0, 8 * digit + 8)
    is_like = is_first | ((its >> above) == (key >> above))
    return tl.histogram(tl.where(there & is_like, found, 256).to(tl.int32), 512)


@triton.jit
def picked(counts, key, left, digit, WIDE: tl.constexpr):
    """The key with one more digit, and how many larger values than the sought one are left that
    have the same digits.
    """
    each = tl.arange(0, 512)
    counts = tl.where(each < 256, counts, 0)
    larger = tl.sum(counts, 0) - tl.cumsum(counts, 0)
    is_it = (larger <= left) & (left < larger + counts)
    found = tl.sum(tl.where(is_it, each, 0), 0).to(tl.int64)
    left -= tl.sum(tl.where(is_it, larger, 0), 0)
    signed = (found ^ 128) - 2 * ((found ^ 128) & 128)
    found = tl.where(digit == (7 if WIDE else 3), signed, found)
    return key + (found << (8 * digit)), left


@triton.jit(do_not_specialize=["n", "digit"])
def _count(
    columns, key, counts, n, digit, WIDE: tl.constexpr, CHUNK: tl.constexpr, BLOCK: tl.constexpr
):
    column, chunk = tl.program_id(0).to(tl.int64), tl.program_id(1).to(tl.int64)
    known = tl.load(key + column)
    total = tl.zeros([512], dtype=tl.int32)
    for step in range(CHUNK // BLOCK):
        row = chunk * CHUNK + step * BLOCK + tl.arange(0, BLOCK)
        value = tl.load(columns + column * n + row, mask=row < n, other=0.0)
        total += counted(value, row < n, known, digit, WIDE)
    each = tl.arange(0, 512)
    tl.atomic_add(counts + column * 256 + each, total, mask=(each < 256) & (total > 0))


@triton.jit(do_not_specialize=["digit"])
def _pick(counts, key, left, digit, WIDE: tl.constexpr):
    column = tl.program_id(0)
    each = tl.arange(0, 512)
    place = counts + column * 256 + each
    total = tl.load(place, mask=each < 256, other=0)
    found, more = picked(total, tl.load(key + column), tl.load(left + column), digit, WIDE)
    tl.store(key + column, found)
    tl.store(left + column, more)
    tl.store(place, tl.zeros([512], dtype=tl.int32), mask=each < 256)  # for the next digit


def select(columns: Tensor, larger: int) -> Tensor:
    """Keys of the values than which `larger` are larger, one a column, int64 `[k]`.

    Args:
        columns: values, `[k, n]`.
        larger: how many come before the sought one in falling order, below n.
    """
    k, n = columns.shape
    wide = columns.dtype == torch.float64
    key, left = (torch.full((k,), at, device=columns.device) for at in (0, larger))
    counts = torch.zeros(k, 256, dtype=torch.int32, device=columns.device)
    digits, chunk = 8 if wide else 4, chunk_of(k, n)
    for digit in reversed(range(digits)):
        _count[(k, -(-n // chunk))](
            columns, key, counts, n, digit, WIDE=wide, CHUNK=chunk, BLOCK=BLOCK
        )
        _pick[(k,)](counts, key, left, digit, WIDE=wide)
    return key
