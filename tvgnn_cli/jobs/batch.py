"""Many graphs, one command each, in processes of their own: one failure does not stop the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path

from tvgnn_cli.errors import InputError, InterruptionError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.claims import Claim
from tvgnn_cli.io.places import is_there
from tvgnn_cli.io.schema import declared
from tvgnn_cli.jobs.manifest import Job
from tvgnn_cli.jobs.worker import RESUMABLE, Command, Outcome, Worker


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
    pool = [Worker(command, folder, added) for _ in range(max(1, workers))]
    start = partial(_start, queue, folder, ended, told)
    try:
        busy = [worker for worker in pool if start(worker)]
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
    worker: Worker,
) -> bool:
    """Give a worker the next job that no other batch does; whether there was one."""
    for job in queue:
        entry = job.entry_in(folder)
        found = entry.claim()
        if isinstance(found, Claim):
            kept = _kept(folder, job)
            if kept is None:
                worker.take(job, found)
                return True
            found.release()
            ended[job.row] = kept
            continue
        refusal = entry.refusal(found)
        ended[job.row] = Outcome(job.row, job.graph, refusal.exit_code, str(refusal), 0.0)
        if told is not None:
            told(ended[job.row])
    return False


def _ready(workers: Sequence[Worker]) -> Iterator[Worker]:
    """Those that have ended a job, or died, within a while."""
    by_sign = {sign: worker for worker in workers for sign in worker.signs()}
    ready = {by_sign[sign].serial: by_sign[sign] for sign in wait(list(by_sign), timeout=0.2)}
    return iter(ready.values())


def _kept(folder: Path, job: Job) -> Outcome | None:
    """Find the outcome of a job that is done and whose files are there. An interrupted one is not
    done, and failures are tried again.
    """
    try:
        facts = job.entry_in(folder).read() or {}
        key, written = facts.pop("key"), facts.pop("written", None)
        outcome = declared(Outcome, facts)
    except (InputError, ValueError, KeyError):
        return None  # which makes it anew
    # Another command may have written files of these names since; older rows do not say.
    is_whole = all(map(is_there, job.targets)) and written in (None, job.written())
    is_same = (key, outcome.graph) == (job.key, job.graph)
    if outcome.exit_code or not is_whole or not is_same:
        return None
    return replace(outcome, row=job.row)  # lines may have come before it since


def _keep(folder: Path, job: Job | None, outcome: Outcome) -> None:
    if job is not None:
        job.entry_in(folder).keep({**asdict(outcome), "key": job.key, "written": job.written()})
