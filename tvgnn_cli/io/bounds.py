"""Bounds of what is read: bytes of a stream, and what a small file may turn into."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import BinaryIO

from tvgnn_cli.errors import InputError
from tvgnn_cli.machine.free_memory import available_memory_mb

LOOKED_AT = 2**16
"""First bytes of an input by which it is told whether it can be text."""

BLOCK = 2**24
"""Bytes that are read at a time."""

ALWAYS, TIMES = 2**25, 50
"""Bytes that any file may turn into, and how many times its size. Text of edges compresses to a
fifth, that of few words to a thirtieth; what only seems large compresses to a thousandth. A table
of zeros and ones may pass the second, and then the first serves.
"""

OF_BYTES = (b"\x93NUMPY", b"PK", b"PAR1", b"\x89HDF", b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b")
"""First bytes of forms that are read, and may have a byte 0 among the next."""


def refuse_unpacked(
    size: int, unpacked: int, label: str, what: str, remedy: str, always: int = ALWAYS
) -> None:
    """Refuse a file that is far smaller than what it stands for.

    Args:
        size: bytes of the file.
        unpacked: bytes that it stands for, or those found so far.
        label: the file, as messages name it.
        what: of the file stands for so much.
        remedy: that helps where so much is meant.
        always: bytes that a file of any size may stand for.

    Raises:
        InputError: it is too small for that.
    """
    most = max(always, TIMES * size)
    if unpacked > most:
        raise InputError(
            f"{label}: {what} would take over {most:,} bytes of memory, of a file of {size:,}; "
            f"where that is meant, {remedy}"
        )


def read_stream(handle: BinaryIO, label: str) -> bytes:
    """Read to the end of a stream, or no further than to what tells that it is no text.

    Raises:
        InputError: it has more than memory has room for.
    """
    first = handle.read(LOOKED_AT)
    if _is_no_text(first):
        return first
    found, total = io.BytesIO(), 0
    room = available_memory_mb() * 1e6 / 2  # these bytes, and what is made of them
    part = first
    while part:
        total += found.write(part)
        if total > room:
            raise InputError(
                f"{label}: holds more than {total:,} bytes, half of the free memory; take a "
                "smaller input, or a machine with more memory"
            )
        part = handle.read(BLOCK)
    return found.getvalue()


def unpack_gzip(data: bytes, label: str) -> bytes:
    """Unpack the whole of a gzip file, block by block.

    Raises:
        InputError: it is damaged or cut short, or is far smaller than what it holds.
    """
    found, total = io.BytesIO(), 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            while part := stream.read(BLOCK):
                total += found.write(part)
                if total == len(part) and _is_no_text(part[:LOOKED_AT]):
                    break
                refuse_unpacked(
                    len(data), total, label, "the text in gzip's form", "decompress it first"
                )
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(
            f"{label}: the gzip data is truncated or damaged ({error}); fetch it again"
        ) from None
    return found.getvalue()


def _is_no_text(first: bytes) -> bool:
    return b"\0" in first and not first.startswith(OF_BYTES)
