"""`tvgnn report`: a page about the clusters of a graph, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes
from tvgnn_cli.cli.reading import READING, ClusterAttrOption, ClustersArgument, GraphArgument


@takes(reading=READING)
def report(
    graph: GraphArgument,
    clusters: ClustersArgument,
    *,
    cluster_attr: ClusterAttrOption = None,
    reading: Given,
    output: Annotated[
        str | None,
        o.to_file("The page: .html, or - for standard output.", default="STEM.report.html"),
    ] = None,
    top: o.TopOption = 5,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", metavar="MODEL", rich_help_panel=o.INPUT,
            help="The run's model, from --save: its settings and losses are shown.",
        ),
    ] = None,
    sweep: Annotated[
        Path | None,
        typer.Option(
            "--sweep", metavar="FILE", rich_help_panel=o.INPUT,
            help="Rows of tvgnn sweep on the same graph, or of --numbers: figure and table.",
        ),
    ] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain", rich_help_panel=o.OUTPUT,
            help="Without the part in which the graph can be moved, searched and coloured, and "
            "without any script.",
        ),
    ] = False,
    quiet: o.QuietOption = False,
) -> None:  # fmt: skip
    """Report the clusters of a graph in one page that needs no network, to hand on.

    Figures of the clusters and of the edges between them, what sets each apart, and what is known
    of the run: metrics come from the file beside CLUSTERS, where it is one of this graph.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn report planted clusters.csv -o report.html
      tvgnn cluster planted --report report.html        # the same as part of a run
    """
    from tvgnn_cli.cli.outputs import check_files
    from tvgnn_cli.cli.summary import show_told
    from tvgnn_cli.io.location import locate
    from tvgnn_cli.plots import require_matplotlib
    from tvgnn_cli.report.document import SUFFIXES, make_report
    from tvgnn_cli.report.panel import panel_of

    require_matplotlib()
    target = output or f"{locate(graph).stem}.report.html"
    inputs = (graph, reading["features"], reading["labels"], clusters, model, sweep)
    written = check_files(inputs, {"output": SUFFIXES}, output=target)
    fitted = swept = None
    if model is not None:
        from tvgnn_cli.models.model_file import load_model

        fitted = load_model(model)
    if sweep is not None:
        from tvgnn_cli.jobs.sweep_file import read_sweep

        swept = read_sweep(sweep)
    found = make_report(
        graph, clusters, top=top, model=fitted, sweep=swept, cluster_attr=cluster_attr,
        panel=None if plain else panel_of, keep_attributes=not plain, **reading,
    )  # fmt: skip
    found.write(target)
    if not quiet:
        show_told((), written, found.notes)
