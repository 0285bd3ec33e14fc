"""`tvgnn reproduce table2`: every method of the paper's Table 2."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.options import PartOption
from tvgnn_cli.cli.reading import DataRootOption, OfflineOption
from tvgnn_cli.cli.reproduce.options import (
    PLAN,
    DatasetOption,
    ExportOption,
    ListOption,
    MethodOption,
    ResultsOption,
)


def table2(
    results: ResultsOption = Path("table2"),
    export: ExportOption = None,
    method: MethodOption = None,
    dataset: DatasetOption = None,
    folds: Annotated[
        int,
        typer.Option(
            "--folds",
            metavar="N",
            min=1,
            max=5,
            rich_help_panel=PLAN,
            help="Of the five folds, how many are run.",
        ),
    ] = 5,
    runs: Annotated[
        int,
        typer.Option(
            "--runs", metavar="N", min=1, rich_help_panel=PLAN, help="Trainings of each fold."
        ),
    ] = 3,
    listed: ListOption = False,
    shard: PartOption = None,
    max_time: o.MaxTimeOption = None,
    data_root: DataRootOption = None,
    offline: OfflineOption = False,
    jobs: o.JobsOption = 1,
    threads: o.ThreadsOption = None,
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Every method of Table 2 on its nine data sets: five folds, three runs each.

    Each row is written as it is done, and the same command goes on where it was stopped.

    Examples:
      tvgnn reproduce table2 --dataset MUTAG --method tvgnn --list
    """  # fmt: skip
    from tvgnn_cli.io.writers import check_target, write_text
    from tvgnn_cli.jobs.shard import Shard
    from tvgnn_cli.reproduction.table2 import export as write_rows
    from tvgnn_cli.reproduction.table2 import plan, rows_in

    if export is not None:
        check_target("--export", str(export), (".csv",), ())
        write_rows(results, export)
        return
    planned = plan(method or (), dataset or ())
    if listed:
        write_text("".join(f"{each.command}\n" for each in planned))
        return
    part = None if shard is None else Shard.parse(shard)
    from tvgnn_cli.cli.processes import load_torch

    load_torch()
    from tvgnn_cli.cli.classify.summary import show_cell, show_table2
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.signals import until
    from tvgnn_cli.errors import TrainingError
    from tvgnn_cli.reproduction.table2_runs import run_planned
    from tvgnn_cli.reproduction.table2_summary import summarise

    failed = []
    with until(max_time) as asked, show("none" if quiet else progress) as observer:
        for done in run_planned(
            planned, results, data_root=data_root, offline=offline, threads=threads, folds=folds,
            runs=runs, shard=part, jobs=jobs, observer=observer, interruption=asked,
        ):  # fmt: skip
            failed += [done] if done.found is None else []
            if not quiet:
                show_cell(done)
    if not quiet:
        show_table2(summarise(rows_in(results)))
    if failed:
        raise TrainingError(
            f"{len(failed)} of {len(planned)} cells failed; the first, {failed[0].planned.dataset} "
            f"by {failed[0].planned.method}: {failed[0].message}"
        )
