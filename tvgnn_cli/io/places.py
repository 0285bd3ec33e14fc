"""Things under a name. The file system is asked here of names that users and files give:
none is too long or too odd to be asked for.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from tvgnn_cli.errors import UsageError, shown

NO_NAME = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL)
"""Errors of a file system for a name that none of its files can have."""


def path_of(given: str | os.PathLike[str], what: str = "path") -> Path:
    """The path that a caller gives.

    Args:
        given: text or a path.
        what: name of the argument, for messages.

    Raises:
        UsageError: something else.
    """
    if not isinstance(given, str | os.PathLike):
        raise UsageError(f"`{what}` is {shown(given)}; needs to be a path, as text or a Path")
    return Path(given)


def fault_of_name(name: str) -> str:
    """Say why no file can have a name: it has a byte 0, or the system cannot encode it, or the file
    system does not take it; "" where a file can.
    """
    try:
        Path(name).lstat()
    except OSError as error:
        return os.strerror(error.errno) if error.errno in NO_NAME else ""
    except UnicodeEncodeError:
        return "a letter that this system cannot encode"
    except ValueError:
        return "a byte 0"
    return ""


def state_of(name: str | Path) -> os.stat_result | None:
    """State of what a name leads to; None where nothing is there, or nothing that can be seen."""
    try:
        return Path(name).stat()
    except (OSError, ValueError):
        return None


def is_there(name: str | Path) -> bool:
    """Tell whether a name leads to something: a file, a folder, a device."""
    return state_of(name) is not None


def is_file(name: str | Path) -> bool:
    """Tell whether a name leads to a file."""
    state = state_of(name)
    return state is not None and stat.S_ISREG(state.st_mode)


def is_folder(name: str | Path) -> bool:
    """Tell whether a name leads to a folder."""
    state = state_of(name)
    return state is not None and stat.S_ISDIR(state.st_mode)


def is_special(name: str | Path) -> bool:
    """Tell whether a name leads to something else than a file, such as a pipe."""
    state = state_of(name)
    return state is not None and not stat.S_ISREG(state.st_mode)


def identity(name: str | Path) -> object:
    """The same for two names of one file, there or not; links and `..` are followed."""
    state = state_of(name)
    if state is not None:
        return state.st_dev, state.st_ino
    return str(name) if fault_of_name(str(name)) else os.path.realpath(name)


def resolved(path: Path) -> Path:
    """The place that a path leads to, once links and `..` are followed.

    Raises:
        OSError: they go round in a circle.
    """
    found = Path(os.path.realpath(path))
    if found.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return found


def found_in(folder: Path, pattern: str) -> list[Path]:
    """Members of a folder by a pattern of names, sorted; none where it cannot be seen into."""
    return sorted(folder.glob(pattern)) if is_folder(folder) else []
