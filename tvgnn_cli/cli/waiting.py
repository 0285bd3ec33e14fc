"""Threads that wait for each other without keeping a core from others."""

from __future__ import annotations

from collections.abc import MutableMapping

CHOSEN_BY_USER = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
"""Variables any of which says how threads wait."""

SHORT = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "300",
    "OPENBLAS_THREAD_TIMEOUT": "14",
}
"""A thread that waits looks a few microseconds for its next work, then sleeps. By default it looks
for milliseconds, with GNU's OpenMP and with OpenBLAS (2^14 cycles instead of 2^26): where others
want the core, the thread that it waits for is often one of them."""


def wait_briefly(environment: MutableMapping[str, str]) -> None:
    """Set how threads wait, unless the user has; before a library of threads is loaded, which reads
    it once. Processes that this one starts inherit it.
    """
    if any(name in environment for name in CHOSEN_BY_USER):
        return
    for name, value in SHORT.items():
        environment.setdefault(name, value)
