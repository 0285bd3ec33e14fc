"""`tvgnn reproduce table1`: every method of the paper's Table 1."""

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
    SeedsOption,
    added,
)


def table1(
    results: ResultsOption = Path("table1"),
    export: ExportOption = None,
    method: MethodOption = None,
    dataset: DatasetOption = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            "--protocol",
            metavar="NAME",
            rich_help_panel=PLAN,
            show_default="both",
            help="published: each method's own configuration; ours: the defaults of tvgnn cluster.",
        ),
    ] = None,
    seeds: SeedsOption = 10,
    listed: ListOption = False,
    shard: PartOption = None,
    max_time: o.MaxTimeOption = None,
    data_root: DataRootOption = None,
    offline: OfflineOption = False,
    threads: o.ThreadsOption = None,
    quiet: o.QuietOption = False,
) -> None:
    """Every method of Table 1 on its four data sets.

    Each run is a process of its own, its row is written as it is done, and the same command goes on
    where it was stopped. Rows of several folders, put into one, are one table.

    Examples:
      tvgnn reproduce table1 --dataset Cora --method ssgc --seeds 2 --list
    """
    from tvgnn_cli.cli.signals import until
    from tvgnn_cli.cli.summary import show_run, show_table1
    from tvgnn_cli.errors import InputError, TrainingError
    from tvgnn_cli.io.writers import check_target, write_text
    from tvgnn_cli.jobs.shard import Shard
    from tvgnn_cli.reproduction.plan import plan
    from tvgnn_cli.reproduction.rows import current, rows_in
    from tvgnn_cli.reproduction.rows import export as write_rows
    from tvgnn_cli.reproduction.runner import run_planned
    from tvgnn_cli.reproduction.summary import summarise

    if export is not None:
        check_target("--export", str(export), (".csv",), ())
        rows = rows_in(results)
        if not rows:
            raise InputError(f"{results}: holds no rows of tvgnn reproduce table1")
        write_rows(rows, export)
        return
    planned = plan(method or (), dataset or (), protocol or (), seeds)
    if shard is not None:
        planned = [planned[position] for position in Shard.parse(shard).part(len(planned))]
    if listed:
        write_text("".join(f"{each.command}\n" for each in planned))
        return
    options = added(data_root, offline, threads)
    with until(max_time) as asked:
        told = None if quiet else show_run
        ended = run_planned(planned, results, added=options, interruption=asked, told=told)
    rows = rows_in(results)
    if rows and not quiet:
        known = current(rows)
        show_table1(summarise(known.values()), len(rows) - len(known))
    failed = [each for each in ended if each.row is None]
    if failed:
        raise TrainingError(
            f"{len(failed)} of {len(planned)} runs failed, and have no row; the first, "
            f"{failed[0].planned.key}: {failed[0].message}"
        )
