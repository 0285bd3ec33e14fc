"""Allocation of memory while training: how it is taken and given back."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

from tvgnn_cli.kernels import recycled_memory
from tvgnn_cli.machine.ownership import is_ours

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's `mallopt`."""

KEPT = 2**26
"""Bytes of an array up to which the trainer keeps its memory when it is freed."""

KEPT_OF_BATCHES = 2**23
"""The same while training by batches: whole graphs' arrays are then few and far between."""

LARGEST, DEFAULT = 2**31 - 1, 128 * 1024


@contextmanager
def retained_memory(largest: int = KEPT) -> Iterator[None]:
    """Keep freed memory in the process for a while: of arrays up to `largest` bytes, and of larger
    ones that are recycled.

    Large arrays are otherwise handed back to the system as they are freed and faulted in again,
    page by page, at the next epoch. Only glibc is told, and only in a process of the command line:
    what it is told once turns its own rule off, and no caller of ours could take that back.
    """
    with recycled_memory(), _kept_by_the_c_library(largest):
        yield


@contextmanager
def _kept_by_the_c_library(largest: int) -> Iterator[None]:
    glibc = _glibc() if is_ours() else None
    if glibc is None:
        yield
        return
    glibc.malloc_trim(0)  # what reading and preparing left behind
    glibc.mallopt(TRIM_THRESHOLD, LARGEST)
    glibc.mallopt(MMAP_THRESHOLD, largest)
    try:
        yield
    finally:
        glibc.mallopt(TRIM_THRESHOLD, DEFAULT)
        glibc.mallopt(MMAP_THRESHOLD, DEFAULT)
        glibc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # TypeError on Windows
        return None
    named = all(
        hasattr(library, name) for name in ("mallopt", "malloc_trim", "gnu_get_libc_version")
    )
    return library if named else None
