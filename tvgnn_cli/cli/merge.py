"""`tvgnn merge`: the best of the shards of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o


def merge(
    folder: Annotated[
        Path,
        o.argument("DIR", "What tvgnn cluster --shards DIR wrote into."),
    ],
    output: o.MergedOption = None,
    metrics: o.MergedMetricsOption = None,
    save: o.SaveOption = None,
    match: o.MatchOption = None,
    changes: o.ChangesOption = None,
    require_complete: Annotated[
        bool,
        typer.Option(
            "--require-complete",
            rich_help_panel=o.INPUT,
            help="Write nothing while shards are missing; name them.",
        ),
    ] = False,
    quiet: o.QuietOption = False,
) -> None:
    """Write the clusters of the best shard, ties to the lowest seed.

    The files are those that one process with all the restarts would have written.

    Examples:
      tvgnn cluster karate -k 2 --restarts 2 --shards parts --shard 1/2
      tvgnn cluster karate -k 2 --restarts 2 --shards parts --shard 2/2
      tvgnn merge parts --require-complete -o clusters.csv
    """
    from dataclasses import replace

    from tvgnn_cli.cli.outputs import changes_of, check_targets, default_targets, names_of
    from tvgnn_cli.cli.summary import report
    from tvgnn_cli.errors import UsageError, some_of
    from tvgnn_cli.io.places import found_in
    from tvgnn_cli.jobs.merge import SHARDS
    from tvgnn_cli.jobs.merge import merge as merge_shards

    wanted = changes_of(match, changes)
    merged = merge_shards(folder, require_complete=require_complete, match=match)
    targets = default_targets(merged.result.name, output, metrics, save)
    targets = replace(targets, changes=wanted)
    if targets.holds_graph:
        raise UsageError(
            f"-o {targets.output}: shards do not hold the graph; write .csv, .tsv or .parquet"
        )
    check_targets(targets, names_of(match, *found_in(folder, SHARDS)))
    if merged.missing:
        named = some_of([str(shard) for shard in merged.missing])
        typer.echo(f"tvgnn: missing shards, left out: {named}", err=True)
    written = targets.write(merged.result)
    if not quiet:
        report(merged.result, written)
