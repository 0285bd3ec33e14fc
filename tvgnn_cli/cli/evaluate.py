"""`tvgnn evaluate`: score a clustering that is on file."""

from __future__ import annotations

from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes, without
from tvgnn_cli.cli.reading import READING, ClusterAttrOption, ClustersArgument, LabelsOption


@takes(reading=without(READING, "features", "feature_attrs", "impute", "labels"))
def evaluate(
    clusters: ClustersArgument,
    *,
    cluster_attr: ClusterAttrOption = None,
    labels: LabelsOption = None,
    graph: Annotated[
        str | None,
        typer.Option(
            "--graph", metavar="GRAPH", rich_help_panel=o.INPUT, help="As for tvgnn cluster."
        ),
    ] = None,
    reading: Given,
    metrics: Annotated[
        str,
        o.to_file(
            "Where the row of metrics goes: .csv, .parquet, .json, or - for CSV on standard "
            "output.",
            "--metrics",
        ),
    ] = "-",
    quiet: o.QuietOption = False,
) -> None:
    """Score any clustering: NMI, ACC and ARI by true labels, cut and modularity by a graph.

    Examples:
      tvgnn cluster planted -o clusters.csv
      tvgnn evaluate clusters.csv --graph planted
    """
    from tvgnn_cli.cli.outputs import names_of
    from tvgnn_cli.cli.summary import show_summary
    from tvgnn_cli.evaluation.metric_table import shown
    from tvgnn_cli.evaluation.scoring import evaluate as score
    from tvgnn_cli.io.writers import METRIC_WRITERS, check_target, write_metrics

    check_target("--metrics", metrics, METRIC_WRITERS, names_of(clusters, labels, graph))
    scored = score(clusters, labels=labels, graph=graph, cluster_attr=cluster_attr, **reading)
    scores = scored.metrics
    write_metrics(scores, metrics)
    if not quiet:
        show_summary(f"Scores of {clusters}", shown(scores), scored.notes)
