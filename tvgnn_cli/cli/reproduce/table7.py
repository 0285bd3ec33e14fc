"""`tvgnn reproduce table7`: seconds per epoch of graph classification."""

from __future__ import annotations

from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.reading import DataRootOption, OfflineOption
from tvgnn_cli.cli.reproduce.options import PLAN, DatasetOption, MethodOption


def table7(
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.csv",
            rich_help_panel=o.OUTPUT,
            help="One row per data set and method: .csv, .tsv or .parquet; - for CSV on standard "
            "output.",
        ),
    ] = "table7.csv",
    method: MethodOption = None,
    dataset: DatasetOption = None,
    epochs: Annotated[
        int,
        typer.Option("--epochs", metavar="N", min=1, rich_help_panel=PLAN, help="That are timed."),
    ] = 5,
    data_root: DataRootOption = None,
    offline: OfflineOption = False,
    threads: o.ThreadsOption = None,
    quiet: o.QuietOption = False,
) -> None:
    """Seconds per epoch of every method of Table 7, at the median of a few epochs.

    Examples:
      tvgnn reproduce table7 --dataset MUTAG --epochs 3
    """  # fmt: skip
    from tvgnn_cli.cli.processes import load_torch
    from tvgnn_cli.io.writers import STDOUT, TABLE_WRITERS, check_target, write_rows
    from tvgnn_cli.reproduction.table2 import plan

    check_target("-o", output, TABLE_WRITERS, ())
    planned = plan(method or (), dataset or ())
    load_torch()
    from tvgnn_cli.cli.classify.summary import show_seconds
    from tvgnn_cli.reproduction.table2_runs import time_epochs

    rows = []
    for timing in time_epochs(
        planned, epochs, data_root=data_root, offline=offline, threads=threads
    ):
        rows.append(timing.row)
        if output != STDOUT:
            write_rows(rows, output)
        if not quiet:
            show_seconds(timing)
    write_rows(rows, output)
