"""Threads of the numerical libraries of this process; torch's too where its OpenMP is among these.

Libraries that come without a module, as by `ctypes`, are found when the next module has come.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController


def limited_to(threads: int) -> AbstractContextManager[Any]:
    """Bind the libraries that are loaded to so many threads, from this call to the end of the
    block; then each has as many as before.
    """
    limit: AbstractContextManager[Any] = _found(tuple(sys.modules)).limit(limits=threads)
    return limit


@lru_cache(1)
def _found(modules: tuple[str, ...]) -> ThreadpoolController:  # noqa: ARG001 which may have loaded some
    """The libraries: looking through all that a process has loaded takes milliseconds."""
    return ThreadpoolController()
