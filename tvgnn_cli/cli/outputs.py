"""Targets of a command's results: names, checks before the work, writing after it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tvgnn_cli.io.source import STDIN

if TYPE_CHECKING:
    from tvgnn_cli.report.document import Report
    from tvgnn_cli.run.result import ClusterResult


@dataclass(frozen=True)
class Written:
    """Files that a command wrote, and what is to be said of them."""

    files: Sequence[str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Targets:
    """Target of the vertices, of the metrics, of the model, of the page, of the numbers of clusters
    that were tried and of the table of changes; None for not wanted.
    """

    output: str
    metrics: str | None
    save: Path | None = None
    page: Path | None = None
    numbers: str | None = None
    changes: str | None = None

    @property
    def holds_graph(self) -> bool:
        """Tell whether the vertices go into a graph file, with the graph's own attributes."""
        from tvgnn_cli.io.graph_files import is_graph_file

        return is_graph_file(self.output)

    @property
    def files(self) -> list[str]:
        """Names of the files that are written."""
        named = [
            self.output, self.metrics, self.save, self.page, self.numbers, self.changes,
        ]  # fmt: skip
        return [str(target) for target in named if target is not None and target != STDIN]

    def write(self, result: ClusterResult, page: Report | None = None) -> Written:
        """Write what was asked for, the vertices last: their file says that the run is complete.

        Raises:
            UsageError: one of them cannot be written.
        """
        from tvgnn_cli.io.writers import write_metrics, write_rows, write_table
        from tvgnn_cli.run.application import notes_on_saved

        if self.numbers is not None:
            write_rows(result.tried, self.numbers)
        notes: tuple[str, ...] = ()
        if self.save is not None:
            result.save(self.save)
            notes = notes_on_saved(result.model, str(self.save)) if result.model else ()
        if self.metrics is not None:
            write_metrics(result.metrics, self.metrics)
        if self.changes is not None and result.changes is not None:
            write_table(result.changes.columns(), self.changes, result.changes.metrics())
        if self.page is not None and page is not None:
            page.write(self.page)
        return Written(self.files, (*result.write(self.output), *notes))


def choose_targets(
    graph: str,
    output: str | None,
    metrics: str | None,
    save: Path | None = None,
    inputs: Sequence[Path | None] = (),
    kind: str = "clusters",
    page: Path | None = None,
    changes: str | None = None,
) -> Targets:
    """Fill in the default names (see `default_targets`), and refuse targets that could not be
    written in the end.

    Raises:
        UsageError: see `check_targets`.
    """
    from tvgnn_cli.io.location import Stream, locate

    located = locate(graph)
    if isinstance(located, Stream):
        targets = Targets(output or STDIN, metrics, save, page)
    else:
        targets = default_targets(located.stem, output, metrics, save, kind, page)
    targets = replace(targets, changes=changes)
    check_targets(targets, names_of(graph, *inputs))
    if Path(targets.output).suffix.lower() == ".h5ad":
        from tvgnn_cli.io.h5ad_writer import require_h5ad

        require_h5ad(targets.output, Path(graph))
    return targets


def with_numbers(
    targets: Targets, numbers: str | None, several: str | None, sources: Sequence[str]
) -> Targets:
    """Targets with that of the numbers of clusters to choose from, which `several` names.

    Raises:
        UsageError: see `check_targets`; no number is chosen.
    """
    from tvgnn_cli.errors import UsageError

    if numbers is None:
        return targets
    if several is None:
        raise UsageError("`numbers`: nothing is chosen; give `num_clusters` auto or 2..20")
    if numbers == STDIN:
        raise UsageError("`numbers`: standard output is for the clusters; name a file")
    found = replace(targets, numbers=numbers)
    check_targets(found, sources)
    return found


