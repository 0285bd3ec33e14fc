"""Heaps of texts in an HDF5 file, walked before the library does.

HDF5 believes the sizes that a heap gives its objects: one of 0 is a loop without end, and one
beyond the heap a fault of memory. "HDF5 File Format Specification", III.E, has the form.
"""

from __future__ import annotations

import mmap
from pathlib import Path

SIGNATURE = b"GCOL\x01\0\0\0"
"""Beginning of a heap: its name, version 1 and three bytes without a meaning."""

HEAD, OBJECT = 16, 16
"""Bytes before the objects of a heap, and before the bytes of an object, of a file whose lengths
take 8 bytes each, as h5py writes them.
"""


def fault_of_heaps(path: Path) -> str:
    """Say what is wrong with a heap of a file; "" where nothing is.

    Raises:
        OSError, ValueError: the file cannot be looked at.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(SIGNATURE)
        while at >= 0:
            fault = _fault(data, at)
            if fault:
                return f"the heap at byte {at:,} {fault}"
            at = data.find(SIGNATURE, at + len(SIGNATURE))
    return ""


def _fault(data: mmap.mmap, start: int) -> str:
    size = _number(data, start + 8, 8)
    end = start + size
    if size < HEAD or end > len(data):
        return "is cut short"
    at = start + HEAD
    while at + OBJECT <= end:
        number, taken = _number(data, at, 2), _number(data, at + 8, 8)
        # Object 0 is what is free, its head included; others begin at multiples of 8 bytes.
        taken = OBJECT + taken + -taken % 8 if number else taken
        if taken < OBJECT or taken > end - at:
            return f"has an object of {taken:,} bytes"
        at += taken
    return ""


def _number(data: mmap.mmap, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "little")
