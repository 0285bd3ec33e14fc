"""A result of `sweep` as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tvgnn_cli.report.card import LETTERS, Card, first_rows, html_of
from tvgnn_cli.report.cells import cell
from tvgnn_cli.report.facts import facts_of
from tvgnn_cli.report.sweeps import drawn_sweep, not_tried, sweep_section

if TYPE_CHECKING:
    from tvgnn_cli.jobs.sweep_result import SweepResult

SHARED = ("restarts", "seed", "device", "threads")
"""Metrics of the card, of all runs, in their order."""


def card_html(swept: SweepResult) -> str:
    """A sweep as a fragment of HTML, see `report/card.py`."""
    section, left = sweep_section(swept), not_tried(swept)
    told = 0 if swept.suggestion is None else 1
    return html_of(
        Card(
            title=f"Sweep of {cell('', swept.name, most=LETTERS)}",
            lines=section.lines[:told],
            facts=list(_facts(swept)),
            warnings=section.lines[told : len(section.lines) - len(left)],
            pictures=[drawn_sweep(swept, "sweep")] if len(swept.rows) > 1 else [],
            tables=[first_rows(each) for each in section.tables],
            remarks=left,
        )
    )


def _facts(swept: SweepResult) -> Iterator[tuple[str, str]]:
    """Runs, what those that did not fail have in common, and the seconds of all."""
    yield "runs", f"{len(swept.rows):,}"
    done = [row for row in swept.rows if not row.get("error")]
    first: dict[str, Any] = done[0] if done else {}
    common = {
        name: value
        for name, value in first.items()
        if name not in swept.over and all(row.get(name) == value for row in done)
    }
    yield from facts_of(common, SHARED)
    if all(row.get("seconds") is not None for row in done) and done:
        yield from facts_of({"seconds": sum(row["seconds"] for row in done)}, ["seconds"])
