"""Threads of the numerical libraries of this process; torch's too where its OpenMP is among these.

Libraries that come without a module, as by `ctypes`, are found when the next module has come.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController

SHORT = 2**16
"""Numbers of a vector that one thread has worked through before others have started."""


def limited_to(threads: int, kind: str | None = None) -> AbstractContextManager[Any]:
    """Bind the libraries that are loaded to so many threads, from this call to the end of the
    block; then each has as many as before.

    Args:
        threads: of each.
        kind: "blas" for those of linear algebra alone; None for all.
    """
    found = _found(tuple(sys.modules))
    limit: AbstractContextManager[Any] = found.limit(limits=threads, user_api=kind)
    return limit


def lanczos_threads(length: int) -> AbstractContextManager[Any]:
    """Let vectors of up to `SHORT` numbers be made orthogonal to others by one thread. Several
    threads would wait for each other at each vector, and add up in another order.
    """
    return limited_to(1, "blas") if length <= SHORT else nullcontext()


@lru_cache(1)
def _found(modules: tuple[str, ...]) -> ThreadpoolController:  # noqa: ARG001 which may have loaded some
    """The libraries: looking through all that a process has loaded takes milliseconds."""
    return ThreadpoolController()
