"""`tvgnn match`: clusters with the numbers of earlier ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.reading import ClusterAttrOption, ClustersArgument


def match(
    clusters: ClustersArgument,
    previous: Annotated[
        Path,
        o.argument("PREVIOUS", "The same of earlier, of any tool."),
    ],
    *,
    cluster_attr: ClusterAttrOption = None,
    output: Annotated[
        str | None,
        o.rows_of("vertex", "stem of CLUSTERS + .matched.csv; - where CLUSTERS is -"),
    ] = None,
    changes: o.ChangesOption = None,
    metrics: Annotated[
        str | None, o.to_file("One row of counts: .csv, .parquet or .json.", "--metrics")
    ] = None,
    quiet: o.QuietOption = False,
) -> None:
    """Number clusters by the best matching with earlier ones, and say what has changed.

    Matched clusters share as many vertices as can be; new ones get numbers above all earlier ones.
    The partition stays what it is.

    Examples:
      tvgnn cluster planted -k 4 -o may.csv
      tvgnn cluster planted -k 5 -o june.csv
      tvgnn match june.csv may.csv -o june.matched.csv --changes changes.csv
    """
    from tvgnn_cli.cli.outputs import check_files
    from tvgnn_cli.cli.summary import show_summary
    from tvgnn_cli.evaluation.metric_table import shown
    from tvgnn_cli.io.source import STDIN, Source, is_stream
    from tvgnn_cli.shaping.match import match as matched

    source = Source(str(clusters))
    target = output or (STDIN if is_stream(source.name) else f"{source.stem}.matched.csv")
    written = check_files((clusters, previous), changes=changes, metrics=metrics, output=target)
    found = matched(clusters, previous, cluster_attr=cluster_attr)
    found.write(target, changes, metrics)
    if not quiet:
        rows = [*shown(found.metrics), ("written", ", ".join(written))]
        show_summary(f"Clusters of {clusters}", rows[: len(rows) - (not written)], found.notes)
