"""Where training runs: device, threads, random state."""

from __future__ import annotations

import os

import torch

from tvgnn_cli.errors import UsageError


def choose_threads(asked: int | None = None) -> int:
    """`asked`, or `SLURM_CPUS_PER_TASK`, or `OMP_NUM_THREADS`, or the CPUs this process may use.

    Raises:
        UsageError: the number is not a positive integer.
    """
    named = [("--threads", None if asked is None else str(asked))]
    named += [(key, os.environ.get(key)) for key in ("SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS")]
    for name, value in named:
        if value is None or value == "":
            continue
        if not value.isdigit() or int(value) < 1:
            raise UsageError(f"{name} is '{value}'; needs to be at least 1")
        return int(value)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def set_threads(threads: int) -> None:
    """Bind torch and the numerical libraries of this process to `threads` threads."""
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(threads)
    threadpool_limits(limits=threads)


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes an accelerator where there is one.

    Raises:
        UsageError: no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        here = "cpu, cuda" if torch.cuda.is_available() else "cpu"
        raise UsageError(f"--device is '{name}'; here: auto, {here}") from None
    return device


def seed_everything(seed: int) -> None:
    """Seed torch, on every device."""
    torch.manual_seed(seed)
