"""Large arrays whose memory goes from one epoch to the next.

The system takes large arrays back as they are freed and hands them out page by page at the next
epoch, which takes as long as working on them. What the C library keeps instead falls into holes
that the next array does not fit. Here, memory of one size waits for the next array of that size.
"""

from __future__ import annotations

import math
import mmap
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor

SMALLEST = 2**20
"""Bytes of an array from which its memory is recycled."""

HUGE = 2**26
"""Bytes from which huge pages are asked for: one fault, and one entry of the processor's page
cache, instead of 512. Smaller arrays would only pay for what is left empty of them."""


WORTH_IT = 2**27
"""Bytes of memory from which it is given back between works on arrays of different sizes."""


class _Recycler:
    """Memory that is free, by its size; and who must give some back."""

    def __init__(self) -> None:
        self.free: dict[int, list[mmap.mmap]] = {}
        self._lent: dict[int, weakref.ref[memoryview]] = {}
        self.is_open = True

    def lend(self, size: int) -> memoryview:
        """Memory of that size, until nobody refers to it any more."""
        whole = size_class(size)
        waiting = self.free.get(whole)
        memory = waiting.pop() if waiting else _map(whole)
        view = memoryview(memory)

        def give_back(lent: weakref.ref[memoryview]) -> None:
            del self._lent[id(lent)]
            if self.is_open:
                self.free.setdefault(whole, []).append(memory)

        lent = weakref.ref(view, give_back)
        self._lent[id(lent)] = lent
        return view


def release() -> None:
    """Give back to the system what waits for arrays to come, where that is `WORTH_IT`."""
    recycler = _recycler.get()
    if recycler is None:
        return
    waiting = sum(size * len(free) for size, free in recycler.free.items())
    if waiting >= WORTH_IT:
        recycler.free.clear()


def size_class(size: int) -> int:
    """Round a size up by at most an eighth, so that arrays of batches, which differ a little, share
    memory; what is left over is never touched and takes none.
    """
    step = 1 << max(size.bit_length() - 4, 0)
    return -(-size // step) * step


def _map(size: int) -> mmap.mmap:
    memory = mmap.mmap(-1, size)
    if size >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


_recycler: ContextVar[_Recycler | None] = ContextVar("recycler", default=None)
"""Memory of the run that asks: two threads of a process have two."""


@contextmanager
def recycled_memory() -> Iterator[None]:
    """For a while, `empty` takes memory that earlier arrays of the same size have left."""
    recycler = _Recycler()
    token = _recycler.set(recycler)
    try:
        yield
    finally:
        _recycler.reset(token)
        recycler.is_open = False
        recycler.free.clear()


def laid_out(values: Tensor) -> Tensor:
    """The same values as C reads them: one after another, and none whose sign torch has yet to
    turn.
    """
    return values.resolve_neg().contiguous() if values.is_neg() else values.contiguous()


def empty(*shape: int, like: Tensor) -> Tensor:
    """An array of that shape with any values, of the type and on the device of `like`."""
    size = math.prod(shape) * like.element_size()
    recycler = _recycler.get()
    if recycler is None or like.device.type != "cpu" or size < SMALLEST:
        return like.new_empty(shape)
    lent = recycler.lend(size)
    return torch.frombuffer(lent, dtype=like.dtype, count=math.prod(shape)).view(shape)
