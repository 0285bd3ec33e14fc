"""Targets of the commands on sets of graphs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tvgnn_cli.io.places import is_folder
from tvgnn_cli.io.source import STDIN


def stem_of(data: str) -> str:
    """Beginning of default names: `MUTAG` for `data/MUTAG/`, `set` for `set.jsonl.gz`."""
    named = Path(data.removeprefix("tu:"))
    stem = named.name if is_folder(named) or not named.suffix else named.name.split(".")[0]
    return stem or "graphs"


def check_tables(inputs: Iterable[str | Path | None], **targets: str | Path | None) -> list[str]:
    """Refuse targets that could not be written in the end, by the name of their option.

    Returns:
        Names of the files among them.

    Raises:
        UsageError: see `check_target`; two targets that are one file.
    """
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.writers import METRIC_WRITERS, TABLE_WRITERS, check_target

    forms = {"metrics": METRIC_WRITERS, "save": ()}
    sources = [str(each) for each in inputs if each is not None]
    named: list[str] = []
    streams = 0
    for name, target in targets.items():
        if target is None:
            continue
        option = "-o" if name == "output" else f"--{name}"
        check_target(option, str(target), forms.get(name, TABLE_WRITERS), sources)
        streams += str(target) == STDIN
        named += [] if str(target) == STDIN else [str(target)]
    if len({Path(each).absolute() for each in named}) < len(named):
        raise UsageError("two of the files to be written are the same one")
    if streams > 1:
        raise UsageError("only one result can go to standard output")
    return named
