"""How the C library gives memory back while training."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

TRIM_THRESHOLD, MMAP_MAX = -1, -4
"""Parameters of glibc's `mallopt`."""

LARGEST, DEFAULT_TRIM, DEFAULT_MMAP_MAX = 2**31 - 1, 128 * 1024, 65_536


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
    glibc.mallopt(MMAP_MAX, 0)
    try:
        yield
    finally:
        glibc.mallopt(TRIM_THRESHOLD, DEFAULT_TRIM)
        glibc.mallopt(MMAP_MAX, DEFAULT_MMAP_MAX)
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
