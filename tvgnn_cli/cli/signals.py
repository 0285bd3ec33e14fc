"""Reaction to signals: the state is kept and the run ends, or it ends at once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

import typer

from tvgnn_cli.cli.durations import seconds_of
from tvgnn_cli.cli.spelling import line_of
from tvgnn_cli.errors import InterruptionError
from tvgnn_cli.interruption import Interruption

INTERRUPTED = 130

EXPERIMENTS = ("table1", "table2", "epochs", "synthetic", "figure")
"""Experiments of `tvgnn reproduce` that go on where they were stopped."""

ENDING = ("SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2")
"""Signals that schedulers and people send to a run that should end, as far as the
system has them.
"""


def end_at_once(number: int, _: FrameType | None) -> None:
    """End; files under temporary names are removed on the way out."""
    say(f"tvgnn: interrupted ({signal.Signals(number).name})")
    sys.exit(INTERRUPTED)


def start_again(number: int, _: FrameType | None) -> None:
    """End a run that can be resumed before it listens, so that whoever runs it starts it again."""
    say(f"tvgnn: interrupted ({signal.Signals(number).name}); the same command goes on")
    sys.exit(InterruptionError.exit_code)


def first_handlers(arguments: Sequence[str]) -> None:
    """Set what signals do while a command starts, and where it keeps no state."""
    resumable = (
        arguments[:1] == ["batch"]
        or (arguments[:1] == ["reproduce"] and arguments[1:2] in [[e] for e in EXPERIMENTS])
        or any(argument.partition("=")[0] == "--checkpoint" for argument in arguments)
    )
    names = ENDING if resumable else ("SIGINT", "SIGTERM")
    for number in [getattr(signal, name) for name in names if hasattr(signal, name)] + hangup():
        signal.signal(number, start_again if resumable else end_at_once)


def ignore_from_now() -> None:
    """Ignore signals: the run has ended, and how."""
    for number in [getattr(signal, name) for name in ENDING if hasattr(signal, name)] + hangup():
        signal.signal(number, signal.SIG_IGN)


def hangup() -> list[signal.Signals]:
    """The signal of a terminal that closes; none where the system has no such, or where the run was
    started to outlive it, as `nohup` does.
    """
    found = [number for number in signal.Signals if number.name == "SIGHUP"]
    return [number for number in found if signal.getsignal(number) != signal.SIG_IGN]


def say(text: str) -> None:
    """A line on standard error; a reader who has left changes nothing."""
    with suppress(OSError):
        typer.echo(line_of(text), err=True)


@contextmanager
def until(max_time: str | None) -> Iterator[Interruption]:
    """Give a command what it asks whether it should end: after a span of time, or once a signal has
    come.

    Raises:
        UsageError: a span of time that is none.
    """
    asked = Interruption(None if max_time is None else seconds_of("--max-time", max_time))
    with asking(asked):
        yield asked


@contextmanager
def asking(interruption: Interruption) -> Iterator[None]:
    """Turn signals into a request to end, for a while; a second SIGINT ends at once."""

    def ask(number: int, frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if number == signal.SIGINT and interruption.reason is not None:
            end_at_once(number, frame)
        interruption.request(f"{name} was received")
        if not interruption.is_deferred:
            raise InterruptionError(
                f"{name} was received before training; the same command starts again"
            )
        say(f"tvgnn: {name}: ending after this step")

    numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)] + hangup()
    before = [signal.signal(number, ask) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
