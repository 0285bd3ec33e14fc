"""Many graphs, one command each, in processes of their own: one failure does not stop the rest."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InterruptionError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.claims import Claim, Holder, claim_apart
from tvgnn_cli.manifest import Job

Command = Callable[[Sequence[str]], int]
"""Runs the command line with these arguments, and gives its exit code."""

ENDED_BY_SIGNAL = 128
RESUMABLE = InterruptionError.exit_code

SUMMARY = ("row", "graph", "exit_code", "message", "seconds")


@dataclass(frozen=True)
class Outcome:
    """End of a row; `message` is the last line that it wrote on standard error."""

    row: int
    graph: str
    exit_code: int
    message: str
    seconds: float


def run_batch(
    jobs: Sequence[Job],
    command: Command,
    folder: Path,
    *,
    added: Sequence[str] = (),
    workers: int = 1,
    interruption: Interruption | None = None,
    told: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run every job that the folder does not hold the end of, and keep how each ended.

    Args:
        jobs: rows of a manifest.
        command: called in a worker process, which several jobs share; it must be importable.
        folder: where outcomes, logs and states are kept.
        added: arguments of every job.
        workers: processes at a time.
        interruption: asked now and then; workers are then told to end.
        told: of each outcome.

    Returns:
        How each job ended, in the order of the rows.

    Raises:
        InterruptionError: it was asked to end; what is done is kept.
    """
    asked = interruption or Interruption()
    known = {job.row: _kept(folder, job) for job in jobs}
    ended: dict[int, Outcome] = {row: outcome for row, outcome in known.items() if outcome}
    queue = iter([job for job in jobs if job.row not in ended])
    pool = [_Worker(command, folder, added) for _ in range(max(1, workers))]
    start = partial(_start, queue, folder, ended, told)
    busy = [worker for worker in pool if start(worker)]
    try:
        while busy:
            for worker in _ready(busy):
                outcome = worker.outcome()
                _keep(folder, worker.job, outcome)
                worker.claim.release()
                ended[outcome.row] = outcome
                if told is not None:
                    told(outcome)
                if asked.reason is not None or not start(worker):
                    busy.remove(worker)
            if asked.reason is not None:
                for worker in busy:
                    worker.tell()
    finally:
        for worker in pool:
            worker.close()
    left = [job for job in jobs if job.row not in ended or ended[job.row].exit_code == RESUMABLE]
    if asked.reason is not None and left:
        raise InterruptionError(f"{asked.reason}; what is done is kept in {folder}")
    return [ended[job.row] for job in jobs]


def _start(
    queue: Iterator[Job],
    folder: Path,
    ended: dict[int, Outcome],
    told: Callable[[Outcome], None] | None,
    worker: _Worker,
) -> bool:
    """Give a worker the next job that no other batch does; whether there was one."""
    for job in queue:
        name = _path(folder, job).name
        found = claim_apart(folder, {"row": name}, partial(_is_of_row, name))
        if isinstance(found, Claim):
            kept = _kept(folder, job)
            if kept is None:
                worker.take(job, found)
                return True
            found.release()
            ended[job.row] = kept
            continue
        message = f"--checkpoint {folder}: {found}"
        ended[job.row] = Outcome(job.row, job.graph, UsageError.exit_code, message, 0.0)
        if told is not None:
            told(ended[job.row])
    return False


def _is_of_row(name: str, holder: Holder) -> bool:
    return bool(holder.facts.get("row", name) == name)


def _ready(workers: Sequence[_Worker]) -> Iterator[_Worker]:
    """Those that have ended a job, or died, within a while."""
    by_sign = {sign: worker for worker in workers for sign in worker.signs()}
    ready = {by_sign[sign].serial: by_sign[sign] for sign in wait(list(by_sign), timeout=0.2)}
    return iter(ready.values())


def _path(folder: Path, job: Job) -> Path:
    return folder / f"row-{job.row:05d}-{job.key}.json"


def _kept(folder: Path, job: Job) -> Outcome | None:
    """Find the outcome of a job that is done and whose files are there. An interrupted one is not
    done, and failures are tried again.
    """
    path = _path(folder, job)
    try:
        facts = json.loads(path.read_text())
        key = facts.pop("key")
        outcome = Outcome(**facts)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    is_there = all(Path(target).exists() for target in job.targets)
    is_same = (key, outcome.row, outcome.graph) == (job.key, job.row, job.graph)
    return outcome if outcome.exit_code == 0 and is_there and is_same else None


def _keep(folder: Path, job: Job | None, outcome: Outcome) -> None:
    if job is not None:
        text = json.dumps({**asdict(outcome), "key": job.key}, indent=2) + "\n"
        write_atomically(_path(folder, job), text.encode())


class _Worker:
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
        _Worker._made += 1
        self.serial = _Worker._made

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
            states = str(_path(self._folder, job).with_suffix(".states"))
            arguments = [*job.arguments, *self._added, "--checkpoint", states]
            self._pipe.send((arguments, str(_path(self._folder, job).with_suffix(".log"))))

    def signs(self) -> list[Any]:
        """List what becomes ready when the job has ended or the process has died."""
        return [self._pipe, self._process.sentinel]

    def outcome(self) -> Outcome:
        """Return how the job ended."""
        code: int | None = None
        if self._pipe is not None and self._pipe.poll():
            with suppress(EOFError):
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
        message = _last_line(_path(self._folder, self.job).with_suffix(".log")) if code else ""
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
