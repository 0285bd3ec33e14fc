"""Files that are whole or absent, whatever happens as they are written."""

from __future__ import annotations

import glob
import os
import platform
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tvgnn_cli.errors import UsageError


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside `path` under a temporary name, then rename: the file is complete or absent.

    Devices and pipes, which have no name to rename to, are written to directly; of a symbolic link,
    the file that it points to is replaced, and the link stays.

    Raises:
        UsageError: the target cannot be written.
    """
    try:
        if is_special(path):
            path.write_bytes(data)
            return
        path = path.resolve()
        prefix = f".{path.name}.{_process(os.getpid())}."
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=prefix)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(_mode(path))
            Path(temporary).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def _process(number: int | str) -> str:
    """Part of a temporary name that tells whose it is."""
    return f"{platform.node().replace('.', '-')}-{number}"


def remove_leftovers(path: Path) -> None:
    """Remove temporary files for `path` of processes that were killed as they wrote; those of
    another machine once they are an hour old.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        owner = left.name.removeprefix(f".{path.name}.").rpartition(".")[0]
        number = owner.rpartition("-")[2]
        with suppress(OSError):
            here = number.isdigit() and owner == _process(number)
            if not _lives(int(number)) if here else time.time() - left.stat().st_mtime > 3600:
                left.unlink()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


def is_special(path: Path) -> bool:
    return path.exists() and not stat.S_ISREG(path.stat().st_mode)


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those a new file gets."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
