"""Files that are whole or absent, whatever happens as they are written."""

from __future__ import annotations

import glob
import os
import platform
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tvgnn_cli.errors import UsageError
from tvgnn_cli.io.places import fault_of_name, is_special, resolved, state_of


def write_atomically(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write beside `path` under a temporary name, then rename: the file is complete or absent.

    Bytes that come in parts are written as they come, and never held together.

    Devices and pipes, which have no name to rename to, are written to directly; of a symbolic link,
    the file that it points to is replaced, and the link stays.

    Raises:
        UsageError: the target cannot be written.
    """
    refuse_no_name(path, str(path))
    parts = [data] if isinstance(data, bytes) else data
    if is_special(path):
        with _faults_named(path), path.open("wb") as file:
            file.writelines(parts)
        return
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.writelines(parts)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to write into; it takes that name once all has gone well.

    Raises:
        UsageError: the target cannot be written.
    """
    refuse_no_name(path, str(path))
    with _faults_named(path):
        path = resolved(path)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=temporary_prefix(path))
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("r+b") as file:
                os.fsync(file.fileno())
            temporary.chmod(_mode(path))
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def refuse_no_name(path: Path, named: str) -> None:
    """Refuse a target of a name that no file can have.

    Raises:
        UsageError: calling it `named`.
    """
    fault = fault_of_name(str(path))
    if fault:
        raise UsageError(f"{named}: no file can have this name ({fault})")


@contextmanager
def _faults_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


def temporary_prefix(path: Path) -> str:
    """Beginning of the names of temporary files that this process writes for `path`."""
    return f".{path.name}.{_process(os.getpid())}."


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


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those a new file gets."""
    state = state_of(path)
    if state is not None:
        return stat.S_IMODE(state.st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
