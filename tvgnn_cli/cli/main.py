"""The command `tvgnn`: its subcommands, and how each ends."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import typer

from tvgnn_cli.cli.batch import batch
from tvgnn_cli.cli.check import check
from tvgnn_cli.cli.cluster import cluster
from tvgnn_cli.cli.completion import InstallOption, ShowOption
from tvgnn_cli.cli.embed import embed
from tvgnn_cli.cli.evaluate import evaluate
from tvgnn_cli.cli.help import Command, Group
from tvgnn_cli.cli.merge import merge
from tvgnn_cli.cli.plot import plot
from tvgnn_cli.cli.predict import predict
from tvgnn_cli.cli.reproduce import reproduce
from tvgnn_cli.cli.signals import first_handlers, say
from tvgnn_cli.cli.slurm import slurm
from tvgnn_cli.cli.sweep import sweep
from tvgnn_cli.cli.waiting import wait_briefly
from tvgnn_cli.errors import TvgnnError, UsageError
from tvgnn_cli.machine.versions import tool_version

app = typer.Typer(
    name="tvgnn",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 a bug of ours, 2 wrong usage, 3 input that cannot be read, "
    "4 training failed (or some of a batch), 75 interrupted, and the same command goes on, "
    "130 interrupted.",
)

for command in (cluster, predict, embed, evaluate, check, sweep, batch, merge, slurm):
    app.command(cls=Command)(command)
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
    if sys.stderr is None:  # closed by the shell: what is said goes nowhere
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")
    first_handlers(sys.argv[1:])
    wait_briefly(os.environ)
    try:
        code = _ended()
    except TvgnnError as error:
        say(f"tvgnn: {error}")
        code = error.exit_code
    except BrokenPipeError:
        _drop_output()  # its reader has seen enough
        code = 0
    except OSError as error:
        # A disk that is full, a name that is too long: of the machine, and not a bug.
        _drop_output()
        where = "" if error.filename is None else f"{error.filename}: "
        say(f"tvgnn: {where}{error.strerror or error}")
        code = UsageError.exit_code
    sys.exit(code)


def main() -> None:
    """Run the command line and end its process at once.

    Threads of pyarrow now and then abort a process that is taken down while they wait, after all is
    written (github.com/apache/arrow/issues/34314). So libraries are not taken down.
    """
    try:
        run()
    except SystemExit as end:
        code = end.code
    atexit._run_exitfuncs()  # of temporary folders, processes, coverage
    if isinstance(code, str):
        say(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _ended() -> str | int | None:
    """Run the command line and flush what it printed; its exit code."""
    try:
        app(prog_name="tvgnn", standalone_mode=True)
        code: str | int | None = 0
    except SystemExit as end:
        # Typer and rich end with 1 when the reader of a pipe has left; nothing here does else.
        code = 0 if end.code == 1 else end.code
    if sys.stdout is not None:
        sys.stdout.flush()
    return code


def _drop_output() -> None:
    """Keep what is left in the buffer of standard output from failing again."""
    with suppress(AttributeError, OSError, ValueError):  # closed, or of no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
