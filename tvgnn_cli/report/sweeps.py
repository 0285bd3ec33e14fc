"""Sweeps in a report: numbers of clusters, or values of other settings, that were tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tvgnn_cli.errors import some_of
from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.plots.sweep import sweep_figure
from tvgnn_cli.prepare.evidence.suggestion import Suggestion, chosen_number
from tvgnn_cli.report.card import Drawn
from tvgnn_cli.report.cells import exact, spelled_name
from tvgnn_cli.report.parts import Picture, Section, Swept, Table
from tvgnn_cli.report.pictures import picture
from tvgnn_cli.report.run_facts import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHOSEN = "chosen"
"""Column of the rows of a run that chose its number of clusters."""

OF_NUMBERS = "Numbers of clusters that were tried"

TAKEN = "What speaks for each number of clusters; dashed: the one that was taken."

SWEEP = ("Sweep", "What tells the values of a setting apart; dashed: the one that is suggested.")
"""Title of a sweep, and how its figure is to be read."""


@dataclass(frozen=True)
class Tried:
    """Numbers of clusters that a run tried before it took one (`-k auto`), as a sweep.

    Args:
        rows: of `ClusterResult.tried`.
        over: the number of clusters.
    """

    rows: Sequence[Mapping[str, Any]]
    over: Sequence[str] = ("num_clusters",)
    left_out: Sequence[int] = ()

    @property
    def suggestion(self) -> Suggestion | None:
        """The number that was taken."""
        return chosen_number(self.rows)


def sweep_sections(run: Run, swept: Swept | None) -> Iterator[Section]:
    """The numbers that a run tried, and a sweep that is given, each with its figure."""
    if run.tried:
        yield _section(Tried(run.tried), "tried")
    if swept is not None:
        is_named = any(row.get("input_fingerprint") for row in swept.rows)
        aside = "These rows name no graph: that they are of this one was not checked."
        yield _section(swept, "sweep", () if is_named else (aside,))


def headed_pictures(sections: Sequence[Section]) -> list[Picture]:
    """The figures of sections with the headings of these as titles."""
    return [replace(each, title=found.title) for found in sections for each in found.pictures]


def _section(swept: Swept, name: str, aside: Sequence[str] = ()) -> Section:
    """The section with its figure, and sentences that come after the others."""
    found = sweep_section(swept)
    figures = []
    if len(swept.rows) > 1:
        drawn = drawn_sweep(swept, name)
        figures = [picture(name, "", drawn.caption, drawn.draw())]
    return replace(found, lines=[*found.lines, *aside], pictures=figures)


def sweep_section(swept: Swept) -> Section:
    """The values that a sweep went over, with what tells them apart; without its figure."""
    is_choice = _is_choice(swept)
    failed = [
        f"{exact(row[swept.over[0]])}: {row['error']}" for row in swept.rows if row.get("error")
    ]
    lines = []
    if swept.suggestion is not None:
        found = swept.suggestion
        word = "Chosen" if is_choice else "Suggested"
        lines = [f"{word}: K = {found.num_clusters}: {found.reason}."]
    return Section(
        OF_NUMBERS if is_choice else SWEEP[0], [_table(swept)], [*lines, *failed, *not_tried(swept)]
    )


def not_tried(swept: Swept) -> list[str]:
    """Say which numbers of clusters a sweep has left out."""
    if not swept.left_out:
        return []
    numbers = some_of([str(number) for number in swept.left_out])
    return [f"Not tried: K = {numbers}; those before are past the best."]


def _table(swept: Swept) -> Table:
    columns = [
        metric for metric in METRICS
        if metric.swept and any(row.get(metric.name) is not None for row in swept.rows)
    ]  # fmt: skip
    head = [*map(spelled_name, swept.over), *(metric.swept for metric in columns)]
    rows = [
        [
            *(exact(row[name]) for name in swept.over),
            *(
                "" if row.get(metric.name) is None else metric.form.format(row[metric.name])
                for metric in columns
            ),
        ]
        for row in swept.rows
    ]
    return Table(head, rows, [True] * len(head))


def _is_choice(swept: Swept) -> bool:
    """Tell whether a run chose among the rows."""
    return any(CHOSEN in row for row in swept.rows)


def drawn_sweep(swept: Swept, name: str) -> Drawn:
    """The figure of a sweep, or of the numbers that a run tried, still to be drawn."""
    title, caption = (OF_NUMBERS, TAKEN) if _is_choice(swept) else SWEEP
    return Drawn(name, title, caption, lambda: figure_of(swept))


def figure_of(swept: Swept, title: str = "") -> Figure:
    """A panel for each metric of the rows, with a line at the number that is suggested."""
    by_number = swept.suggestion is not None and swept.over[0] == "num_clusters"
    mark = swept.suggestion.num_clusters if by_number else None
    return sweep_figure(swept.rows, swept.over[0], mark, title, swept.over[1:])
