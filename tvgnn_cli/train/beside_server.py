"""The process of `beside`: restarts that another one trains at the same time as more of them."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import threading
import time
from typing import IO, Any

from tvgnn_cli import kernels
from tvgnn_cli.errors import InterruptionError, TvgnnError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.machine.ownership import own_process
from tvgnn_cli.machine.threads import bound_threads
from tvgnn_cli.observer import EpochReport, Observer
from tvgnn_cli.train.beside import Task
from tvgnn_cli.train.checkpoint_folder import Checkpoints
from tvgnn_cli.train.distributed.team import ALONE
from tvgnn_cli.train.networks import CPU
from tvgnn_cli.train.restarts import trainer_of
from tvgnn_cli.train.work import Work

BETWEEN = 0.1
"""Seconds between two words on how far it has come."""


class _Told(Observer):
    """Says how many epochs are done, those of restarts that ended early counted in full."""

    def __init__(self, pipe: IO[str]) -> None:
        self._pipe, self._before, self._said = pipe, 0, 0.0

    def _say(self, **news: Any) -> None:
        print(json.dumps(news), file=self._pipe, flush=True)

    def epoch(self, report: EpochReport) -> None:
        if time.monotonic() - self._said >= BETWEEN:
            self._said = time.monotonic()
            self._say(epochs=self._before + report.epoch)

    def ended(self, epochs: int) -> None:
        """A restart has ended, of so many epochs at most."""
        self._before += epochs
        self._say(epochs=self._before)

    def warning(self, text: str) -> None:
        self._say(warning=text)


def serve() -> None:
    """Train the restarts of the task on standard input. Another line there asks it to end where it
    can be gone on from; the end of that input says that whoever asked for the work is gone.
    """
    for name in ("SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGHUP"):
        if hasattr(signal, name):  # the run is told as well, and says what it means
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    own_process()
    told = _Told(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)  # what a library prints is no news
    task: Task = pickle.load(sys.stdin.buffer)
    asked = Interruption()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    if kernels.in_use(CPU) == task.kernels:
        with bound_threads(task.threads):
            _train(task, told, asked)


def _listen(asked: Interruption) -> None:
    for line in sys.stdin.buffer:
        asked.request(json.loads(line))
    os._exit(1)


def _train(task: Task, told: _Told, asked: Interruption) -> None:
    trainer = trainer_of(Work(task.prepared, task.config, observer=told, given=task.given))
    states = Checkpoints(task.states, task.identity, told, asked, ALONE, told={*task.told})
    for restart in task.restarts:
        try:
            trainer.run(restart, states.of(restart))
        except InterruptionError:
            return
        except TvgnnError:
            pass  # the run comes to the same and says it
        told.ended(task.config.epochs)
