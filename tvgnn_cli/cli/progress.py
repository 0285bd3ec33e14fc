"""A run seen from standard error: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tvgnn_cli.cli.spelling import line_of
from tvgnn_cli.cli.summary import console
from tvgnn_cli.observer import EpochReport, Observer

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from tvgnn_cli.cli.options import Progress

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_REDRAWS = 0.1


@contextmanager
def progress(kind: Progress) -> Iterator[Observer]:
    """An observer that shows what it is told in the way that is asked for."""
    if kind == "auto":
        kind = "bar" if sys.stderr.isatty() else "lines"
    if kind == "none":
        yield _QuietObserver()
    elif kind == "bar":
        with _bar() as bar:
            yield _BarObserver(bar)
    else:
        lines = _LineObserver()
        try:
            yield lines
        finally:
            lines.close()


class _QuietObserver(Observer):
    """Says only what its user must know."""

    wants_epochs = False

    def warning(self, text: str) -> None:
        print(line_of(text, "tvgnn: "), file=sys.stderr, flush=True)


class _LineObserver(_QuietObserver):
    """Prints the latest news every few seconds, also while a long phase tells none."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._said = time.monotonic()
        self._news: Callable[[], str] | None = None
        self._last: Callable[[], str] | None = None
        self._told = self._said
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    def close(self) -> None:
        """Fall silent; a thread that still writes must not outlive the interpreter."""
        self._stop.set()
        self._ticker.join()

    def phase(self, name: str, done: int = 0, total: int | None = None) -> None:
        self._tell(lambda: _phase_text(name, done, total))

    def epoch(self, report: EpochReport) -> None:
        self._tell(lambda: _epoch_text(report))

    def _tell(self, news: Callable[[], str]) -> None:
        self._news, self._told = news, time.monotonic()
        self._say_if_due()

    def _tick(self) -> None:
        while not self._stop.wait(max(SECONDS_BETWEEN_LINES, SECONDS_BETWEEN_REDRAWS)):
            self._say_if_due()

    def _say_if_due(self) -> None:
        with self._lock:
            if self._news is None or time.monotonic() - self._said < SECONDS_BETWEEN_LINES:
                return
            self._said = time.monotonic()
            since = f", for {self._said - self._told:.0f} s" if self._news is self._last else ""
            self._last = self._news
            print(f"{self._news()}{since}", file=sys.stderr, flush=True)


class _BarObserver(Observer):
    """Moves a rich bar."""

    wants_epochs = False

    def __init__(self, bar: Bar) -> None:
        self._bar, self._drawn = bar, 0.0
        self._task = bar.add_task("", total=None, text="")

    def phase(self, name: str, done: int = 0, total: int | None = None) -> None:
        if not done or self._is_due():
            self._bar.update(
                self._task, description=name, completed=done, total=total, text="", refresh=not done
            )

    def epoch(self, report: EpochReport) -> None:
        if report.epoch != report.epochs and not self._is_due():
            return
        text = f"loss {report.loss:.4f} {_parts_text(report, ' ')} clusters {report.clusters_used}"
        total = report.restarts * report.epochs
        done = report.restart * report.epochs + report.epoch
        self._bar.update(self._task, description="epoch", completed=done, total=total, text=text)

    def warning(self, text: str) -> None:
        self._bar.console.print(line_of(text, "tvgnn: "), markup=False, soft_wrap=True)

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now - self._drawn < SECONDS_BETWEEN_REDRAWS:
            return False
        self._drawn = now
        return True


@contextmanager
def _bar() -> Iterator[Bar]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        BarColumn(bar_width=8),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[text]}"),
    )
    with Bar(*columns, console=console(), transient=True) as bar:
        yield bar


def _phase_text(name: str, done: int, total: int | None) -> str:
    return name if total is None else f"{name} {done}/{total}"


def _epoch_text(report: EpochReport) -> str:
    """Epoch, loss, its terms and the clusters in use, in one line."""
    restart = f"restart {report.restart + 1}/{report.restarts} " if report.restarts > 1 else ""
    return (
        f"{restart}epoch {report.epoch}/{report.epochs} loss {report.loss:.4f} = "
        f"{_parts_text(report, ', ')}; clusters {report.clusters_used}"
    )


SPELT_OUT = {"totvar": "total variation"}


def _parts_text(report: EpochReport, between: str) -> str:
    """The terms of the loss, each with its name."""
    named = ((name.removesuffix("_loss"), value) for name, value in report.terms.items())
    return between.join(f"{SPELT_OUT.get(name, name)} {value:.4f}" for name, value in named)
