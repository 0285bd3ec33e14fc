"""Files that people write by hand: read whole, and never more of them than anybody writes."""

from __future__ import annotations

from pathlib import Path

from tvgnn_cli.errors import InputError

MOST = 2**26
"""Bytes of such a file, at most."""


def read_small_text(path: Path, most: int = MOST) -> str:
    """Read a file of UTF-8 text.

    Args:
        path: of the file.
        most: bytes that it may have.

    Raises:
        InputError: it cannot be read, is larger, or holds other bytes than those of UTF-8.
    """
    try:
        with path.open("rb") as file:
            read = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError of a name that no file has
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be read: {reason}") from None
    if len(read) > most:
        raise InputError(f"{path}: is larger than {most:,} bytes, which is no such file")
    try:
        return read.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = read[: error.start].count(b"\n") + 1
        raise InputError(f"{path}: line {line}: is not UTF-8; save it so") from None
