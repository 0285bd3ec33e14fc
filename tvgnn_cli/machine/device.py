"""Device that a network is trained on: its choice, precision and random state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tvgnn_cli.errors import UsageError

PRECISIONS = {"float32": "highest", "tf32": "high", "bf16": "medium"}
"""Precisions of products, and what torch calls them."""


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
        raise UsageError(f"`device` is '{name}'; here: auto, {here}") from None
    return device


def own_gpu(number: int) -> torch.device:
    """The GPU of a process by its number on the machine; of those that it sees, which may be its
    own alone.
    """
    return torch.device("cuda", number % max(torch.cuda.device_count(), 1))


def take_own_gpu(number: int) -> None:
    """Make a process's own GPU the one that "auto" and "cuda" mean, where there are any."""
    if torch.cuda.is_available():
        torch.cuda.set_device(own_gpu(number))


def choose_for_small_graphs(name: str = "auto") -> torch.device:
    """The device of that name for batches of small graphs, "auto" being the CPU: asking a GPU for
    the kernels of a step takes as long as the step takes the CPU.

    Raises:
        UsageError: no such device here.
    """
    return choose_device("cpu" if name == "auto" else name)


@contextmanager
def product_precision(name: str, device: torch.device) -> Iterator[None]:
    """Precision of float32 matrix products, for a while: "float32", "tf32", "bf16", or "auto" for
    what suits the device.
    """
    before = torch.get_float32_matmul_precision()
    if name == "auto":
        name = "tf32" if device.type == "cuda" else "float32"
    torch.set_float32_matmul_precision(PRECISIONS[name])
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Torch's random state from a seed, for a while; the caller's comes back afterwards."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def free_gpu_memory_mb(device: torch.device) -> float:
    """Memory of a GPU that this process could still take, in MB of 10^6 bytes: what is free, and
    what torch keeps for it unused.
    """
    free, _ = torch.cuda.mem_get_info(device)
    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return (free + unused) / 1e6


def release_workspaces(device: torch.device) -> None:
    """Give back the memory that cuBLAS worked in: it keeps 34 MB for each thread and stream that
    asked it for a product, and takes anew what it needs.
    """
    if device.type == "cuda":
        torch._C._cuda_clearCublasWorkspaces()


def forget_gpu_peak(device: torch.device) -> None:
    """Count the peak of a GPU's memory from now on."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def gpu_peak(device: torch.device) -> dict[str, float]:
    """The most memory of a GPU that torch held since then, in MB of 10^6 bytes, as a metric; none
    for other devices.
    """
    if device.type != "cuda":
        return {}
    return {"peak_gpu_memory_mb": round(torch.cuda.max_memory_allocated(device) / 1e6, 1)}
