"""Choice of the display that suits those who watch a run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Literal

from tvgnn_cli.errors import UsageError, shown
from tvgnn_cli.observer import EpochReport, Observer, Relay, RestartReport
from tvgnn_cli.progress.bar import terminal_bar
from tvgnn_cli.progress.lines import LineObserver, QuietObserver
from tvgnn_cli.progress.notebook import NotebookObserver, in_notebook
from tvgnn_cli.progress.texts import warning_line

Kind = Literal["bar", "notebook", "lines", "none"]
"""Displays: a bar on a terminal or in a notebook, lines, or warnings alone."""


def is_watched() -> bool:
    """Tell whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def following(kind: Kind, say: Callable[[str], str] = warning_line) -> Iterator[Observer]:
    """An observer that shows what it is told in the way that is asked for, and leaves nothing of it
    behind, whatever ends the run.

    Args:
        kind: the way.
        say: makes the line of a warning.
    """
    if kind == "none":
        yield QuietObserver(say)
    elif kind == "bar":
        with terminal_bar(say) as bar:
            yield bar
    else:
        display = NotebookObserver if kind == "notebook" else LineObserver
        with closing(display(say)) as observer:
            yield observer


@contextmanager
def showing(progress: bool | str, observer: Observer | None) -> Iterator[Observer]:
    """The observer of a call from Python, with a display beside it where one is asked for.

    Args:
        progress: True for a bar in a notebook or on a terminal, and nothing where neither is;
            "lines" for a plain line every few seconds, anywhere; False for nothing.
        observer: told of all in any case; None for nobody.

    Raises:
        UsageError: `progress` is something else.
    """
    kind = _kind_of(progress)
    if kind is None:
        yield observer or Observer()
        return
    with following(kind) as display:
        yield display if observer is None else _Both(display, observer)


def _kind_of(progress: bool | str) -> Kind | None:
    if progress is False or progress is None:
        return None
    if progress == "lines":
        return "lines"
    if progress is not True:
        raise UsageError(f"`progress` is {shown(progress)}; needs to be True, False or 'lines'")
    if in_notebook():
        return "notebook"
    return "bar" if is_watched() else None


class _Both(Relay):
    """Tells two observers."""

    def __init__(self, one: Observer, other: Observer) -> None:
        super().__init__(one)
        self._second = other

    @property
    def wants_epochs(self) -> bool:
        return super().wants_epochs or self._second.wants_epochs

    def phase(self, name: str, done: int = 0, total: int | None = None) -> None:
        super().phase(name, done, total)
        self._second.phase(name, done, total)

    def epoch(self, report: EpochReport) -> None:
        super().epoch(report)
        self._second.epoch(report)

    def restart(self, report: RestartReport) -> None:
        super().restart(report)
        self._second.restart(report)

    def warning(self, text: str) -> None:
        super().warning(text)
        self._second.warning(text)
