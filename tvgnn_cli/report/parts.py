"""Parts that a page is put together from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from markupsafe import Markup


@dataclass(frozen=True)
class Panel:
    """An interactive part of a page.

    Args:
        style: its style sheet.
        markup: its HTML, in which nothing of the user's stands unescaped; no handler, no style.
        scripts: texts of its scripts, in the order in which they run; the page names the hash of
            each in its policy.
        notes: what it does not show, in words.
    """

    style: str
    markup: str
    scripts: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A figure in a page.

    Args:
        name: of the figure, which the ids in it begin with.
        title: above it; empty where a heading says it.
        caption: below it: how it is to be read.
        svg: the figure.
    """

    name: str
    title: str
    caption: str
    svg: Markup


@dataclass(frozen=True)
class Table:
    """A table in a page.

    Args:
        head: names of the columns.
        rows: cells as they are shown.
        numbers: whether each column is one of numbers, which stand on the right.
        caption: above it: what was left out.
        hues: a colour `#rrggbb` for each row, or none.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[bool]
    caption: str = ""
    hues: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """Tables and sentences under a heading, closed until somebody opens it or prints the page,
    where it is one of many.

    Args:
        title: the heading.
        tables: below it.
        lines: sentences above the tables.
        is_open: whether it is open.
        pictures: above the sentences.
    """

    title: str
    tables: Sequence[Table] = ()
    lines: Sequence[str] = ()
    is_open: bool = True
    pictures: Sequence[Picture] = ()


class Swept(Protocol):
    """A sweep over settings, as `SweepResult` is one."""

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """Metrics of each value."""

    @property
    def over(self) -> Sequence[str]:
        """The settings that the sweep goes over."""

    @property
    def suggestion(self) -> Any:
        """The number of clusters that the rows speak for, and why; None for none."""

    @property
    def left_out(self) -> Sequence[int]:
        """Numbers of clusters that were not tried, since those before were past the best."""
