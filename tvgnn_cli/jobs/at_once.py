"""Pieces of work that several processes do at the same time, each the next one that is left.

What a piece comes to is kept in a folder. The process that asked for all of them reads it there, as
if it went on with a run that was interrupted.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Protocol

from tvgnn_cli.errors import InterruptionError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.jobs.piece_process import PieceProcess
from tvgnn_cli.machine.free_memory import available_memory_mb
from tvgnn_cli.machine.threads import choose_threads
from tvgnn_cli.machine.versions import held_memory_mb
from tvgnn_cli.observer import Observer
from tvgnn_cli.train import Checkpointing


class Pieces(Protocol):
    """Work in pieces. It is sent to each process once, by pickle."""

    def do(self, position: int, interruption: Interruption, observer: Observer) -> None:
        """Do one piece, and keep what it comes to in the folder.

        Raises:
            InterruptionError: it was asked to end; its state is kept.
        """


def check_jobs(jobs: int) -> None:
    """Refuse a number of processes that is none.

    Raises:
        UsageError: it is no whole number, or below 1.
    """
    if not isinstance(jobs, int) or jobs < 1:
        raise UsageError(f"`jobs` is {jobs}; needs to be at least 1")


def threads_of_each(threads: int | None, jobs: int) -> int | None:
    """Threads that each of several processes has of those that all may take, one at least; as given
    for a single one.
    """
    return threads if jobs == 1 else max(1, choose_threads(threads) // jobs)


@contextmanager
def done_at_once(
    jobs: int,
    pieces: Callable[[Checkpointing], Pieces],
    positions: Sequence[int],
    checkpointing: Checkpointing,
    interruption: Interruption,
    observer: Observer,
) -> Iterator[tuple[Checkpointing, Interruption]]:
    """Do all pieces by processes at the same time, and give what their caller reads them with.

    That is the folder where they are kept, the run's own or a temporary one, and an interruption
    that nobody asks for. With a single job nothing is done, and both are as given.

    Args:
        jobs: processes.
        pieces: makes the work, whose folder is that of its argument.
        positions: of the pieces.
        checkpointing: of the run.
        interruption: asked now and then; processes are then told to end.
        observer: told how many pieces are done.

    Raises:
        TvgnnError: the first piece that failed did so with this.
        InterruptionError: it was asked to end; what is done is kept in the folder of the run.
    """
    jobs = min(jobs, len(positions))
    if jobs < 2:
        yield checkpointing, interruption
        return
    kept = checkpointing.folder
    place = nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="tvgnn-")
    with place as folder:
        resume = "auto" if kept is None else checkpointing.resume
        own = replace(checkpointing, folder=Path(str(folder)), resume=resume)
        interruption.defer()
        is_done = _run(jobs, pieces(own), positions, interruption, observer)
        if not is_done:
            goes_on = "nothing is kept" if kept is None else f"{own.how} goes on from {kept}"
            raise InterruptionError(f"{interruption.reason}; {goes_on}")
        yield replace(own, resume="auto"), Interruption()


def _run(
    jobs: int,
    pieces: Pieces,
    positions: Sequence[int],
    asked: Interruption,
    observer: Observer,
) -> bool:
    """Do all pieces, or as many as there is time for; whether all are done."""
    room = (available_memory_mb() + held_memory_mb()) / jobs
    left, done = iter(positions), 0
    workers = list[PieceProcess]()
    told = partial(observer.phase, f"{len(positions)} trainings, {jobs} at a time")
    try:
        for number in range(jobs):
            workers.append(PieceProcess(number, room))
        pickled = pickle.dumps(pieces)
        for worker in workers:
            worker.give(pickled)
        busy = [worker for worker in workers if worker.take(next(left, None))]
        told(done, len(positions))
        while busy:
            ready = _ready(busy)
            if asked.reason is not None:
                for worker in busy:
                    worker.tell()
            for worker in ready:
                done += worker.ended(observer)
                told(done, len(positions))
                if asked.reason is not None or not worker.take(next(left, None)):
                    busy.remove(worker)
        return done == len(positions)
    finally:
        for worker in workers:
            worker.close()


def _ready(workers: Sequence[PieceProcess]) -> list[PieceProcess]:
    """Those that have ended a piece, or died, within a while."""
    signs: dict[Any, PieceProcess] = {sign: worker for worker in workers for sign in worker.signs()}
    ready = {id(signs[sign]): signs[sign] for sign in wait(list(signs), timeout=0.2)}
    return list(ready.values())
