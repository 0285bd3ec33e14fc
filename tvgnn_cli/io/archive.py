"""The arrays of an `.npz` file, each read when it is asked for."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from typing import IO

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.npy_header import NO_TEXTS, holds_texts, read_npy_header
from tvgnn_cli.io.source import Source

SUFFIX = ".npy"


class Archive(Mapping[str, np.ndarray]):
    """The arrays of an `.npz` file, each read when it is asked for, and never unpickled.
    `taken` has the names of those that were.

    Raises:
        InputError: it is not such a file, is damaged, or an array holds pickled objects.
    """

    def __init__(self, source: Source) -> None:
        self.label, self._file = source.label, source.open()
        self.taken, file = set[str](), self._file
        if file.read(2) != b"PK":
            raise InputError(f"{self.label}: is not an .npz file (numpy.savez writes one)")
        file.seek(0)
        try:
            self._zip = zipfile.ZipFile(file)
            self._members = {name.removesuffix(SUFFIX): name for name in self._zip.namelist()}
        except Exception as error:  # zipfile has no list of what a damaged file may raise
            raise self._damaged(error) from None

    def __del__(self) -> None:
        if hasattr(self, "_file"):  # which there is none of where opening it failed
            self._file.close()

    def __getitem__(self, name: str) -> np.ndarray:
        """Read an array.

        Raises:
            KeyError: there is none of that name.
            InputError: it is damaged, is no plain array, or is smaller than it says.
        """
        member = self._members[name]
        self.taken.add(name)
        try:
            with self._zip.open(member) as handle:
                self._check(name, member, handle)
            with self._zip.open(member) as handle:
                found = np.lib.format.read_array(handle, allow_pickle=False)
        except (InputError, MemoryError):
            raise
        except Exception as error:  # each decompressor has errors of its own
            raise self._damaged(error) from None
        if not holds_texts(found):
            raise InputError(f"{self.label}: array '{name}' is damaged ({NO_TEXTS})")
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def _check(self, name: str, member: str, handle: IO[bytes]) -> None:
        """Refuse an array by what its header says, before memory is taken for it."""
        try:
            header = read_npy_header(handle)
        except ValueError as error:
            raise InputError(f"{self.label}: array '{name}' is damaged ({error})") from None
        if header.dtype.hasobject:
            raise InputError(
                f"{self.label}: array '{name}' holds pickled objects; pickles are refused, save "
                "plain arrays"
            )
        held = self._zip.getinfo(member).file_size
        if header.nbytes > held:
            raise InputError(
                f"{self.label}: the .npz file is damaged: array '{name}' of shape {header.shape} "
                f"takes {header.nbytes:,} bytes, of which {held:,} are there"
            )

    def _damaged(self, error: Exception) -> InputError:
        said = str(error).partition("\n")[0] or type(error).__name__
        return InputError(f"{self.label}: the .npz file is damaged ({said[:120]})")
