"""The command `tvgnn` and its subcommands."""

from __future__ import annotations

import gc
from typing import NoReturn

import typer

from tvgnn_cli.cli import ending
from tvgnn_cli.cli.batch import batch
from tvgnn_cli.cli.check import check
from tvgnn_cli.cli.classify import classify
from tvgnn_cli.cli.cluster import cluster
from tvgnn_cli.cli.completion import InstallOption, ShowOption
from tvgnn_cli.cli.consensus import consensus
from tvgnn_cli.cli.embed import embed
from tvgnn_cli.cli.ending import app_of
from tvgnn_cli.cli.evaluate import evaluate
from tvgnn_cli.cli.explain import explain
from tvgnn_cli.cli.levels import levels
from tvgnn_cli.cli.match import match
from tvgnn_cli.cli.merge import merge
from tvgnn_cli.cli.plot import plot
from tvgnn_cli.cli.predict import predict
from tvgnn_cli.cli.report import report
from tvgnn_cli.cli.reproduce import reproduce
from tvgnn_cli.cli.slurm import slurm
from tvgnn_cli.cli.sweep import sweep
from tvgnn_cli.cli.update import update
from tvgnn_cli.machine.versions import tool_version

RARELY = 2**17
"""New objects after which Python looks for those that only refer to each other. A run makes a
hundred or so of these, and to look through what libraries hold takes a tenth of a short command.
"""

app = app_of(
    cluster, predict, update, embed, evaluate, explain, levels, match, report, consensus, check,
    sweep, batch,
    merge, slurm,
)  # fmt: skip
app.add_typer(classify)
app.add_typer(plot)
app.add_typer(reproduce)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"tvgnn {tool_version()}")
        raise typer.Exit


@app.callback()
def about(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version."
    ),
    install_completion: InstallOption = None,
    show_completion: ShowOption = None,
) -> None:
    """Cluster the vertices of attributed graphs with Total Variation Graph Neural Networks.

    Examples:
      tvgnn cluster karate -k 2                 # a graph that comes with tvgnn
      cat edges.txt | tvgnn cluster - -k 3      # an edge list in, CSV out
      tvgnn cluster --help                      # the same for every command
    """


def run() -> NoReturn:
    """Run the command line; every foreseen failure is one line and an exit code."""
    ending.run(app)


def main() -> None:
    """Run the command line and end its process at once."""
    gc.set_threshold(RARELY)
    ending.end_process(run)


if __name__ == "__main__":
    main()
