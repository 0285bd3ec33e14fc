"""Write what pages have from the code: docs/cli.md, and the metrics of docs/output.md.

Run: python docs/write_pages.py
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
from tvgnn_cli.evaluation.metric_table import METRICS

DOCS = Path(__file__).parent
COLUMNS = 100

HEAD = """# Commands

Every command with all of its options, as `--help-all` prints them; `--help` has the everyday ones.
`python docs/write_pages.py` writes this page.
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


def page_of_commands() -> str:
    """Write every command with all of its options, as `--help-all` prints them."""
    parts = [
        f"## {' '.join(words)}\n\n```text\n{help_of(words)}\n```\n"
        for words in commands(get_command(app))
    ]
    return "\n".join([HEAD, *parts])


BEGIN, END = "<!-- metrics -->\n", "<!-- end of metrics -->"


def page_of_output() -> str:
    """Write docs/output.md anew, with the table of metrics."""
    before, _, rest = (DOCS / "output.md").read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    rows = [f"| `{each.name}` | {each.meaning} | {each.label.strip()} |\n" for each in METRICS]
    table = "".join(["| column | | in the summary |\n", "| --- | --- | --- |\n", *rows])
    return before + BEGIN + table + END + after


PAGES = {"cli.md": page_of_commands, "output.md": page_of_output}

if __name__ == "__main__":
    for name, written in PAGES.items():
        (DOCS / name).write_text(written(), encoding="utf-8")
