"""Threads of the processor: how many, how long, and for whom."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch

from tvgnn_cli.errors import UsageError

FORKED = (
    "one thread: this process was forked, and the threads of OpenMP do not outlive that; start it "
    "by spawning for more"
)
"""Note of a run in a forked process."""


@dataclass
class _Process:
    """State that the runs of a process share: whose turn it is, and whether a fork made it."""

    turn: threading.RLock = field(default_factory=threading.RLock)
    is_forked: bool = False

    def after_fork(self) -> None:
        """Forget the turns of threads that are not here, and remember the fork."""
        self.turn, self.is_forked = threading.RLock(), True


_process = _Process()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_process.after_fork)


def notes_on_threads() -> tuple[str, ...]:
    """Say that a fork made this process, where one did. A parallel pass of the compiled kernels or
    of torch would wait for ever for the threads of the parent.
    """
    return (FORKED,) if _process.is_forked else ()


def choose_threads(asked: int | None = None) -> int:
    """`asked`, or `SLURM_CPUS_PER_TASK`, or `OMP_NUM_THREADS`, or the CPUs this process may use.

    In a forked process it is one.

    Raises:
        UsageError: the number is not a positive integer.
    """
    if _process.is_forked:
        return 1
    named = [("`threads`", None if asked is None else str(asked))]
    named += [(key, os.environ.get(key)) for key in ("SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS")]
    for name, value in named:
        if value is None or value == "":
            continue
        if name == "OMP_NUM_THREADS":
            value = value.partition(",")[0].strip()  # of nested levels, the outermost
        if not value.isdigit() or int(value) < 1:
            raise UsageError(f"{name} is '{value}'; needs to be at least 1")
        return int(value)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def bound_threads(threads: int) -> Iterator[None]:
    """Bind torch and the numerical libraries of this process to `threads` threads, for a while.

    Runs of one process that want this at the same time go one after the other: the limits of those
    libraries, torch's random state and its precision are the whole process's, and what one run sets
    would change the figures of another.
    """
    from tvgnn_cli.machine.library_threads import limited_to

    with _process.turn:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            with limited_to(threads):
                yield
        finally:
            torch.set_num_threads(before)
