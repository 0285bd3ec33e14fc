"""How memory is taken and given back while training."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

from tvgnn_cli.memory import KEPT

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's `mallopt`."""

LARGEST, DEFAULT = 2**31 - 1, 128 * 1024

HUGE_PAGES = "THP_MEM_ALLOC_ENABLE"
"""Environment variable that torch looks at when it first makes a tensor."""


def ask_for_huge_pages(largest: int) -> None:
    """Let torch ask for huge pages where arrays are too large to be kept.

    A page of 2 MB is one fault instead of 512, at each array of each epoch; smaller graphs would
    only pay for what is left empty of them. Too late, and without effect, in a process that
    has made a tensor already.

    Args:
        largest: bytes of the largest array that each epoch makes anew.
    """
    if largest > KEPT:
        os.environ.setdefault(HUGE_PAGES, "1")


@contextmanager
def retained_memory() -> Iterator[None]:
    """Keep freed memory in the process for a while.

    Large arrays are otherwise handed back to the system as they are freed and faulted in again,
    page by page, at the next epoch. Only glibc is told; elsewhere nothing changes.
    """
    glibc = _glibc()
    if glibc is None:
        yield
        return
    glibc.mallopt(TRIM_THRESHOLD, LARGEST)
    glibc.mallopt(MMAP_THRESHOLD, KEPT)
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
