"""A result of `cluster` as a notebook shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tvgnn_cli.report.card import LETTERS, Card, Drawn, first_rows, html_of
from tvgnn_cli.report.cells import cell
from tvgnn_cli.report.contents import sorted_notes
from tvgnn_cli.report.evidence import in_short as evidence
from tvgnn_cli.report.facts import facts_of
from tvgnn_cli.report.parts import Section
from tvgnn_cli.report.sweeps import Tried, drawn_sweep, sweep_section
from tvgnn_cli.run.card_clusters import ClustersOnCard

if TYPE_CHECKING:
    from tvgnn_cli.run.result import ClusterResult

FACTS = (
    "cut_fraction", "modularity", "mean_conductance", "bits_saved", "sharpness", "mean_confidence",
    "stability_mean", "nmi", "acc", "ari", "loss", "epochs",
)  # fmt: skip
"""Metrics of the card, in their order."""

MADE_BY = ("seed", "device", "threads", "seconds")
"""Metrics on how it came about, which stand last."""

UNKNOWN_SURE = "How firm these clusters are was not measured."

NO_EDGES = (
    "edges between clusters are not known of this result; `tvgnn_cli.make_report(graph, result)` "
    "measures them"
)


def card_html(result: ClusterResult) -> str:
    """A result as a fragment of HTML, see `report/card.py`."""
    view = ClustersOnCard(result)
    warnings, notes = sorted_notes(result.notes)
    metrics = {"method": result.config.method, **result.metrics}
    figures, sections = _tried(result)
    sure = evidence(metrics) if metrics.get("evidence_edges") is not None else [UNKNOWN_SURE]
    return html_of(
        Card(
            title=f"Clusters of {cell('', result.name, most=LETTERS)}",
            lines=[view.in_short(), *sure],
            facts=list(facts_of(metrics, (*FACTS, *MADE_BY))),
            warnings=warnings,
            pictures=[*view.pictures(), *figures],
            tables=[view.table()],
            sections=sections,
            notes=notes,
            remarks=[] if view.knows_edges else [NO_EDGES],
        )
    )


def _tried(result: ClusterResult) -> tuple[list[Drawn], list[Section]]:
    """The numbers of clusters that were tried: their figure, and their table with what it says."""
    if not result.tried:
        return [], []
    tried = Tried(result.tried)
    section = sweep_section(tried)
    closed = replace(section, tables=[first_rows(each) for each in section.tables])
    return [drawn_sweep(tried, "tried")] if len(tried.rows) > 1 else [], [closed]
