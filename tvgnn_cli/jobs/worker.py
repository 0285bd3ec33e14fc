"""Processes that each run one job after another."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InterruptionError
from tvgnn_cli.io.claims import Claim
from tvgnn_cli.jobs.manifest import Job
from tvgnn_cli.jobs.piece_process import end_with_parent
from tvgnn_cli.machine.ownership import own_process

Command = Callable[[Sequence[str]], int]
"""Runs the command line with these arguments, and gives its exit code."""

ENDED_BY_SIGNAL = 128
RESUMABLE = InterruptionError.exit_code


@dataclass(frozen=True)
class Outcome:
    """End of a row; `message` is the last line that it wrote on standard error."""

    row: int
    graph: str
    exit_code: int
    message: str
    seconds: float


class Worker:
    """A process that runs one job after another, and is started anew where it dies."""

    _made = 0

    def __init__(self, command: Command, folder: Path, added: Sequence[str]) -> None:
        self._command, self._folder, self._added = command, folder, added
        self._process: Any = None
        self._pipe: Connection | None = None
        self._start = 0.0
        self._told = False
        self.job: Job | None = None
        self.claim = Claim(folder)
        Worker._made += 1
        self.serial = Worker._made

    def take(self, job: Job, claim: Claim) -> None:
        """Start a job, whose row is claimed until it has ended."""
        self.claim = claim
        if self._process is None or not self._process.is_alive():
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=_serve, args=(theirs, self._command), daemon=True
            )
            self._process.start()
            theirs.close()
        self.job, self._start, self._told = job, time.perf_counter(), False
        if self._pipe is not None:
            kept = job.entry_in(self._folder).path
            states = str(kept.with_suffix(".states"))
            arguments = job.arguments(*self._added, "--checkpoint", states)
            with suppress(BrokenPipeError):  # it died meanwhile, which `signs` tell
                self._pipe.send((arguments, str(kept.with_suffix(".log"))))

    def signs(self) -> list[Any]:
        """List what becomes ready when the job has ended or the process has died."""
        return [self._pipe, self._process.sentinel]

    def outcome(self) -> Outcome:
        """Return how the job ended."""
        code: int | None = None
        if self._pipe is not None and self._pipe.poll():
            with suppress(EOFError, ConnectionResetError):
                code = self._pipe.recv()
        if code is None:
            self._process.join()
            died = self._process.exitcode
            code = ENDED_BY_SIGNAL - died if died < 0 else died
        if self.job is None:
            raise ValueError("no job was given")
        if self._told and code >= ENDED_BY_SIGNAL:
            code = RESUMABLE  # it had not come as far as to listen
        seconds = round(time.perf_counter() - self._start, 3)
        message = (
            _last_line(self.job.entry_in(self._folder).path.with_suffix(".log")) if code else ""
        )
        return Outcome(self.job.row, self.job.graph, code, message, seconds)

    def tell(self) -> None:
        """Ask the job to keep its state and end; once."""
        if not self._told and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGTERM)
        self._told = True

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self.claim.release()


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def _serve(pipe: Connection, command: Command) -> None:
    """Run what comes through the pipe, its output into a log, until the pipe is closed."""
    own_process()
    end_with_parent()  # whose claim on the row ends with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent tells what it means
    while True:
        try:
            arguments, log = pipe.recv()
        except EOFError:
            return
        with Path(log).open("w", encoding="utf-8") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            code = command(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
        pipe.send(code)
