"""Write docs/cli.md: every command with all of its options, as `--help-all` prints them.

Run: python docs/write_cli.py
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from typer.main import get_command

from tvgnn_cli.cli.main import app, run

PAGE = Path(__file__).with_name("cli.md")
COLUMNS = 100

HEAD = """# Commands

Every command with all of its options, as `--help-all` prints them; `--help` has the everyday ones.
`python docs/write_cli.py` writes this page.
"""


def commands(command: Any, words: tuple[str, ...] = ("tvgnn",)) -> Iterator[tuple[str, ...]]:
    """List the words of a command and of all below it."""
    yield words
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*words, name))


def help_of(words: tuple[str, ...]) -> str:
    """Print a command's whole help, in plain text."""
    plain = {"COLUMNS": str(COLUMNS), "TERM": "dumb", "NO_COLOR": "1"}
    printed = io.StringIO()
    with (
        mock.patch.dict(os.environ, plain),
        mock.patch.object(sys, "argv", [*words, "--help-all"]),
        redirect_stdout(printed),
        suppress(SystemExit),
    ):
        run()
    return "\n".join(line.rstrip() for line in printed.getvalue().strip("\n").splitlines())


def page() -> str:
    """Write the page's text."""
    parts = [
        f"## {' '.join(words)}\n\n```text\n{help_of(words)}\n```\n"
        for words in commands(get_command(app))
    ]
    return "\n".join([HEAD, *parts])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
