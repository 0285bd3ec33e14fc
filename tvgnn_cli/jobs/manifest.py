"""A manifest: many graphs, a row of options for each."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.io.places import fault_of_name, is_special, state_of
from tvgnn_cli.jobs.ledger import Entry
from tvgnn_cli.machine.small_files import read_small_text

READ = ("--features", "--labels", "--config", "--match", "--init", "--fixed")
"""Options whose values are files that a row reads beside its graph."""

WRITTEN = ("--metrics", "--save", "--report", "--numbers", "--changes")
"""Options whose values are files that a row writes beside its clusters."""

NAME_LENGTH = 60
"""The most letters of a graph's name in those of a row's own files."""

UNWRITTEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""Characters that no cell has: none of them stands in the name of a file or in a value."""


@dataclass(frozen=True)
class RowOption:
    """An option that rows may give.

    Args:
        names: all that it goes by, with their dashes.
        is_flag: whether it has no value.
        off: the name that turns a flag off, where one does.
        is_whole: whether its value is a whole number.
    """

    names: tuple[str, ...]
    is_flag: bool = False
    off: str = ""
    is_whole: bool = False


@dataclass(frozen=True)
class Job:
    """One row of a manifest.

    Args:
        row: its line in the file, the header being line 1.
        graph: what is clustered.
        options: of `tvgnn cluster`, with their values.
        targets: files that it writes.
        repeat: how many rows before it say the same.
    """

    row: int
    graph: str
    options: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    repeat: int = 0

    def arguments(self, *added: str) -> tuple[str, ...]:
        """List the arguments of `tvgnn cluster`; a graph is no option, however it begins."""
        return (*self.options, *added, "--", self.graph)

    def value_of(self, *names: str) -> str | None:
        """Find what the row gives an option, by any of its names."""
        pairs = zip(self.options, self.options[1:], strict=False)
        return next((value for name, value in pairs if name in names), None)

    def column_of(self, target: str) -> str:
        """Name the column whose cell the name of a file that is written follows from."""
        named = (name for name in WRITTEN if self.value_of(name) == target)
        return next(named, "--output").lstrip("-")

    @property
    def files(self) -> list[str]:
        """Files that the row reads; its graph may be a data set instead."""
        read = [self.graph, *(self.value_of(option) for option in READ)]
        return [name for name in read if name]

    @cached_property
    def key(self) -> str:
        """Tells what it says from what other rows do, and from the same of files that have changed.
        It stays that of the files as they were before the work, and where lines come before it.
        """
        states = map(state_of, self.files)
        stamps = [str(state.st_mtime_ns) if state is not None else "" for state in states]
        repeat = [str(self.repeat)] if self.repeat else []
        return _digest([self.graph, *self.options, *stamps, *repeat])

    def written(self) -> str:
        """Tells the files that it writes, as they are now, from others of their names."""
        states = [state_of(target) for target in self.targets if not is_special(target)]
        return _digest([f"{s.st_size} {s.st_mtime_ns}" if s is not None else "" for s in states])

    def entry_in(self, folder: Path) -> Entry:
        """Place of the job's outcome in a batch's folder; its log and states lie beside it, and
        stay.
        """
        stem = re.sub(r"[^\w.-]+", "_", Path(self.graph).stem, flags=re.ASCII)[:NAME_LENGTH]
        path = folder / f"{stem}-{self.key}.json"
        return Entry(path, path.name)


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def read_manifest(path: Path, options: Sequence[RowOption]) -> list[Job]:
    """The rows of a `.csv` or `.tsv` manifest: a column `graph`, and one for each option wanted.

    A column is named as the option is (`num-clusters`, `k`, `seed`, `output`); an empty cell leaves
    it out; a flag's cell is `true` or `false`.

    Args:
        path: of the file.
        options: those of `tvgnn cluster`.

    Raises:
        InputError: the file, its columns or a row cannot be read; names the line.
    """
    rows = _rows(path)
    _, names = next(rows, (1, []))
    header = [name.strip() for name in names]
    if "graph" not in header:
        raise InputError(f"{path}: line 1: needs a column named 'graph'{_found(path, header)}")
    columns = _columns(path, header, options)
    jobs = []
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise InputError(
                f"{path}: line {line}: {len(cells)} cells, but {len(header)} columns are named"
            )
        jobs.append(_job(path, line, header, columns, [cell.strip() for cell in cells]))
    if not jobs:
        raise InputError(f"{path}: names no graph")
    seen = Counter[tuple[str, ...]]()
    for position, job in enumerate(jobs):
        said = (job.graph, *job.options)
        jobs[position] = replace(job, repeat=seen[said])
        seen[said] += 1
    return jobs


def _found(path: Path, header: Sequence[str]) -> str:
    """Text on what a header without graphs has instead, and on what parts its cells."""
    if not any(header):
        return ""
    parted = "tabs" if _is_of_tabs(path) else "commas, those of a .tsv by tabs"
    return f" and has {shown(', '.join(header))}; cells are parted by {parted}"


def _is_of_tabs(path: Path) -> bool:
    return path.suffix.lower() == ".tsv"


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines with their numbers and cells."""
    text = io.StringIO(read_small_text(path), newline="")
    reader = csv.reader(text, delimiter="\t" if _is_of_tabs(path) else ",", strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = "a quote is open at its end" if "end of data" in str(error) else error
            raise InputError(f"{path}: line {line}: {why}") from None
        if any(map(UNWRITTEN.search, cells)):
            raise InputError(
                f"{path}: line {line}: a cell goes on over lines, or has a control character"
            )
        yield line, cells


def _columns(
    path: Path, header: Sequence[str], options: Sequence[RowOption]
) -> list[RowOption | None]:
    """The option of each column; None for that of graphs."""
    by_name = {name: option for option in options for name in option.names}
    found: list[RowOption | None] = []
    for name in header:
        wanted = ("-" if len(name) == 1 else "--") + name.replace("_", "-")
        option = None if name == "graph" else by_name.get(wanted)
        if option is None and name != "graph":
            raise InputError(f"{path}: line 1: tvgnn cluster has no option {wanted}")
        if option in found:
            other = header[found.index(option)]
            raise InputError(
                f"{path}: line 1: columns '{other}' and '{name}' say the same; keep one"
            )
        found.append(option)
    return found


def _job(
    path: Path,
    line: int,
    header: Sequence[str],
    columns: Sequence[RowOption | None],
    cells: Sequence[str],
) -> Job:
    graph, options = "", list[str]()
    for name, option, value in zip(header, columns, cells, strict=True):
        if option is None:
            graph = value
        elif value:
            dashed = ("-" if len(name) == 1 else "--") + name.replace("_", "-")
            options += _given(f"{path}: line {line}", dashed, option, value)
    if not graph:
        raise InputError(f"{path}: line {line}: names no graph")
    if "-" in (graph, *options):
        raise InputError(
            f"{path}: line {line}: rows have no standard input or output (-); name a file"
        )
    fault = fault_of_name(graph)
    if fault:
        raise InputError(
            f"{path}: line {line}: no file can have the name {shown(graph)} ({fault}); correct it"
        )
    return Job(line, graph, tuple(options))


def _given(where: str, name: str, option: RowOption, value: str) -> list[str]:
    """The arguments that a cell stands for."""
    if option.is_whole:
        # pandas writes whole numbers so, where a cell of their column is empty.
        return [name, re.sub(r"\.0+$", "", value)]
    if not option.is_flag:
        return [name, value]
    if value.lower() == "true":
        return [name]
    if value.lower() != "false":
        raise InputError(f"{where}: {name} is '{value}'; write true or false")
    return [option.off] if option.off else []
