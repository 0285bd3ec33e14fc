"""Endings of every command: one line and an exit code, or the traceback of a bug."""

from __future__ import annotations

import atexit
import errno
import os
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import typer

from tvgnn_cli.cli.help import Command, Group
from tvgnn_cli.cli.signals import first_handlers, ignore_from_now, say
from tvgnn_cli.cli.usage import is_of_usage, say_usage
from tvgnn_cli.cli.waiting import wait_briefly
from tvgnn_cli.errors import TrainingError, TvgnnError, UsageError, reason_of
from tvgnn_cli.machine.ownership import own_process

OF_MACHINE = frozenset(
    getattr(errno, name)
    for name in (
        "EACCES", "EDQUOT", "EFBIG", "EIO", "ELOOP", "EMFILE", "ENAMETOOLONG", "ENFILE", "ENODEV",
        "ENOMEM", "ENOSPC", "ENXIO", "EPERM", "EROFS", "ESTALE", "ETXTBSY", "EAGAIN", "EBUSY",
    )
    if hasattr(errno, name)
)  # fmt: skip
"""Errors of the operating system that no program can foresee."""


OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")
"""Words of torch for memory that it does not get, of the processor and of a device."""


def app_of(*commands: Callable[..., Any]) -> typer.Typer:
    """A command line with these commands."""
    app = typer.Typer(
        name="tvgnn",
        cls=Group,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit codes: 0 done, 1 a bug of ours, 2 wrong usage, 3 input that cannot be read, "
        "4 training failed (or rows of a batch, or all of a sweep), 75 interrupted, and the same "
        "command goes on, 130 interrupted.",
    )
    for command in commands:
        app.command(cls=Command)(command)
    return app


def run(app: typer.Typer) -> NoReturn:
    """Run the command line; every foreseen failure is one line and an exit code."""
    if sys.stderr is None:  # closed by the shell: what is said goes nowhere
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")
    first_handlers(sys.argv[1:])
    wait_briefly(os.environ)
    try:
        code = _ended(app)
    except TvgnnError as error:
        say(f"tvgnn: {error}")
        code = error.exit_code
    except BrokenPipeError:
        _drop_output()  # its reader has seen enough
        code = 0
    except OSError as error:
        _drop_output()
        if not _is_foreseen(error, sys.argv[1:]):
            raise
        where = "" if error.filename is None else f"{error.filename}: "
        say(f"tvgnn: {where}{error.strerror or error}")
        code = UsageError.exit_code
    except (MemoryError, RuntimeError) as error:
        if not _is_of_memory(error):
            raise
        _drop_output()
        say(f"tvgnn: out of memory ({reason_of(error)}); {_remedy_of(error)}")
        code = TrainingError.exit_code
    sys.exit(code)


def end_process(run: Callable[[], NoReturn]) -> None:
    """Run a command line and end its process at once.

    Threads of pyarrow now and then abort a process that is taken down while they wait, after all is
    written (github.com/apache/arrow/issues/34314). So libraries are not taken down.
    """
    own_process()
    if not sys.warnoptions:  # what a library warns of names its code, and tells a user nothing
        warnings.simplefilter("ignore")
    code: str | int | None = 1
    try:
        run()
    except SystemExit as end:
        code = end.code
    except Exception:
        sys.excepthook(*sys.exc_info())
    ignore_from_now()  # one that comes late would leave a traceback, and another exit code
    atexit._run_exitfuncs()  # of temporary folders, processes, coverage
    if isinstance(code, str):
        say(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _ended(app: typer.Typer) -> str | int | None:
    """Run the command line and flush what it printed; its exit code."""
    code: str | int | None = 0
    _refuse_no_folder()
    try:
        code = app(prog_name="tvgnn", standalone_mode=False)
    except SystemExit as end:
        code = 0 if _has_lost_its_reader(end) else end.code
    except Exception as error:
        if not is_of_usage(error):
            raise
        code = say_usage(error)
    if sys.stdout is not None:
        sys.stdout.flush()
    return code


def _refuse_no_folder() -> None:
    """Refuse to work in a folder that has been removed: names begin nowhere, and torch's libraries
    end the process.

    Raises:
        UsageError: there is no current folder.
    """
    try:
        Path.cwd()
    except OSError as error:
        raise UsageError(
            f"the current folder cannot be used ({error.strerror}); change into another"
        ) from None


def _has_lost_its_reader(end: SystemExit) -> bool:
    """Tell whether the reader of a pipe has left: Typer and rich end with 1 then."""
    cause = end.__context__
    return end.code == 1 and isinstance(cause, OSError) and cause.errno == errno.EPIPE


def _is_foreseen(error: OSError, arguments: list[str]) -> bool:
    """Tell whether an error is the machine's, as of a disk that is full, or of a file that the user
    named, and not a bug.
    """
    named = isinstance(error.filename, str) and any(error.filename in each for each in arguments)
    return error.errno in OF_MACHINE or named


def _is_of_memory(error: Exception) -> bool:
    """Tell whether an error says that there is no memory left; torch raises a RuntimeError then."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(words in said for words in OUT_OF_MEMORY)


def _remedy_of(error: Exception) -> str:
    """Say what helps where memory has run out, the machine's or that of a GPU."""
    if "cuda" in str(error).lower():
        return "train by --batch parts, or without the GPU by --device cpu"
    return "give it more memory, or a smaller input"


def _drop_output() -> None:
    """Keep what is left in the buffer of standard output from failing again."""
    with suppress(AttributeError, OSError, ValueError):  # closed, or of no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
