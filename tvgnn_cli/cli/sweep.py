"""`tvgnn sweep`: one run for each value of a setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes, without
from tvgnn_cli.cli.reading import READING, GraphArgument
from tvgnn_cli.cli.settings import SETTINGS, defaulting, with_file
from tvgnn_cli.cli.spelling import spelled

if TYPE_CHECKING:
    from tvgnn_cli.jobs.sweep_result import SweepResult

RowsOption = Annotated[str | None, o.rows_of("value", "stem of GRAPH + .sweep.csv")]
SWEPT = {**without(SETTINGS, "num_clusters"), "restarts": defaulting("restarts", "3")}


@takes(reading=READING, settings=SWEPT, states=o.STATES)
def sweep(
    graph: GraphArgument,
    *,
    clusters: Annotated[
        str | None,
        typer.Option(
            "-k",
            "--num-clusters",
            metavar="K..K",
            rich_help_panel=o.SWEEP,
            show_default="with --over, number of true classes, where known",
            help="Numbers of clusters: 2..20, 2..20..3 or 2,3,5.",
        ),
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            "--over",
            metavar="NAME=VALUES",
            rich_help_panel=o.SWEEP,
            help="Values of any other setting: lr=1e-4,3e-4; all combinations where given twice.",
        ),
    ] = None,
    stop_after: Annotated[
        int | None,
        typer.Option(
            "--stop-after",
            metavar="N",
            min=1,
            rich_help_panel=o.SWEEP,
            help="End once N numbers in a row are no better than the best before them.",
        ),
    ] = None,
    reading: Given,
    output: RowsOption = None,
    plot: Annotated[
        Path | None,
        o.to_file("A figure of the table: .png, .svg or .pdf.", "--plot"),
    ] = None,
    keep: Annotated[
        Path | None,
        o.to_file(
            "A file of clusters and one of metrics for each value: k-7.clusters.csv.",
            "--keep",
            metavar="DIR",
        ),
    ] = None,
    settings: Given,
    states: Given,
    shard: o.PartOption = None,
    config: o.ConfigOption = None,
    ignore_memory: o.IgnoreMemoryOption = False,
    jobs: o.JobsOption = 1,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Cluster a graph once for each value of a setting, and compare.

    Three restarts of each value, unless --restarts says otherwise: how well they agree (ARI) tells
    a number of clusters that the graph has from one that it is forced into.

    Examples:
      tvgnn sweep planted -k 2..8               # suggests a number
      tvgnn sweep karate -k 2,3 --over seed=0,1
    """
    from tvgnn_cli.cli.processes import load_torch, part_of_process

    load_torch()
    from tvgnn_cli.cli.job import part_of, surviving
    from tvgnn_cli.cli.outputs import names_of
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.summary import show_part, show_sweep
    from tvgnn_cli.io.location import locate
    from tvgnn_cli.io.read import read_graph
    from tvgnn_cli.jobs.axes import configurations, parse_axes
    from tvgnn_cli.jobs.sweep import check_stop, compare
    from tvgnn_cli.jobs.sweep_rows import kept_files

    axes = parse_axes(clusters, over or ())
    configs = configurations(with_file(settings, config), axes)
    part = part_of(part_of_process(shard), len(configs), states["checkpoint"])
    check_stop(stop_after, axes, part, jobs)
    table = output or f"{locate(graph).stem}.sweep.csv"
    inputs = names_of(graph, reading["features"], reading["labels"], config)
    kept = [] if keep is None else kept_files(keep, configs, axes)
    _check_targets(table, plot, inputs, kept)
    job = surviving(**states)
    with job as (checkpointing, interruption), show("none" if quiet else progress) as observer:
        observer.phase("reading")
        read = read_graph(graph, **reading)
        found = compare(
            read, configs, axes, checkpointing=checkpointing, interruption=interruption,
            observer=observer, only=part, keep=keep, stop_after=stop_after, jobs=jobs,
            threads=threads, device=device, ignore_memory=ignore_memory,
        )  # fmt: skip
    told = [{n: spelled(v) if n == "error" else v for n, v in row.items()} for row in found.rows]
    found = replace(found, rows=tuple(told))
    written = [] if part is not None else [table, *([] if plot is None else [str(plot)])]
    if written:
        found.write(table, plot)
    if not quiet:
        show_sweep(found, written)
    if part is not None and not quiet:
        show_part(states["checkpoint"], table)
    _tell_failures(found, quiet)


def _check_targets(
    table: str, plot: Path | None, inputs: Sequence[str], kept: Sequence[str]
) -> None:
    """Refuse files that could not be written in the end, and those that would replace each other.

    Raises:
        UsageError: see `check_target`; no matplotlib.
    """
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.places import identity
    from tvgnn_cli.io.writers import TABLE_WRITERS, check_target
    from tvgnn_cli.plots import SUFFIXES, require_matplotlib

    check_target("-o", table, TABLE_WRITERS, inputs)
    if plot is not None:
        require_matplotlib()
        check_target("--plot", str(plot), SUFFIXES, inputs, to_stream=False)
    read = {identity(name) for name in inputs}
    for name in kept:
        if identity(name) in read:
            raise UsageError(f"--keep: {name} is an input of this command; name another folder")
        if identity(name) == identity(table):
            raise UsageError(f"-o and --keep name the same file, {name}")


def _tell_failures(found: SweepResult, quiet: bool) -> None:
    """Say of values that failed where nothing else does.

    Raises:
        typer.Exit: with 4, all did.
    """
    from tvgnn_cli.cli.summary import show_failed_values
    from tvgnn_cli.errors import TrainingError

    failed = sum("error" in row for row in found.rows)
    if failed and quiet:
        show_failed_values(found)
    if failed == len(found.rows):
        raise typer.Exit(TrainingError.exit_code)
