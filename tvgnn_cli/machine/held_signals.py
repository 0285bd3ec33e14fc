"""Signals that are held back from a process until it can answer them, or as long as it lives."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGHUP")
    if hasattr(signal, name)
]
"""Signals that may come to all processes of a command, and mean something to the first one."""


@contextmanager
def held_back() -> Iterator[None]:
    """Hold signals back for a while, and from a process that is started meanwhile until it lets
    them through.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
