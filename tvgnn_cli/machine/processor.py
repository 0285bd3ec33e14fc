"""The processor, as the system tells of it: what can be asked before torch is imported."""

from __future__ import annotations

from functools import cache
from pathlib import Path

AVX512 = frozenset({"avx512f", "avx512bw", "avx512dq", "avx512vl"})
"""Instructions that the compiled passes ask for before they use 512-bit ones."""

ONEDNN_FEWEST = 2**22
"""Multiplications from which oneDNN is asked: below, its call takes longer than they do."""

INFO = Path("/proc/cpuinfo")


def has_idle_avx512() -> bool:
    """Tell whether there are 512-bit instructions that MKL does not use, as it does on Intel's
    only; not where the system does not tell.
    """
    told = _told()
    return frozenset(told.get("flags", "").split()) >= AVX512 and (
        told.get("vendor_id") != "GenuineIntel"
    )


@cache
def _told() -> dict[str, str]:
    """Read what Linux says of the first core."""
    try:
        first = INFO.read_text().partition("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
