"""Progress in a notebook: a bar below the cell, which is gone at the end.

It is a display of IPython that is updated in place, and so needs no widgets: JupyterLab, Notebook,
VS Code and Colab show it alike, and a console of Jupyter shows its text.
"""

from __future__ import annotations

import builtins
import sys
import time
from collections.abc import Callable
from html import escape
from typing import Any

from tvgnn_cli.errors import one_line
from tvgnn_cli.observer import EpochReport, Observer
from tvgnn_cli.progress.bar import Pace
from tvgnn_cli.progress.texts import epoch_text, phase_text, steps_of

NOTHING = {"text/plain": "", "text/html": '<div style="display:none"></div>'}
"""Display in whose place nothing is seen: one that was made cannot be taken back."""

STYLE = "display:flex;flex-wrap:wrap;gap:.2em .7em;align-items:center;font-size:90%"
"""Style of the line; its colours are the notebook's."""

SURE_AFTER = 2.0
"""Seconds after which the pace so far tells how long the rest will take."""


def in_notebook() -> bool:
    """Tell whether this process is the kernel of a notebook: IPython puts `get_ipython` among the
    built-in names, and its shell there is one that has a kernel.
    """
    get = getattr(builtins, "get_ipython", None)
    shell = get() if callable(get) else None
    if shell is None or "IPython" not in sys.modules:
        return False
    kinds = {kind.__name__ for kind in type(shell).__mro__}
    return "ZMQInteractiveShell" in kinds or getattr(shell, "kernel", None) is not None


class NotebookObserver(Observer):
    """Moves a bar in the output of a cell.

    Args:
        say: makes the line of a warning, which goes to standard error and stays.
    """

    wants_epochs = False

    def __init__(self, say: Callable[[str], str]) -> None:
        self._say, self._pace = say, Pace()
        self._handle: Any = None
        self._total: int | None = None
        self._begun, self._first, self._last = 0.0, 0, 0

    def phase(self, name: str, done: int = 0, total: int | None = None) -> None:
        if not done or self._pace.is_due():
            self._show(phase_text(name, done, total), done, total)

    def epoch(self, report: EpochReport) -> None:
        if report.epoch == report.epochs or self._pace.is_due():
            self._show(epoch_text(report), *steps_of(report))

    def warning(self, text: str) -> None:
        print(self._say(text), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Take the bar away."""
        if self._handle is not None:
            self._handle.update(NOTHING, raw=True)
            self._handle = None

    def _show(self, text: str, done: int, total: int | None) -> None:
        from IPython.display import display

        text = one_line(text)
        left = self._left(done, total)
        counted = "" if not total else f' max="{total}" value="{min(done, total)}"'
        html = (
            f'<div style="{STYLE}"><progress aria-label="progress"{counted}></progress>'
            f"<span>{escape(text)}</span>" + (f"<span>{left}</span>" if left else "") + "</div>"
        )
        shown = {"text/plain": text, "text/html": html}
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)

    def _left(self, done: int, total: int | None) -> str:
        """Say how long the rest takes at the pace so far; "" where that is not known."""
        now = time.monotonic()
        if total != self._total or done < self._last:  # other steps than those so far
            self._total, self._begun, self._first = total, now, done
        self._last = done
        spent, made = now - self._begun, done - self._first
        if total is None or made <= 0 or done >= total or spent < SURE_AFTER:
            return ""
        return f"about {_duration((total - done) * spent / made)} left"


def _duration(seconds: float) -> str:
    """A time to a digit or two: 40 s, 12 min, 3 h."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"
