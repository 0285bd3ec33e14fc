"""The process that METIS works in, which is started with all signals held back."""

from __future__ import annotations

import ctypes
import itertools
import pickle
import signal
import sys
import threading

import numpy as np

DEATH_SIGNAL = 1
"""Number of the wish for a signal at the parent's end, of Linux's `prctl`."""

NUMBERS = np.dtype(np.int32)
"""Type of the parts that are sent back."""


def found_parts(start: np.ndarray, neighbour: np.ndarray, num_parts: int, seed: int) -> np.ndarray:
    """Call METIS here; arguments and value are those of `metis_parts`."""
    import pymetis

    graph = pymetis.CSRAdjacency(start, neighbour)
    settings = pymetis.Options(seed=seed % 2**31)
    return np.asarray(pymetis.part_graph(num_parts, graph, options=settings).vertex_part, NUMBERS)


def work() -> None:
    """Read a graph from standard input, and write its parts to standard output."""
    _end_with_parent()
    # SIGTERM that others send ends here. What METIS raises for itself, where it fails inside, goes
    # to its own thread, and waits there.
    if hasattr(signal, "sigwait"):
        threading.Thread(target=_take, args=(signal.SIGTERM,), daemon=True).start()
    parts = found_parts(*pickle.load(sys.stdin.buffer))
    if hasattr(signal, "sigpending") and signal.SIGTERM in signal.sigpending():
        sys.exit(1)
    sys.stdout.buffer.write(parts.tobytes())


def _end_with_parent() -> None:
    """End when the process that started this one does, where the system has such a wish: nothing of
    Python's runs while METIS works.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)


def _take(number: signal.Signals) -> None:
    """Take a signal each time that it comes."""
    for _ in itertools.repeat(None):
        signal.sigwait({number})
