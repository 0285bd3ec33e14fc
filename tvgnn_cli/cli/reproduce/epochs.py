"""`tvgnn reproduce epochs`: seconds per epoch, beside the paper's Table 6."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.reading import DataRootOption, OfflineOption
from tvgnn_cli.cli.reproduce.options import added


def epochs(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE.csv",
            rich_help_panel=o.OUTPUT,
            help="Where the rows are kept; those that are there are not made again.",
        ),
    ] = Path("epochs.csv"),
    max_time: o.MaxTimeOption = None,
    data_root: DataRootOption = None,
    offline: OfflineOption = False,
    threads: o.ThreadsOption = None,
    quiet: o.QuietOption = False,
) -> None:
    """Milliseconds per epoch of the methods that are trained end to end, beside Table 6.

    A short run of each method and data set, in a process of its own. Leave the machine alone
    meanwhile.

    Examples:
      tvgnn reproduce epochs --out epochs.csv
    """
    from tvgnn_cli.cli.signals import until
    from tvgnn_cli.cli.summary import show_timing
    from tvgnn_cli.io.writers import check_target
    from tvgnn_cli.reproduction.epochs import measure_epochs

    check_target("--out", str(out), (".csv",), ())
    options = added(data_root, offline, threads)
    with until(max_time) as asked:
        measure_epochs(out, options, asked, None if quiet else show_timing)
