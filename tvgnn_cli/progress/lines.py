"""Progress where nothing can be drawn: a plain line now and then."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

from tvgnn_cli.observer import EpochReport, Observer
from tvgnn_cli.progress.texts import epoch_text, phase_text

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_LOOKS = 0.1


class QuietObserver(Observer):
    """Says only what its user must know, on standard error.

    Args:
        say: makes the line of a warning.
    """

    wants_epochs = False

    def __init__(self, say: Callable[[str], str]) -> None:
        self.say = say

    def warning(self, text: str) -> None:
        print(self.say(text), file=sys.stderr, flush=True)


class LineObserver(QuietObserver):
    """Prints the latest news every few seconds, also while a long phase tells none."""

    def __init__(self, say: Callable[[str], str]) -> None:
        super().__init__(say)
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
        self._tell(lambda: phase_text(name, done, total))

    def epoch(self, report: EpochReport) -> None:
        self._tell(lambda: epoch_text(report))

    def _tell(self, news: Callable[[], str]) -> None:
        self._news, self._told = news, time.monotonic()
        self._say_if_due()

    def _tick(self) -> None:
        while not self._stop.wait(max(SECONDS_BETWEEN_LINES, SECONDS_BETWEEN_LOOKS)):
            self._say_if_due()

    def _say_if_due(self) -> None:
        with self._lock:
            if self._news is None or time.monotonic() - self._said < SECONDS_BETWEEN_LINES:
                return
            self._said = time.monotonic()
            since = f", for {self._said - self._told:.0f} s" if self._news is self._last else ""
            self._last = self._news
            print(f"{self._news()}{since}", file=sys.stderr, flush=True)
