"""Threads of the processor: how many, and how long."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tvgnn_cli.errors import UsageError


def choose_threads(asked: int | None = None) -> int:
    """`asked`, or `SLURM_CPUS_PER_TASK`, or `OMP_NUM_THREADS`, or the CPUs this process may use.

    Raises:
        UsageError: the number is not a positive integer.
    """
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
    """Bind torch and the numerical libraries of this process to `threads` threads, for a while."""
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with threadpool_limits(limits=threads):
            yield
    finally:
        torch.set_num_threads(before)