def default_targets(
    stem: str,
    output: str | None,
    metrics: str | None,
    save: Path | None = None,
    kind: str = "clusters",
    page: Path | None = None,
) -> Targets:
    """Targets that were asked for, and names after the graph's for the rest.

    `STEM.clusters.csv` and `STEM.metrics.csv`; for another kind of result, which must not
    replace these, `STEM.KIND.csv` and `STEM.KIND.metrics.csv`. Metrics go with an output that is
    named, so that they replace those of no other run: `a/b.metrics.csv` beside `a/b.csv`.
    """
    row = "metrics" if kind == "clusters" else f"{kind}.metrics"
    if output is not None and output != STDIN and not output.startswith("/dev/"):
        named = Path(output)
        bare = named.with_suffix("") if named.suffix.lower() == ".gz" else named
        stem, row = str(bare.parent / bare.stem.removesuffix(".clusters")), "metrics"
    return Targets(output or f"{stem}.{kind}.csv", metrics or f"{stem}.{row}.csv", save, page)


def check_targets(targets: Targets, sources: Sequence[str]) -> None:
    """Refuse targets that could not be written in the end.

    Raises:
        UsageError: see `check_files`; a page on standard output, which is for the clusters.
    """
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.graph_files import GRAPH_WRITERS
    from tvgnn_cli.io.writers import TABLE_WRITERS

    forms: dict[str, Iterable[str]] = {"output": (*TABLE_WRITERS, *GRAPH_WRITERS)}
    if targets.page is not None:
        from tvgnn_cli.report.document import SUFFIXES

        forms["report"] = SUFFIXES
        if str(targets.page) == STDIN:
            raise UsageError("--report: name a file; tvgnn report writes to standard output")
    check_files(
        sources, forms,
        output=targets.output, metrics=targets.metrics, save=targets.save, report=targets.page,
        changes=targets.changes, numbers=targets.numbers,
    )  # fmt: skip


def changes_of(match: Path | None, changes: str | None) -> str | None:
    """The target of the table of changes.

    Raises:
        UsageError: it is asked for, and there is nothing to compare with.
    """
    if changes is not None and match is None:
        from tvgnn_cli.errors import UsageError

        raise UsageError("--changes needs --match PREVIOUS, the clusters to compare with")
    return changes


def names_of(*inputs: str | Path | None) -> list[str]:
    """Names of the inputs of a command that are given.

    Raises:
        UsageError: standard input twice, which is read once.
    """
    names = [str(each) for each in inputs if each is not None]
    if names.count(STDIN) > 1:
        from tvgnn_cli.errors import UsageError

        raise UsageError("standard input (-) is read once; give a file for all but one input")
    return names


def check_files(
    inputs: Iterable[str | Path | None],
    forms: Mapping[str, Iterable[str]] | None = None,
    **targets: str | Path | None,
) -> list[str]:
    """Refuse targets that could not be written in the end, by the name of their option.

    Args:
        inputs: what the command reads.
        forms: suffixes of targets that are no tables, by option; none for any suffix.
        **targets: by option, `output` for -o; None for not wanted.

    Returns:
        Names of the files among them.

    Raises:
        UsageError: see `check_target`; two targets that are one file, or standard output, which no
            model goes to.
    """
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.writers import METRIC_WRITERS, TABLE_WRITERS, check_target

    known = {"metrics": METRIC_WRITERS, "save": (), **(forms or {})}
    sources, named = names_of(*inputs), list[str]()
    options_of: dict[str, list[str]] = {}
    for name, target in targets.items():
        if target is None:
            continue
        option, text = "-o" if name == "output" else f"--{name}", str(target)
        check_target(option, text, known.get(name, TABLE_WRITERS), sources)
        is_stream = text == STDIN
        if is_stream and name == "save":
            raise UsageError("--save -: a model does not go to standard output; name a file")
        named += [] if is_stream else [text]
        if is_stream or not text.startswith("/dev/"):
            place = STDIN if is_stream else os.path.realpath(text)
            options_of.setdefault(place, []).append(option)
    for place, options in options_of.items():
        if len(options) > 1:
            both = f"{', '.join(options[:-1])} and {options[-1]}"
            if place == STDIN:
                raise UsageError(f"only one result can go to standard output: {both} cannot")
            raise UsageError(f"{both} name the same file")
    return named
