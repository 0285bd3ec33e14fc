"""Inputs of one target, one after another, in a process whose memory and time are bounded."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import resource
import shutil
import signal
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.targets import BY_NAME, Target

SECONDS = 10
MEMORY = 2 * 2**30
"""Bytes above the start that an input may take, and the seconds."""


class TooSlowError(BaseException):
    """An input that takes more than `SECONDS`; nothing that reads may swallow it."""


@dataclass
class Findings:
    """Inputs so far: how many were read, were refused, or ended as none may, with one of each."""

    read: int = 0
    refused: int = 0
    found: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def fuzz(
    target: Target, numbers: range, findings: Findings, kept: Path, current: Path | None = None
) -> None:
    """Make and read the inputs of these numbers.

    Args:
        target: what reads them.
        numbers: each of which is the seed of an input.
        findings: what came of them, added to.
        kept: where inputs that ended badly are kept.
        current: where the input stands that is being read, for the case that the process dies;
            there is none while an input is made.
    """
    start = target.start()
    if not start:
        return
    with empty_folder() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in numbers:
            if current is not None:
                current.unlink(missing_ok=True)
            data = made(target, start, number)
            if current is not None:
                current.write_bytes(data)
            signature = outcome(target, data, folder, findings)
            if signature:
                findings.counts[signature] += 1
                if signature not in findings.found:
                    findings.found[signature] = keep(kept, target, data, signature)


def made(target: Target, start: list[bytes], number: int) -> bytes:
    """The input of a number: the same in any process. Where a mutator fails, of a conversion of
    numpy's say, another mutation is drawn.
    """
    random = Random(f"{target.name} {number}")
    while True:
        with contextlib.suppress(Exception):
            return target.mutate(random.choice(start), random)


def keep(folder: Path, target: Target, data: bytes, signature: str) -> str:
    """Write an input that ended badly, and beside it how; the name of its file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{target.name}-{hashlib.sha256(data).hexdigest()[:8]}{target.suffix}"
    (folder / name).write_bytes(data)
    (folder / f"{name}.why").write_text(signature + "\n", encoding="utf-8")
    return name


def outcome(target: Target, data: bytes, folder: Path, findings: Findings) -> str:
    """How an input ended: "" for one that was read or refused by a line."""
    from tvgnn_cli.errors import TvgnnError

    path = folder / f"input{target.suffix}"
    path.write_bytes(data)
    out = io.StringIO()
    try:
        with _within(SECONDS), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            target.read(path)
    except TvgnnError as error:
        findings.refused += 1
        return _fault_of(str(error))
    except TooSlowError:
        return f"takes more than {SECONDS} seconds"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return _signature(error)
    finally:
        for each in folder.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    findings.read += 1
    return ""


def _fault_of(message: str) -> str:
    """What is wrong with a message; "" for nothing."""
    if not message.strip():
        return "an empty message"
    if len(message) > 300:
        return "a message of more than 300 characters"
    return "" if message.isprintable() else "a message with control characters"


def _signature(error: BaseException) -> str:
    """Kind of an error, and the last line of ours that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "tvgnn_cli" in frame.filename or "fuzz" in frame.filename]
    where = f"{Path(ours[-1].filename).name}:{ours[-1].name}" if ours else "?"
    return f"{type(error).__name__} in {where}"


@contextlib.contextmanager
def _within(seconds: int) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def empty_folder() -> Iterator[Path]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)


def bound_memory() -> None:
    """Give this process `MEMORY` more than it has."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, resource.RLIM_INFINITY))


def serve(name: str, first: int, last: int, kept: str, pipe: Any) -> None:
    """Fuzz in a process of its own, and tell what came of each hundred."""
    import torch

    import tvgnn_cli.api  # noqa: F401  what it loads is not of an input

    torch.set_num_threads(1)
    target, current = BY_NAME[name], Path(kept) / f".current-{os.getpid()}"
    Path(kept).mkdir(parents=True, exist_ok=True)
    target.start()
    bound_memory()
    for start in range(first, last, 100):
        findings = Findings()
        fuzz(target, range(start, min(start + 100, last)), findings, Path(kept), current)
        pipe.send((min(start + 100, last), findings))
    current.unlink(missing_ok=True)
