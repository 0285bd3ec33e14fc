"""A result in the output of a notebook's cell: a summary, figures and tables, as a fragment.

Whatever a notebook does with it, it can be read: without its style sheet, which viewers of
notebooks that nobody trusts leave out, tables and sentences stand as they are, and figures stay
hidden. Colours are the page's, light or dark; figures stand on white paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from tvgnn_cli.plots.files import is_drawn
from tvgnn_cli.report.cells import cell
from tvgnn_cli.report.page import ROOM, environment
from tvgnn_cli.report.parts import Picture, Section, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 200_000
"""Bytes of a fragment, about: notebooks keep every output."""

ROWS = 20
"""Rows of a table, at most."""

NOTES = 30
"""Notes and warnings, at most."""

LETTERS = 80
"""Letters of a cell: names may have a million."""

NO_MATPLOTLIB = "figures need matplotlib: pip install 'tvgnn[plot]'"

Draw = Callable[[], "Figure"]
"""Function that makes a figure, called only where it is shown."""


@dataclass(frozen=True)
class Drawn:
    """A figure that is still to be drawn.

    Args:
        name: letters and dashes.
        title: above it.
        caption: below it: how it is to be read.
        draw: makes it.
    """

    name: str
    title: str
    caption: str
    draw: Draw


@dataclass(frozen=True)
class Card:
    """Parts of a fragment; all but figures is text, escaped where it is shown.

    Args:
        title: what it is of.
        lines: sentences that say the most important.
        facts: names and values.
        warnings: of the run.
        pictures: figures, those first that matter most.
        tables: below them.
        sections: tables that are closed until somebody opens them.
        notes: sentences that are closed, too.
        remarks: on what is not shown, and where it is.
    """

    title: str = ""
    lines: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    warnings: Sequence[str] = ()
    pictures: Sequence[Picture | Drawn] = ()
    tables: Sequence[Table] = ()
    sections: Sequence[Section] = ()
    notes: Sequence[str] = ()
    remarks: Sequence[str] = ()


def html_of(card: Card) -> str:
    """The fragment, the same for the same card: no script, nothing from elsewhere, and a style
    sheet that is of its own elements alone.

    Figures for which there is no room are left out, and it is said which.
    """
    bare = _rendered(card, [])
    shown: list[Picture] = []
    left: list[Picture] = []
    remarks = list(card.remarks)
    room = MOST - len(bare.encode())
    if card.pictures and not is_drawn():
        remarks.append(NO_MATPLOTLIB)
    else:
        for picture in _pictures(card.pictures):
            size = len(picture.svg.encode()) + len(picture.caption.encode())
            (shown if size < room else left).append(picture)
            room -= size if size < room else 0
    if left:
        titles = ", ".join(picture.title for picture in left)
        remarks.append(f"left out for their size: {titles}; make_report(...) has them")
    if not shown and remarks == list(card.remarks):
        return bare
    return _rendered(replace(card, remarks=remarks), shown)


def table_of_rows(
    head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[bool], left: str = ""
) -> Table:
    """A table of the first rows, whose caption says of how many.

    Args:
        head: names of the columns.
        rows: cells.
        numbers: whether each column is one of numbers.
        left: what all rows are of; empty where none can be left out.
    """
    held = [[cell("", text, most=LETTERS) for text in row] for row in rows]
    more = f"The first {ROWS} of {len(held):,} {left}." if len(held) > ROWS else ""
    return Table(head, held[:ROWS], numbers, more)


def first_rows(table: Table) -> Table:
    """The first rows of a table, whose caption says of how many."""
    left = len(table.rows) - ROWS
    caption = f"The first {ROWS} of {len(table.rows):,} rows." if left > 0 else table.caption
    rows = [[cell("", text, most=LETTERS) for text in row] for row in table.rows[:ROWS]]
    return replace(table, rows=rows, hues=table.hues[:ROWS], caption=caption)


def _pictures(pictures: Iterable[Picture | Drawn]) -> Iterator[Picture]:
    from tvgnn_cli.report.inline_svg import inline_svg

    for each in pictures:
        if isinstance(each, Picture):
            yield each
            continue
        label = f"{each.title}. {each.caption}"
        svg = inline_svg(each.draw(), f"tvgnn-{each.name}", label)
        yield Picture(each.name, each.title, each.caption, svg)


def _rendered(card: Card, pictures: Sequence[Picture]) -> str:
    template = environment().get_template("card.html")
    return template.render(
        style=_style(),
        card=replace(card, warnings=_some(card.warnings), notes=_some(card.notes)),
        pictures=pictures,
    )


def _some(notes: Sequence[str]) -> list[str]:
    more = len(notes) - NOTES
    return [*notes[:NOTES], *([f"and {more:,} more"] if more > 0 else [])]


@cache
def _style() -> str:
    text = files(ROOM).joinpath("templates", "card.css").read_text(encoding="utf-8")
    return " ".join(text.split())
