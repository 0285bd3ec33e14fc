"""Figures of a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tvgnn_cli.explanation.subject import Subject
from tvgnn_cli.plots.curves import loss_figure
from tvgnn_cli.plots.of_clusters import FIGURES
from tvgnn_cli.plots.sweep import sweep_figure
from tvgnn_cli.report.inline_svg import inline_svg
from tvgnn_cli.report.parts import Picture, Swept
from tvgnn_cli.report.run_facts import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLES = {
    "sizes": ("Sizes", "Vertices of each cluster, and their share of all."),
    "graph": (
        "The graph of the clusters",
        "Clusters are near each other where more edges join them than by chance.",
    ),
    "cut": (
        "Edges against chance",
        "How many times the weight of edges that chance would put between two clusters, or inside "
        "one, with the degrees as they are; white where there are none.",
    ),
    "confidence": ("Confidence", "Its spread over the vertices of each cluster."),
}
"""By figure, its title and how it is to be read."""

MARGIN = (
    "Margin",
    "A vertex's share in its own cluster less that in the next one; there is no column of "
    "confidences.",
)

SWEEP = ("Sweep", "What tells the values of a setting apart; dashed: the one that is suggested.")

LOSS = ("Training loss", "At each epoch of the restart that is kept.")


def pictures_of(subject: Subject, run: Run, swept: Swept | None) -> Iterator[Picture]:
    """The figures that there is something to see in."""
    has_cuts = subject.k > 1 and subject.structure.between.nnz > 0
    for name, draw in FIGURES.items():
        if name in ("graph", "cut") and not has_cuts:
            continue
        sure = "confidence" in subject.clusters.measures
        title, caption = TITLES[name] if sure or name != "confidence" else MARGIN
        yield _picture(name, title, caption, draw(subject, ""))
    if len(run.history) > 1:
        figure = loss_figure({"the restart that is kept": run.history})
        yield _picture("loss", *LOSS, figure)
    if swept is not None and len(swept.rows) > 1:
        over = swept.over[0]
        by_number = swept.suggestion is not None and over == "num_clusters"
        mark = swept.suggestion.num_clusters if by_number else None
        yield _picture("sweep", *SWEEP, sweep_figure(swept.rows, over, mark))


def _picture(name: str, title: str, caption: str, figure: Figure) -> Picture:
    return Picture(name, title, caption, inline_svg(figure, name, f"{title}. {caption}"))
