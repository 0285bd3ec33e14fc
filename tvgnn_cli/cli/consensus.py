"""`tvgnn consensus`: the partition that clusterings agree on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.reading import CLUSTERS_COLUMN, ClusterAttrOption
from tvgnn_cli.io.source import STDIN

if TYPE_CHECKING:
    from tvgnn_cli.explanation.consensus import Consensus


def consensus(
    clusterings: Annotated[
        list[Path],
        o.argument(
            "CLUSTERS...",
            f"Two files or more of vertex ids and clusters, of any tools: tables, whose "
            f"{CLUSTERS_COLUMN}; graph files with an attribute 'cluster'; .h5ad; .npy or .npz in "
            "vertex order.",
        ),
    ],
    *,
    cluster_attr: ClusterAttrOption = None,
    output: Annotated[str, o.rows_of("vertex", "-")] = STDIN,
    metrics: o.SpareMetricsOption = None,
    num_clusters: Annotated[
        int | None,
        typer.Option(
            "-k",
            "--num-clusters",
            metavar="K",
            min=1,
            rich_help_panel=o.RUN,
            show_default="median of the files'",
            help="Number of clusters to begin with; votes may leave fewer.",
        ),
    ] = None,
    quiet: o.QuietOption = False,
) -> None:
    """Find the partition that clusterings agree on, and how stable each vertex is in it.

    Clusters are matched one to one, whatever they are called; each file then has a vote for each
    vertex. Stability is the share of the files in which it is in its cluster.

    Examples:
      tvgnn cluster planted --seed 1 -o a.csv
      tvgnn cluster planted --method louvain -o b.csv
      tvgnn cluster planted --method kmeans -o c.csv
      tvgnn consensus a.csv b.csv c.csv -o consensus.csv
    """
    from tvgnn_cli.cli.outputs import check_files
    from tvgnn_cli.cli.summary import show_summary, sizes_of
    from tvgnn_cli.explanation.consensus import consensus as agreed
    from tvgnn_cli.io.writers import write_metrics

    output = output or STDIN
    written = check_files(clusterings, metrics=metrics, output=output)
    found = agreed(clusterings, num_clusters, cluster_attr=cluster_attr)
    if metrics is not None:
        write_metrics(found.metrics, metrics)
    found.write(output)
    if not quiet:
        rows = [
            *_rows(found, sizes_of(found.metrics)),
            *([("written", ", ".join(written))] if written else []),
        ]
        show_summary(f"Consensus of {len(clusterings)} files", rows, found.notes)


def _rows(found: Consensus, sizes: str) -> list[tuple[str, str]]:
    """Name and text of each figure of the summary."""
    metrics = found.metrics
    return [
        ("vertices", f"{metrics['num_vertices']:,}"),
        ("clusters", f"{metrics['clusters_used']:,}"),
        ("cluster sizes", sizes),
        ("agreement", f"ARI {metrics['agreement']:.3f} between two files, on average"),
        ("stability", f"{metrics['stability_mean']:.3f} on average"),
    ]
