"""`tvgnn plot sizes`, `graph`, `cut`, `confidence`, `levels`: figures of clusters of any tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes, without
from tvgnn_cli.cli.help import Command
from tvgnn_cli.cli.reading import READING, ClusterAttrOption, ClustersArgument, GraphArgument

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OutOption = Annotated[Path, o.to_file("The figure: .png, .svg or .pdf.")]

FIGURES = {
    "sizes": """The vertices of each cluster: a bar each, or a line by rank where they are many.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot sizes planted clusters.csv -o sizes.png
    """,
    "graph": """The graph of the clusters: discs by their vertices, lines by the weight of the edges
    between, near each other where there are more of these than by chance.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot graph planted clusters.csv -o graph.svg
    """,
    "cut": """The edges between each two clusters over what chance would put there, as a matrix.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot cut planted clusters.csv -o cut.pdf
    """,
    "confidence": """The spread of confidence in each cluster: by a column `confidence` of CLUSTERS,
    or else by their margin.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot confidence planted clusters.csv
    """,
    "levels": """The tree of the clusters, those with most edges between them against chance merged
    first, and the levels that tvgnn levels cuts it at.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn plot levels planted clusters.csv -o levels.svg
    """,
}
"""Help of each figure, by the name of its command."""

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


def write_figure(
    figure: Figure, output: Path, notes: Sequence[str] = (), *, quiet: bool = False
) -> None:
    """Write a figure, and say where it is and what is to be known of it."""
    from tvgnn_cli.cli.summary import show_told
    from tvgnn_cli.plots import save_figure

    lacking = save_figure(figure, output)
    if not quiet:
        show_told((), [str(output)], (*notes, *lacking))


def add_to(plot: typer.Typer) -> None:
    """Add the figures of clusters to the commands of `tvgnn plot`."""
    for kind, help_text in FIGURES.items():
        plot.command(kind, cls=Command)(_command(kind, help_text))


def _command(kind: str, help_text: str) -> Callable[..., None]:
    """The command that draws a figure of one kind."""

    @takes(reading=GIVEN)
    def draw(
        graph: GraphArgument,
        clusters: ClustersArgument,
        *,
        cluster_attr: ClusterAttrOption = None,
        reading: Given,
        output: OutOption = Path(f"{kind}.png"),
        quiet: o.QuietOption = False,
    ) -> None:
        figure, notes = _draw(
            kind, graph, clusters, output, {"cluster_attr": cluster_attr, **reading}
        )
        write_figure(figure, output, notes, quiet=quiet)

    draw.__doc__ = help_text
    made: Callable[..., None] = draw
    return made


def _draw(
    kind: str, graph: str, clusters: Path, output: Path, reading: dict[str, Any]
) -> tuple[Figure, Sequence[str]]:
    """Draw a figure of a graph and clusters that are read so, and say what was noted of them."""
    check_figure(output, graph, clusters, reading["features"])
    from tvgnn_cli.explanation.subject import subject_of
    from tvgnn_cli.plots.of_clusters import FIGURES as DRAWN
    from tvgnn_cli.plots.of_clusters import title_of

    subject = subject_of(graph, clusters, **reading)
    notes = (*subject.graph.all_notes, *subject.clusters.notes)
    return DRAWN[kind](subject, title_of(kind, subject)), notes
