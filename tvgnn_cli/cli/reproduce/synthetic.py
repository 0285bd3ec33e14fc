"""`tvgnn reproduce synthetic`: the tasks of Appendix C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.reproduce.options import ProtocolOption, SeedsOption


def synthetic(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            rich_help_panel=o.OUTPUT,
            help="Where synthetic.csv and the runs that it is made of are kept.",
        ),
    ] = Path("synthetic"),
    protocol: ProtocolOption = "published",
    seeds: SeedsOption = 10,
    max_time: o.MaxTimeOption = None,
    threads: o.ThreadsOption = None,
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """The tasks of Appendix C: communities under noise, a ring, a grid.

    Runs are kept as they are done, and the same command goes on where it was stopped. Rows of the
    other protocol that the file has stay in it.

    Examples:
      tvgnn reproduce synthetic --seeds 10 --out synthetic
    """
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.signals import until
    from tvgnn_cli.cli.summary import show_lines
    from tvgnn_cli.io.writers import check_target, make_folder, write_rows
    from tvgnn_cli.reproduction.synthetic import HEAD, run_tasks, summary, with_kept
    from tvgnn_cli.reproduction.trained import Runs

    for folder in (out, out / "runs"):
        make_folder("--out", folder)
    target = out / "synthetic.csv"
    check_target("--out", str(target), (".csv",), ())
    with_kept([], target)  # a table that cannot be read is told of before hours of training
    with until(max_time) as asked, show("none" if quiet else progress) as observer:
        runs = Runs(out / "runs", protocol, threads=threads, observer=observer, interruption=asked)
        made = list(run_tasks(runs, seeds=seeds))
    rows = with_kept(made, target)
    write_rows(rows, str(target))
    if not quiet:
        show_lines("Appendix C", HEAD, summary(rows))
