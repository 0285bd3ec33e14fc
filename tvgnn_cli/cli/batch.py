"""`tvgnn batch`: many graphs, one row of a manifest each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.spelling import spelled

if TYPE_CHECKING:
    from tvgnn_cli.jobs.manifest import Job, RowOption

FAILED = 4


def batch(
    manifest: Annotated[
        Path,
        o.argument(
            "MANIFEST",
            "A .csv or .tsv with a column 'graph' and one for each option of tvgnn cluster "
            "that rows differ in: k, seed, features, output, ...",
        ),
    ],
    folder: Annotated[
        Path,
        typer.Option(
            "--checkpoint",
            metavar="DIR",
            rich_help_panel=o.JOB,
            help="Where outcomes, logs and states are kept; rows that are done stay done.",
        ),
    ] = Path("batch"),
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", metavar="N", min=1, rich_help_panel=o.RUN, help="Rows at the same time."
        ),
    ] = 1,
    output: Annotated[
        str | None,
        o.to_file(
            "How each row ended: .csv, .tsv or .parquet; - for CSV on standard output.",
            default="stem of MANIFEST + .summary.csv",
        ),
    ] = None,
    shard: o.PartOption = None,
    max_time: o.MaxTimeOption = None,
    threads: o.ThreadsOption = None,
    quiet: o.QuietOption = False,
) -> None:
    """Cluster many graphs; one that fails does not stop the rest.

    Ends with exit code 0 if every row did, else 4; the summary has each row's exit code and what it
    said last. Rows that failed are tried again by the same command. Paths are those of the current
    folder.

    Examples:
      printf 'graph,k\\nkarate,2\\nplanted,4\\n' > graphs.csv
      tvgnn batch graphs.csv --jobs 2
    """
    from dataclasses import asdict

    from tvgnn_cli.cli.job import part_of, surviving
    from tvgnn_cli.cli.processes import part_of_process
    from tvgnn_cli.cli.summary import show_batch, show_failed, show_part, show_told
    from tvgnn_cli.io.source import STDIN
    from tvgnn_cli.io.writers import TABLE_WRITERS, check_target, make_folder, write_rows
    from tvgnn_cli.jobs.batch import run_batch
    from tvgnn_cli.jobs.collisions import refuse_collisions
    from tvgnn_cli.jobs.manifest import read_manifest
    from tvgnn_cli.machine.threads import choose_threads

    rows = [_with_targets(job) for job in read_manifest(manifest, cluster_options())]
    target = output or f"{manifest.stem}.summary.csv"
    refuse_collisions(manifest, rows, [target], folder)
    shard = part_of_process(shard)
    part = part_of(shard, len(rows), folder)
    chosen = rows if part is None else [rows[position] for position in part]
    check_target("-o", target, TABLE_WRITERS, [str(manifest)])
    make_folder("--checkpoint", folder)
    each = max(1, choose_threads(threads) // jobs)
    with surviving(folder, max_time=max_time) as (_, interruption):
        interruption.defer()
        outcomes = run_batch(
            chosen,
            run_cluster,
            folder,
            added=("--quiet", "--threads", str(each)),
            workers=jobs,
            interruption=interruption,
            told=None if quiet else show_batch,
        )
    if part is None:
        write_rows(
            [{**asdict(each), "message": spelled(each.message)} for each in outcomes], target
        )
        if not quiet:
            show_told((), [target] if target != STDIN else [], ())
    elif not quiet:
        show_part(folder, target)
    failed = [outcome for outcome in outcomes if outcome.exit_code]
    if failed and quiet:
        show_failed(failed, len(outcomes))
    if failed:
        raise typer.Exit(FAILED)


def cluster_options() -> list[RowOption]:
    """Options of `tvgnn cluster` that a row may have."""
    from typer.main import get_command

    from tvgnn_cli.jobs.manifest import RowOption

    command = get_command(_cluster_alone()).commands["cluster"]  # type: ignore[attr-defined]
    return [
        RowOption(
            names=tuple(parameter.opts),
            is_flag=getattr(parameter, "is_flag", False),
            off="".join(parameter.secondary_opts[:1]),
            is_whole=parameter.metavar in ("K", "N"),  # of type int, as every page of help has it
        )
        for parameter in command.params
        if parameter.opts[0].startswith("-") and not set(parameter.opts) & set(NOT_FOR_ROWS)
    ]


def _with_targets(job: Job) -> Job:
    """A row with the files that `tvgnn cluster` will write for it."""
    from dataclasses import replace

    from tvgnn_cli.cli.outputs import default_targets
    from tvgnn_cli.io.location import locate

    save, page = job.value_of("--save"), job.value_of("--report")
    targets = default_targets(
        locate(job.graph).stem,
        job.value_of("--output", "-o"),
        job.value_of("--metrics"),
        None if save is None else Path(save),
        page=None if page is None else Path(page),
    )
    changes, numbers = job.value_of("--changes"), job.value_of("--numbers")
    targets = replace(targets, changes=changes, numbers=numbers)
    return replace(job, targets=tuple(targets.files))


NOT_FOR_ROWS = (
    "--checkpoint", "--every", "--resume", "--max-time", "--shards", "--shard", "--dump-config",
    "--progress", "--quiet", "-q", "--help", "-h", "--threads",
)  # fmt: skip
"""Options that the batch decides for all of its rows."""


def _cluster_alone() -> typer.Typer:
    """A command line whose only command is `cluster`."""
    from tvgnn_cli.cli.cluster import cluster
    from tvgnn_cli.cli.ending import app_of

    app = app_of(cluster)
    app.callback()(lambda: None)  # or Typer would leave the command's name out
    return app


def run_cluster(arguments: Sequence[str]) -> int:
    """Run `tvgnn cluster ARGUMENTS...` in this process; its exit code."""
    from tvgnn_cli.cli.ending import run

    sys.argv = ["tvgnn", "cluster", *arguments]
    try:
        run(_cluster_alone())
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except Exception:
        import traceback

        traceback.print_exc()
        return 1
    return 0
