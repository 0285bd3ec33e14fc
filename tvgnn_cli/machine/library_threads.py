"""Threads of the numerical libraries of this process, but torch's."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController


def limited_to(threads: int) -> AbstractContextManager[Any]:
    """Bind the libraries that are loaded to so many threads, for a while."""
    limit: AbstractContextManager[Any] = _found(len(sys.modules)).limit(limits=threads)
    return limit


@lru_cache(1)
def _found(modules: int) -> ThreadpoolController:  # noqa: ARG001 which may have loaded some
    """The libraries: looking through all that a process has loaded takes milliseconds."""
    return ThreadpoolController()
