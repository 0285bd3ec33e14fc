"""Restarts that are trained side by side, each in a process of its own.

A process leaves what its restarts come to as states on disk, as any run that keeps states does. The
run takes them up from there, so that its result is to the byte that of one after the other.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tvgnn_cli import kernels
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.checkpoint_folder import Checkpointing, Checkpoints
from tvgnn_cli.train.given_start import Partitions
from tvgnn_cli.train.identity import Identity
from tvgnn_cli.train.networks import CPU
from tvgnn_cli.train.work import Work

CALL = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from tvgnn_cli.train.beside_server import serve; serve()"
)
BETWEEN = 0.1
"""Seconds between two questions whether the run is to end."""


@dataclass(frozen=True, eq=False)
class Task:
    """Restarts of one process, and all that it needs to train them.

    Args:
        prepared: the graph.
        config: how.
        given: clusters that are given to start from, or to keep.
        restarts: which ones.
        states: where their states go, and how often.
        identity: whose states they are.
        threads: of each restart.
        kernels: that the run uses, and the process has to use too.
        told: warnings as to the states that the run's observer has had.
    """

    prepared: Prepared
    config: ClusterConfig
    given: Partitions
    restarts: tuple[int, ...]
    states: Checkpointing
    identity: Identity
    threads: int
    kernels: str
    told: frozenset[str]


@contextmanager
def side_by_side(count: int, threads: int, work: Work) -> Iterator[Work]:
    """Train restarts in several processes, and give the work that is left: to take up the states
    that they leave. A restart whose process has died, or was asked to end, is left whole.

    Args:
        count: most processes at a time; with fewer than 2 nothing is done.
        threads: of each.
        work: the run's. Its observer is told of the epochs that all have done together, as a phase.
            Where it keeps no states, they are kept until the run has read them.
    """
    waiting = [each for each in work.restarts if not work.checkpoints.has_ended(each)]
    count = min(count, len(waiting))
    if count < 2 or not sys.executable:
        yield work
        return
    with _kept(work.checkpoints) as kept:
        task = Task(
            work.prepared, work.config, work.given, (), replace(kept.settings, resume="auto"),
            kept.identity, threads, kernels.in_use(CPU), frozenset(kept.told),
        )  # fmt: skip
        parts = [replace(task, restarts=tuple(waiting[i::count])) for i in range(count)]
        epochs = len(waiting) * work.config.epochs
        _Crew(work.observer, kept.interruption, epochs).work_on(parts)
        yield replace(work, checkpoints=replace(kept, are_own=True))


@contextmanager
def _kept(checkpoints: Checkpoints) -> Iterator[Checkpoints]:
    """The run's states; where it keeps none, those of a folder that goes again, which the run must
    not be asked to go on from.
    """
    if checkpoints.settings.folder is not None:
        yield checkpoints
        return
    with tempfile.TemporaryDirectory(prefix="tvgnn-", ignore_cleanup_errors=True) as folder:
        settings = Checkpointing(Path(folder), every=math.inf, is_claimed=True)
        yield replace(checkpoints, settings=settings, interruption=Interruption())


class _Crew:
    """Processes that train, until all have ended."""

    def __init__(self, observer: Observer, interruption: Interruption, epochs: int) -> None:
        self._observer, self._interruption, self._epochs = observer, interruption, epochs
        self._said = queue.Queue[tuple[int, Any]]()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._done: dict[int, int] = {}
        self._warned = set[str]()

    def work_on(self, parts: Sequence[Task]) -> None:
        """Start a process for each part, and wait."""
        try:
            for number, part in enumerate(parts):
                self._start(number, part)
            self._wait()
        finally:
            for process in self._processes:
                process.kill()
                process.wait()

    def _start(self, number: int, task: Task) -> None:
        """Start a process; one that cannot be started, or hear its task, has ended."""
        environment = {**os.environ, "OMP_NUM_THREADS": str(task.threads)}
        call = [sys.executable, "-P", "-c", CALL, json.dumps(sys.path)]
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(call, stdin=pipe, stdout=pipe, env=environment)
        except OSError:
            return
        self._processes.append(process)
        self._done[number] = 0
        threading.Thread(target=self._talk, args=(number, process, task), daemon=True).start()

    def _talk(self, number: int, process: subprocess.Popen[bytes], task: Task) -> None:
        """Tell a process its task, and pass on what it says; None once it has ended."""
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError, ValueError):
            process.stdin.write(pickle.dumps(task))
            process.stdin.flush()
            for line in process.stdout:
                self._said.put((number, json.loads(line)))
        self._said.put((number, None))

    def _wait(self) -> None:
        at_work, told = len(self._processes), False
        name = f"training {at_work} restarts at a time"
        while at_work:
            if self._interruption.reason is not None and not told:
                told = True
                self._tell(self._interruption.reason)
            try:
                number, news = self._said.get(timeout=BETWEEN)
            except queue.Empty:
                continue
            if news is None:
                at_work -= 1
            elif "warning" in news:
                self._warn(news["warning"])
            else:
                self._done[number] = news["epochs"]
                self._observer.phase(name, sum(self._done.values()), self._epochs)

    def _warn(self, text: str) -> None:
        """Pass a warning on, once where all processes have it."""
        if text not in self._warned:
            self._warned.add(text)
            self._observer.warning(text)

    def _tell(self, reason: str) -> None:
        """Ask all to keep their states and end."""
        for process in self._processes:
            assert process.stdin is not None
            with suppress(OSError, ValueError):
                process.stdin.write(json.dumps(reason).encode() + b"\n")
                process.stdin.flush()
