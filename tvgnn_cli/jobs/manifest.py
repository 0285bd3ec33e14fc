"""A manifest: many graphs, a row of options for each."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tvgnn_cli.errors import InputError
from tvgnn_cli.jobs.ledger import Entry

READ = ("--features", "--labels", "--config")
"""Options whose values are files that a row reads beside its graph."""


@dataclass(frozen=True)
class Job:
    """One row of a manifest.

    Args:
        row: its line in the file, the header being line 1.
        graph: what is clustered.
        arguments: of `tvgnn cluster`, the graph first.
        targets: files that it writes.
    """

    row: int
    graph: str
    arguments: tuple[str, ...]
    targets: tuple[str, ...] = ()

    def value_of(self, *options: str) -> str | None:
        """Find what the row gives an option, by any of its names."""
        pairs = zip(self.arguments[1:], self.arguments[2:], strict=False)
        return next((value for name, value in pairs if name in options), None)

    @cached_property
    def key(self) -> str:
        """Tells it from the same row with other options, or of files that have changed. It stays
        that of the files as they were before the work.
        """
        files = [self.graph, *(self.value_of(option) for option in READ)]
        stamps = [
            str(Path(name).stat().st_mtime_ns) if name and Path(name).exists() else ""
            for name in files
        ]
        return hashlib.sha256("\0".join([*self.arguments, *stamps]).encode()).hexdigest()[:12]

    def entry_in(self, folder: Path) -> Entry:
        """Place of the job's outcome in a batch's folder; its log and states lie beside it, and
        stay.
        """
        path = folder / f"row-{self.row:05d}-{self.key}.json"
        return Entry(path, path.name)


def read_manifest(path: Path, options: Sequence[str]) -> list[Job]:
    """The rows of a `.csv` or `.tsv` manifest: a column `graph`, and one for each option wanted.

    A column is named as the option is (`num-clusters`, `k`, `seed`, `output`); an empty cell leaves
    it out; a flag's cell is `true` or `false`.

    Args:
        path: of the file.
        options: those of `tvgnn cluster`, with their dashes; a flag is followed by `!`, and by what
            turns it off where something does: `--header!--no-header`; one that takes a whole number
            by `#`: `--seed#`.

    Raises:
        InputError: the file, its columns or a row cannot be read; names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    lines = list(csv.reader(text.splitlines(), delimiter="\t" if path.suffix == ".tsv" else ","))
    if not lines or "graph" not in lines[0]:
        raise InputError(f"{path}: line 1: needs a column named 'graph'")
    header = [name.strip() for name in lines[0]]
    flags = [_option(path, name, options) for name in header]
    jobs = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise InputError(
                f"{path}: line {number}: {len(cells)} cells, but {len(header)} columns are named"
            )
        jobs.append(_job(path, number, dict(zip(flags, map(str.strip, cells), strict=True))))
    if not jobs:
        raise InputError(f"{path}: names no graph")
    return jobs


def refuse_shared_targets(path: Path, jobs: Sequence[Job]) -> None:
    """Refuse a manifest in which one row would replace the files of another.

    Raises:
        InputError: naming both lines and the file.
    """
    first: dict[Path, int] = {}
    for job in jobs:
        for target in job.targets:
            row = first.setdefault(Path(target).absolute(), job.row)
            if row != job.row:
                raise InputError(
                    f"{path}: line {job.row}: writes {target}, as line {row} does; name another in "
                    "a column 'output'"
                )


def _option(path: Path, name: str, options: Sequence[str]) -> str:
    if name == "graph":
        return name
    dashes = "-" if len(name) == 1 else "--"
    wanted = dashes + name.replace("_", "-")
    for option in options:
        if option.partition("!")[0].removesuffix("#") == wanted:
            return option
    raise InputError(f"{path}: line 1: tvgnn cluster has no option {wanted}")


def _job(path: Path, number: int, cells: dict[str, str]) -> Job:
    graph = cells.pop("graph")
    if not graph:
        raise InputError(f"{path}: line {number}: names no graph")
    arguments = [graph]
    for option, value in cells.items():
        if not value:
            continue
        name, flag, off = option.partition("!")
        if name.endswith("#"):
            # pandas writes whole numbers so, where a cell of their column is empty.
            arguments += [name.removesuffix("#"), re.sub(r"\.0+$", "", value)]
        elif not flag:
            arguments += [name, value]
        elif value.lower() == "true":
            arguments.append(name)
        elif value.lower() != "false":
            raise InputError(f"{path}: line {number}: {name} is '{value}'; write true or false")
        elif off:
            arguments.append(off)
    return Job(number, graph, tuple(arguments))
