"""`tvgnn reproduce page`: what came of the experiments, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o


def page(
    folder: Annotated[
        Path,
        o.argument(
            "DIR",
            "With table1/ (rows of table1), and table2/, table7.csv, epochs.csv, "
            "synthetic.csv and figure-*.png where they are to be in the page.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.md",
            rich_help_panel=o.OUTPUT,
            help="The page; - for standard output.",
        ),
    ] = Path("reproduction.md"),
) -> None:
    """Write what came of the experiments as a page of tables.

    Examples:
      tvgnn reproduce page docs/reproduction -o docs/reproduction.md
    """
    import os

    from tvgnn_cli.io.atomic import write_atomically
    from tvgnn_cli.io.writers import STDOUT, check_target, write_text
    from tvgnn_cli.reproduction.page import page as written
    from tvgnn_cli.reproduction.page import read_kept

    check_target("-o", str(output), (".md",), ())
    where = Path(os.path.relpath(folder, output.parent)).as_posix()
    text = written(read_kept(folder), where)
    if str(output) == STDOUT:
        write_text(text)
    else:
        write_atomically(output, text.encode())
