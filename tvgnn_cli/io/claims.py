"""Claims of processes on the folders in which they work.

A claim is a file on which its process holds a lock. The kernel lets go of the lock when the process
ends, however it does, so that what a killed process leaves behind claims nothing.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tvgnn_cli.io.json_text import parse_object

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PREFIX, UNFINISHED = ".claim-", ".new-claim-"

MOST_SHOWN = 100
"""Characters of what a claim says of its process, at most."""

PAUSE = 0.2
"""Seconds between two tries, at most."""

PATIENCE = 10.0
"""Seconds that a file system has to say whether a file is locked."""


@dataclass(frozen=True)
class Holder:
    """A living process that works in a folder, and what it claims there."""

    path: Path
    process: str = "another process"
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        process = "".join(c if c.isprintable() else "?" for c in self.process)
        return (
            f"is in use by {process}; wait for it to end, or name another folder (if it is "
            f"gone, remove {self.path})"
        )


@dataclass
class Claim:
    """Claim of this process on a folder.

    Args:
        folder: the folder.
        path: the claim's file; None where there is none, or none any more.
        descriptor: of that file, which holds the lock.
        lacking: why none could be made, in a word or two.
    """

    folder: Path
    path: Path | None = None
    descriptor: int = -1
    lacking: str = ""

    @property
    def note(self) -> str:
        """Warning for the user where no claim could be made; else ""."""
        if not self.lacking:
            return ""
        return (
            f"{self.folder}: cannot be locked ({self.lacking}): see to it that no other run uses it"
        )

    def others(self) -> Iterator[Holder]:
        """The other living claims on the folder; files of dead ones are removed."""
        for path in sorted(self.folder.glob(f"{PREFIX}*")) if self.path is not None else ():
            if path != self.path and (found := _living(path)) is not None:
                yield found

    def release(self) -> None:
        """Let the folder go."""
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()  # while it is locked, so that nobody takes it for a dead one
            with suppress(OSError):
                os.close(self.descriptor)
            self.path = None


def claim_apart(
    folder: Path,
    facts: Mapping[str, Any],
    is_same: Callable[[Holder], bool],
    tries: int = 3,
) -> Claim | Holder:
    """Claim a part of a folder, unless a living process claims the same: then that one.

    Args:
        folder: the folder.
        facts: what is claimed, in JSON's types.
        is_same: whether another's claim is one that this one cannot be beside.
        tries: how often it is tried.
    """
    while True:
        made, tries = claim(folder, facts), tries - 1
        holder = next(filter(is_same, made.others()), None)
        if holder is None:
            return made
        made.release()
        if not tries:
            return holder
        # Two that came at once have both seen the other: one of them comes back first.
        time.sleep(random.SystemRandom().uniform(0, PAUSE))


def claim(folder: Path, facts: Mapping[str, Any]) -> Claim:
    """Claim a folder, or a part of it that `facts` tell; who else does is for the caller to ask.

    Two that claim the same at the same time both see the other, as a claim is made before others
    are looked for. On file systems without locks there are no claims.
    """
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    told = {"process": f"process {os.getpid()} on {platform.node()}, since {since}", **facts}
    try:
        descriptor, name = tempfile.mkstemp(prefix=UNFINISHED, dir=folder)
    except OSError as error:
        return Claim(folder, lacking=error.strerror or str(error))
    try:
        os.write(descriptor, json.dumps(told).encode())
        Path(name).chmod(0o644)  # others may share the folder
        if not _lock(descriptor, exclusive=True):
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        # Under its own name it is whole and locked from the first moment.
        path = folder / (PREFIX + Path(name).name.removeprefix(UNFINISHED))
        Path(name).rename(path)
    except OSError as error:
        os.close(descriptor)
        with suppress(OSError):
            Path(name).unlink()
        return Claim(folder, lacking=error.strerror or str(error))
    return Claim(folder, path, descriptor)


def _living(path: Path) -> Holder | None:
    """Holder of a claim; None, and the file removed, where its process has ended."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe never opens
    except FileNotFoundError:
        return None
    except OSError:  # another user's
        return Holder(path)
    try:
        if _lock(descriptor, exclusive=False):
            path.unlink(missing_ok=True)
            return None
        facts = parse_object(os.read(descriptor, 2**20))
        return Holder(path, str(facts.pop("process"))[:MOST_SHOWN], facts)
    except (OSError, ValueError, KeyError):
        return Holder(path)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, exclusive: bool) -> bool:
    """Take a lock at once, and tell whether it could be had.

    Raises:
        OSError: the file system has no locks, or does not answer.
    """
    if fcntl is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    operation = fcntl.LOCK_NB | (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
    outcome: list[OSError | None] = []

    def ask() -> None:
        try:
            fcntl.flock(descriptor, operation)
            outcome.append(None)
        except OSError as error:
            outcome.append(error)

    # A server that is down never answers, which must not hold up the run.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    if not outcome:
        raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    if outcome[0] is not None and not isinstance(outcome[0], BlockingIOError):
        raise outcome[0]
    return outcome[0] is None
