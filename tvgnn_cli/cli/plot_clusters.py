"""`tvgnn plot sizes`, `graph`, `cut`, `confidence`, `levels`: figures of clusters of any tool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes, without
from tvgnn_cli.cli.help import Command
from tvgnn_cli.cli.reading import READING, ClustersArgument, GraphArgument

OutOption = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        rich_help_panel=o.OUTPUT,
        help="The figure: .png, .svg or .pdf.",
    ),
]

GIVEN = without(READING, "labels", "label_attr")
"""Options of a graph whose true classes have no part in its figures."""


def check_figure(output: Path, *inputs: str | Path | None) -> None:
    """Refuse a figure that could not be written in the end.

    Raises:
        UsageError: saying why.
    """
    from tvgnn_cli.cli.outputs import names_of
    from tvgnn_cli.io.writers import check_target
    from tvgnn_cli.plots import SUFFIXES, require_matplotlib

    require_matplotlib()
    check_target("-o", str(output), SUFFIXES, names_of(*inputs))


def add_to(plot: typer.Typer) -> None:
    """Add the figures of clusters to the commands of `tvgnn plot`."""
    for command in (sizes, graph, cut, confidence, levels):
        plot.command(cls=Command)(command)


@takes(reading=GIVEN)
def sizes(
    graph: GraphArgument,
    clusters: ClustersArgument,
    *,
    reading: Given,
    output: OutOption = Path("sizes.png"),
) -> None:
    """The vertices of each cluster: a bar each, or a line by rank where they are many.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot sizes planted clusters.csv -o sizes.png
    """
    _draw("sizes", graph, clusters, output, reading)


@takes(reading=GIVEN)
def graph(
    graph: GraphArgument,
    clusters: ClustersArgument,
    *,
    reading: Given,
    output: OutOption = Path("graph.png"),
) -> None:
    """The graph of the clusters: discs by their vertices, lines by the weight of the edges between,
    near each other where there are more of these than by chance.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot graph planted clusters.csv -o graph.svg
    """
    _draw("graph", graph, clusters, output, reading)


@takes(reading=GIVEN)
def cut(
    graph: GraphArgument,
    clusters: ClustersArgument,
    *,
    reading: Given,
    output: OutOption = Path("cut.png"),
) -> None:
    """The edges between each two clusters over what chance would put there, as a matrix.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot cut planted clusters.csv -o cut.pdf
    """
    _draw("cut", graph, clusters, output, reading)


@takes(reading=GIVEN)
def confidence(
    graph: GraphArgument,
    clusters: ClustersArgument,
    *,
    reading: Given,
    output: OutOption = Path("confidence.png"),
) -> None:
    """The spread of confidence in each cluster: by a column `confidence` of CLUSTERS, or else by
    their margin.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot confidence planted clusters.csv
    """
    _draw("confidence", graph, clusters, output, reading)


@takes(reading=GIVEN)
def levels(
    graph: GraphArgument,
    clusters: ClustersArgument,
    *,
    reading: Given,
    output: OutOption = Path("levels.png"),
) -> None:
    """The tree of the clusters, those with most edges between them against chance merged first, and
    the levels that tvgnn levels cuts it at.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot levels planted clusters.csv -o levels.svg
    """
    _draw("levels", graph, clusters, output, reading)


def _draw(kind: str, graph: str, clusters: Path, output: Path, reading: dict[str, Any]) -> None:
    """Draw and write a figure."""
    check_figure(output, graph, clusters, reading["features"])
    from tvgnn_cli.explanation.subject import subject_of
    from tvgnn_cli.plots import save_figure
    from tvgnn_cli.plots.of_clusters import FIGURES, TITLES

    subject = subject_of(graph, clusters, **reading)
    save_figure(FIGURES[kind](subject, f"{subject.graph.name}: {TITLES[kind]}"), output)
