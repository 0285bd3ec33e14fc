"""`tvgnn reproduce`: the paper's experiments, one command each."""

from __future__ import annotations

import typer

from tvgnn_cli.cli.help import Command, Group
from tvgnn_cli.cli.reproduce.epochs import epochs
from tvgnn_cli.cli.reproduce.figure import figure
from tvgnn_cli.cli.reproduce.page import page
from tvgnn_cli.cli.reproduce.synthetic import synthetic
from tvgnn_cli.cli.reproduce.table1 import table1
from tvgnn_cli.cli.reproduce.table2 import table2
from tvgnn_cli.cli.reproduce.table7 import table7

reproduce = typer.Typer(
    name="reproduce",
    cls=Group,
    no_args_is_help=True,
    help="Run the paper's experiments, and set what comes out beside what it reports.",
)

for command in (table1, table2, table7, epochs, synthetic, figure, page):
    reproduce.command(cls=Command)(command)
