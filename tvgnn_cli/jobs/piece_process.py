"""A process that does one piece of work after another."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from tvgnn_cli.errors import InputError, InterruptionError, TrainingError, TvgnnError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.machine.free_memory import bound_memory
from tvgnn_cli.machine.held_signals import SIGNALS, held_back
from tvgnn_cli.machine.ownership import own_process
from tvgnn_cli.observer import Observer

if TYPE_CHECKING:
    from tvgnn_cli.jobs.at_once import Pieces

SENT = {error.__name__: error for error in (UsageError, InputError, TrainingError)}
"""Errors that are raised anew where the pieces were asked for, by name."""

DONE, ENDED, RAISED = "", "ended", "raised"
"""Ends of a piece: it is done, was asked to end, or raised what is no error of ours; else it has
the name of its error."""

Said = tuple[str, Any, Sequence[str]]
"""Message of a process on a piece: how it ended, its error, and warnings."""


class PieceProcess:
    """A process for pieces of work, and what is known of the one that it does.

    Args:
        number: of this process among those of the work, from 0.
        room: memory that it may take, in MB.
    """

    def __init__(self, number: int, room: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, number, room), daemon=True)
        resource_tracker.ensure_running()  # which would let the signals through
        with held_back():
            self._process.start()
        theirs.close()
        self._told = self._has_ended_one = False

    def give(self, pieces: bytes) -> None:
        """Send the work, by pickle, through the pipe: a process that died before it had read its
        own arguments would be waited for, for ever.
        """
        with suppress(OSError):  # it died, which `signs` tell
            self._pipe.send_bytes(pieces)

    def take(self, position: int | None) -> bool:
        """Start the piece of that position; whether there was one."""
        if position is not None:
            with suppress(OSError):  # it died meanwhile, which `signs` tell
                self._pipe.send(position)
        return position is not None

    def signs(self) -> list[Any]:
        """List what becomes ready when the piece has ended or the process has died."""
        return [self._pipe, self._process.sentinel]

    def ended(self, observer: Observer) -> bool:
        """Tell whether the piece that has ended is done, and was not only asked to end.

        Args:
            observer: told of what the piece warned of.

        Raises:
            TvgnnError: it failed, or the process died.
            RuntimeError: a bug, with the traceback of the process.
        """
        kind, said, warned = self._heard()
        self._has_ended_one = True
        for text in warned:
            observer.warning(text)
        if kind in SENT:
            raise SENT[kind](said)
        if kind == RAISED:
            error, trace = said
            raise error from RuntimeError(trace)
        if kind not in (DONE, ENDED):
            raise RuntimeError(said)
        return kind == DONE

    def _heard(self) -> Said:
        if self._pipe.poll():
            with suppress(EOFError, OSError):  # it was killed, perhaps while it sent
                kind, said, warned = self._pipe.recv()
                return kind, said, warned
        self._process.join()
        return *self._last_words(), ()

    def _last_words(self) -> tuple[str, str]:
        code = self._process.exitcode
        if self._told:
            return ENDED, ""  # before it listened
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            why = ", as for want of memory; try fewer of them" if name == "SIGKILL" else ""
            return TrainingError.__name__, f"a process of `jobs` was killed ({name}){why}"
        if self._has_ended_one:
            return TrainingError.__name__, f"a process of `jobs` ended with exit code {code}"
        return UsageError.__name__, (
            "a process of `jobs` could not start; a script calls this below "
            "`if __name__ == '__main__':`"
        )

    def tell(self) -> None:
        """Ask the piece to keep its state and end; once."""
        if not self._told and self._process.is_alive() and self._process.pid is not None:
            os.kill(self._process.pid, signal.SIGTERM)
        self._told = True

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()


def _serve(pipe: Connection, number: int, room: float) -> None:
    """Do the pieces whose positions come through the pipe, until it is closed."""
    asked = Interruption()
    asked.defer()
    # First: a signal that has come already is lost where it is ignored, be it for a moment.
    signal.signal(signal.SIGTERM, lambda *_: asked.request("the others end"))
    for each in SIGNALS:
        if each != signal.SIGTERM:
            signal.signal(each, signal.SIG_IGN)  # the parent tells what it means
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    end_with_parent()
    own_process()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    bound_memory(room)
    from tvgnn_cli.machine.device import take_own_gpu

    take_own_gpu(number)
    with suppress(EOFError):
        pieces = pickle.loads(pipe.recv_bytes())
        while True:
            pipe.send(_outcome(pieces, pipe.recv(), asked))


class _Warned(Observer):
    """Keeps what a piece warns of."""

    def __init__(self) -> None:
        self.texts = list[str]()

    def warning(self, text: str) -> None:
        self.texts.append(text)


def _outcome(pieces: Pieces, position: int, asked: Interruption) -> Said:
    observer = _Warned()
    kind: str = DONE
    said: Any = ""
    try:
        pieces.do(position, asked, observer)
    except InterruptionError:
        kind = ENDED
    except TvgnnError as error:
        known = (name for name, known in SENT.items() if isinstance(error, known))
        kind, said = next(known, type(error).__name__), str(error)
    except Exception as error:
        kind, said = _raised(error)
    return kind, said, observer.texts


def _raised(error: Exception) -> tuple[str, Any]:
    """An error that is none of ours, with its traceback; that alone where it cannot be sent."""
    trace = traceback.format_exc()
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return "bug", trace
    return RAISED, (error, trace)


def end_with_parent() -> None:
    """End this process as soon as the one that started it has."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            wait([parent.sentinel])
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()
