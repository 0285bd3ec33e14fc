"""Figures of a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tvgnn_cli.explanation.subject import Subject
from tvgnn_cli.plots.curves import loss_figure
from tvgnn_cli.plots.of_clusters import FIGURES
from tvgnn_cli.report.inline_svg import inline_svg
from tvgnn_cli.report.levels import no_levels
from tvgnn_cli.report.parts import Picture
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
    "levels": (
        "Merges of the clusters",
        "From the left, clusters with most edges between them against chance are merged first; the "
        "grey line is chance. Dashed: levels, with their number of clusters.",
    ),
}
"""By figure, its title and how it is to be read."""

MARGIN = (
    "Margin",
    "A vertex's share in its own cluster less that in the next one; there is no column of "
    "confidences.",
)

LOSS = ("Training loss", "At each epoch of the restart that is kept.")


def pictures_of(subject: Subject, run: Run) -> Iterator[Picture]:
    """The figures that there is something to see in."""
    has_cuts = subject.k > 1 and subject.structure.between.nnz > 0
    seen = {"graph": has_cuts, "cut": has_cuts, "levels": not no_levels(subject)}
    for name, draw in FIGURES.items():
        if seen.get(name, True):
            sure = "confidence" in subject.clusters.measures
            title, caption = TITLES[name] if sure or name != "confidence" else MARGIN
            yield picture(name, title, caption, draw(subject, ""))
    if len(run.history) > 1:
        figure = loss_figure({"the restart that is kept": run.history})
        yield picture("loss", *LOSS, figure)


def picture(name: str, title: str, caption: str, figure: Figure) -> Picture:
    """A figure as a part of a page; the title may be empty where a heading stands above it."""
    label = f"{title}. {caption}" if title else caption
    return Picture(name, title, caption, inline_svg(figure, name, label))
