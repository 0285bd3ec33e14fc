"""A run seen from standard error: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from tvgnn_cli.cli.spelling import line_of
from tvgnn_cli.observer import Observer
from tvgnn_cli.progress import Kind, following, is_watched

if TYPE_CHECKING:
    from tvgnn_cli.cli.options import Progress

KINDS: dict[str, Kind] = {"bar": "bar", "lines": "lines", "none": "none"}
"""Displays by what `--progress` calls them."""


@contextmanager
def progress(kind: Progress) -> Iterator[Observer]:
    """An observer that shows what it is told in the way that is asked for."""
    watched: Kind = "bar" if is_watched() else "lines"
    with following(KINDS.get(kind, watched), partial(line_of, lead="tvgnn: ")) as observer:
        yield observer
