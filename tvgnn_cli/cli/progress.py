"""Training seen from standard error: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tvgnn_cli.cli.summary import console

if TYPE_CHECKING:
    from tvgnn_cli.cli.options import Progress
    from tvgnn_cli.train import EpochReport

SECONDS_BETWEEN_LINES = 5.0

Show = Callable[["EpochReport"], None]


@contextmanager
def progress(kind: Progress) -> Iterator[Show | None]:
    """A function to call after each epoch, or None for no display."""
    if kind == "auto":
        kind = "bar" if sys.stderr.isatty() else "lines"
    if kind == "none":
        yield None
    elif kind == "bar":
        with _bar() as show:
            yield show
    else:
        yield _lines()


def describe(report: EpochReport) -> str:
    """Epoch, loss, both parts and the clusters in use, in one line."""
    return (
        f"loss {report.loss:.4f} = total variation {report.totvar_loss:.4f}, "
        f"balance {report.balance_loss:.4f}; clusters {report.clusters_used}"
    )


def _lines() -> Show:
    last = time.monotonic()

    def show(report: EpochReport) -> None:
        nonlocal last
        if time.monotonic() - last < SECONDS_BETWEEN_LINES:
            return
        last = time.monotonic()
        restart = f"restart {report.restart + 1}/{report.restarts} " if report.restarts > 1 else ""
        print(
            f"{restart}epoch {report.epoch}/{report.epochs} {describe(report)}",
            file=sys.stderr,
            flush=True,
        )

    return show


@contextmanager
def _bar() -> Iterator[Show]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(bar_width=8),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[text]}"),
    )
    with Bar(*columns, console=console(), transient=True) as bar:
        task = bar.add_task("train", total=None, text="")

        def show(report: EpochReport) -> None:
            total = report.restarts * report.epochs
            done = report.restart * report.epochs + report.epoch
            text = (
                f"loss {report.loss:.4f} tv {report.totvar_loss:.4f} "
                f"balance {report.balance_loss:.4f} clusters {report.clusters_used}"
            )
            bar.update(task, total=total, completed=done, text=text)

        yield show
