"""Source of bytes: a file, plain or gzip, or standard input."""

from __future__ import annotations

import io
import os
import stat
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.bounds import read_stream, unpack_gzip
from tvgnn_cli.io.places import fault_of_name

STDIN = "-"


def is_stream(name: str) -> bool:
    """Tell whether a name is that of a stream: standard input, or a shell's `<(command)`, whose
    path names no file, and which only one process can read.
    """
    return name in (STDIN, "/dev/stdin") or name.startswith(("/dev/fd/", "/proc/self/fd/"))


@dataclass(frozen=True)
class Source:
    """An input that is named in messages as the user named it.

    Args:
        name: path, or `-` for standard input.
        held: its bytes, where they have been read.
        form: the suffix that its first bytes ask for, where that is not its own.
    """

    name: str
    held: bytes | None = None
    form: str | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise InputError("the name of a file is empty; give one")
        fault = fault_of_name(self.name)
        if fault:
            raise InputError(f"{self.name}: no file can have this name ({fault})")

    @property
    def path(self) -> Path:
        return Path(self.name)

    @property
    def is_stdin(self) -> bool:
        return self.name == STDIN

    @property
    def label(self) -> str:
        return "standard input" if self.is_stdin else self.name

    @property
    def suffix(self) -> str:
        """The suffix that says which reader it is for, `.gz` taken off, in lower case."""
        if self.form is not None:
            return self.form
        path = self.path.with_suffix("") if self._gzipped else self.path
        return path.suffix.lower()

    @property
    def stem(self) -> str:
        if is_stream(self.name):
            return "stdin"
        path = self.path.with_suffix("") if self._gzipped else self.path
        return path.stem

    @property
    def is_plain_file(self) -> bool:
        """Tell whether parts of it can be read: it is a file, and not compressed as a whole."""
        return not self.is_stdin and not self._gzipped

    @property
    def _gzipped(self) -> bool:
        return self.path.suffix.lower() == ".gz"

    def read_bytes(self) -> bytes:
        """The whole input, decompressed.

        Raises:
            InputError: it is missing, a folder, unreadable, empty or a broken gzip file; or more
                than memory has room for.
        """
        if self.held is not None:
            return self.held
        if self.is_stdin and sys.stdin is None:
            raise InputError(f"{self.label}: is closed")
        data = read_stream(sys.stdin.buffer, self.label) if self.is_stdin else self._read_file()
        if data[:2] == b"\x1f\x8b":
            data = unpack_gzip(data, self.label)
        if not data[:4096].strip() and not data.strip():
            raise InputError(f"{self.label}: the file is empty")
        return data

    def holding(self, data: bytes) -> Source:
        """The same input, of which the bytes have been read."""
        return replace(self, held=data)

    def read_text(self) -> bytes:
        """The whole input as UTF-8 text, see `as_utf8`.

        Raises:
            InputError: as `read_bytes` and `as_utf8`.
        """
        return as_utf8(self.read_bytes(), self.label)

    def open(self) -> BinaryIO:
        """The input to read from anywhere in it, not decompressed; a file is not read whole.

        Raises:
            InputError: it is missing, a folder, unreadable or empty.
        """
        if self.is_stdin or self.held is not None:
            return io.BytesIO(self.read_bytes())
        handle = self._open_file()
        if not handle.read(1):
            raise InputError(f"{self.label}: the file is empty")
        handle.seek(0)
        return handle

    def _read_file(self) -> bytes:
        with self._open_file() as handle:
            try:
                return read_stream(handle, self.label)
            except OSError as error:
                raise InputError(f"{self.label}: cannot be read: {error.strerror}") from None

    def _open_file(self) -> BinaryIO:
        return open_file(self.path, self.label)


def open_file(path: Path, label: str) -> BinaryIO:
    """A file to read from.

    Raises:
        InputError: it is missing, a folder, a device or unreadable.
    """
    try:
        handle = path.open("rb")
    except FileNotFoundError:
        raise InputError(f"{label}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{label}: is a folder, not a file") from None
    except OSError as error:
        raise InputError(f"{label}: cannot be read: {error.strerror}") from None
    if _is_endless(handle):
        handle.close()
        raise InputError(f"{label}: is a device, not a file")
    return handle


def _is_endless(handle: BinaryIO) -> bool:
    """Tell whether a file is a device that has bytes, and is no terminal: of `/dev/zero` there is
    no end, and a disk is none to read from.
    """
    kind = os.fstat(handle.fileno()).st_mode
    if stat.S_ISBLK(kind):
        return True
    return stat.S_ISCHR(kind) and not os.isatty(handle.fileno()) and bool(handle.read(1))


def as_utf8(data: bytes, label: str) -> bytes:
    """UTF-8 text, without a byte order mark and with `\\n` line ends. UTF-16 with such a mark is
    read too: Excel calls it Unicode text.

    Raises:
        InputError: naming the first line that is not UTF-8, or binary data.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = _from_utf16(data, label)
    if b"\0" in data[:65536]:
        wide = data[:200]
        if len(wide) > 3 and _are_half_empty(wide):
            raise InputError(f"{label}: is UTF-16 without its byte order mark; save it as UTF-8")
        raise InputError(f"{label}: holds binary data, not text")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.isascii():
        _check_utf8(data, label)
        data = data.replace(b"\n\xef\xbb\xbf", b"\n")  # of files that were joined
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _are_half_empty(data: bytes) -> bool:
    """Tell whether every other byte is 0, and none of the rest is."""
    return any(not any(data[i::2]) and all(data[1 - i :: 2]) for i in (0, 1))


def _from_utf16(data: bytes, label: str) -> bytes:
    try:
        return data.decode("utf-16").encode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{label}: begins as UTF-16, and is none at byte {error.start + 1}; save the file as "
            "UTF-8"
        ) from None


def _check_utf8(data: bytes, label: str) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise InputError(
            f"{label}: line {line}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8"
        ) from None


def is_decimal(cell: str) -> bool:
    """Tell whether a cell reads as a number, with a decimal comma too."""
    return is_number(cell) or (cell.count(",") == 1 and is_number(cell.replace(",", ".")))


def is_natural(cell: str) -> bool:
    """Tell whether text is a whole number from 0 of 18 digits at most: nothing that is counted here
    has more, and Python refuses to read one of thousands.
    """
    return cell.isdecimal() and len(cell) < 19


def is_number(cell: str) -> bool:
    """Tell whether text reads as a number, NaN and infinity included; not Python's 1_000, nor
    digits of other scripts.
    """
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell and cell.isascii()
