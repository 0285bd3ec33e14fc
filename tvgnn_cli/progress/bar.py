"""Progress on a terminal: a bar on standard error, which is gone at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tvgnn_cli.observer import EpochReport, Observer
from tvgnn_cli.progress.texts import steps_of, terms_text

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

SECONDS_BETWEEN_REDRAWS = 0.1


class Pace:
    """Tells when it is time to draw again."""

    def __init__(self) -> None:
        self._drawn = 0.0

    def is_due(self) -> bool:
        now = time.monotonic()
        if now - self._drawn < SECONDS_BETWEEN_REDRAWS:
            return False
        self._drawn = now
        return True


class BarObserver(Observer):
    """Moves a rich bar.

    Args:
        bar: the bar.
        say: makes the line of a warning.
    """

    wants_epochs = False

    def __init__(self, bar: Bar, say: Callable[[str], str]) -> None:
        self._bar, self._say, self._pace = bar, say, Pace()
        self._task = bar.add_task("", total=None, text="")

    def phase(self, name: str, done: int = 0, total: int | None = None) -> None:
        if not done or self._pace.is_due():
            self._bar.update(
                self._task, description=name, completed=done, total=total, text="", refresh=not done
            )

    def epoch(self, report: EpochReport) -> None:
        if report.epoch != report.epochs and not self._pace.is_due():
            return
        text = f"loss {report.loss:.4f} {terms_text(report, ' ')} clusters {report.clusters_used}"
        done, total = steps_of(report)
        self._bar.update(self._task, description="epoch", completed=done, total=total, text=text)

    def warning(self, text: str) -> None:
        self._bar.console.print(self._say(text), markup=False, soft_wrap=True)


@contextmanager
def terminal_bar(say: Callable[[str], str]) -> Iterator[BarObserver]:
    """An observer that moves a bar until the end, come about as it may."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        # Names hold a user's values, in whose brackets rich would see its markup.
        TextColumn("{task.description}", markup=False),
        MofNCompleteColumn(),
        BarColumn(bar_width=8),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[text]}", markup=False),
    )
    console = Console(stderr=True, highlight=False)
    with Bar(*columns, console=console, transient=True) as bar:
        yield BarObserver(bar, say)
