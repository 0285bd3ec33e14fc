"""Targets of a command's results: names, checks before the work, writing after it."""

from __future__ import annotations

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

        if self.numbers is not None:
            write_rows(result.tried, self.numbers)
        if self.save is not None:
            result.save(self.save)
        if self.metrics is not None:
            write_metrics(result.metrics, self.metrics)
        if self.changes is not None and result.changes is not None:
            write_table(result.changes.columns(), self.changes, result.changes.metrics())
        if self.page is not None and page is not None:
            page.write(self.page)
        return Written(self.files, result.write(self.output))


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
        UsageError: see `check_target`; two targets that are one file.
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
        UsageError: see `check_target`; no number is chosen; two targets that are one file.
    """
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.writers import TABLE_WRITERS, check_target

    if numbers is None:
        return targets
    if several is None:
        raise UsageError("`numbers`: nothing is chosen; give `num_clusters` auto or 2..20")
    if numbers == STDIN:
        raise UsageError("`numbers`: standard output is for the clusters; name a file")
    check_target("--numbers", numbers, TABLE_WRITERS, sources)
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
        UsageError: see `check_target`; two targets that are one file.
    """
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.graph_files import GRAPH_WRITERS
    from tvgnn_cli.io.writers import METRIC_WRITERS, TABLE_WRITERS, check_target

    check_target("-o", targets.output, (*TABLE_WRITERS, *GRAPH_WRITERS), sources)
    if targets.metrics is not None:
        check_target("--metrics", targets.metrics, METRIC_WRITERS, sources)
    if targets.save is not None:
        check_target("--save", str(targets.save), (), sources)
    if targets.changes is not None:
        check_target("--changes", targets.changes, TABLE_WRITERS, sources)
    _check_page(targets.page, sources)
    given = [target for target in targets.files if not target.startswith("/dev/")]
    if len({Path(target).absolute() for target in given}) < len(given):
        also = "" if targets.changes is None else ", --changes"
        raise UsageError(f"-o, --metrics, --save, --report{also} and --numbers name the same file")
    if targets.output == targets.metrics == STDIN:
        raise UsageError("-o and --metrics cannot both be standard output")
    if targets.changes == STDIN and STDIN in (targets.output, targets.metrics):
        raise UsageError("--changes and another result cannot both be standard output")


def changes_of(match: Path | None, changes: str | None) -> str | None:
    """The target of the table of changes.

    Raises:
        UsageError: it is asked for, and there is nothing to compare with.
    """
    if changes is not None and match is None:
        from tvgnn_cli.errors import UsageError

        raise UsageError("--changes needs --match PREVIOUS, the clusters to compare with")
    return changes


def _check_page(page: Path | None, sources: Sequence[str]) -> None:
    """Refuse a page that could not be written in the end.

    Raises:
        UsageError: see `check_target`; standard output, which is for the clusters.
    """
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.writers import check_target

    if page is None:
        return
    from tvgnn_cli.report.document import SUFFIXES

    if str(page) == STDIN:
        raise UsageError("--report: name a file; tvgnn report writes to standard output")
    check_target("--report", str(page), SUFFIXES, sources)


def names_of(*inputs: str | Path | None) -> list[str]:
    """Names of the inputs of a command that are given."""
    return [str(each) for each in inputs if each is not None]


def check_tables(
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
        UsageError: see `check_target`; two targets that are one file.
    """
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.io.writers import METRIC_WRITERS, TABLE_WRITERS, check_target

    known = {"metrics": METRIC_WRITERS, "save": (), **(forms or {})}
    sources = [str(each) for each in inputs if each is not None]
    named: list[str] = []
    streams = 0
    for name, target in targets.items():
        if target is None:
            continue
        option = "-o" if name == "output" else f"--{name}"
        check_target(option, str(target), known.get(name, TABLE_WRITERS), sources)
        streams += str(target) == STDIN
        named += [] if str(target) == STDIN else [str(target)]
    if len({Path(each).absolute() for each in named}) < len(named):
        raise UsageError("two of the files to be written are the same one")
    if streams > 1:
        raise UsageError("only one result can go to standard output")
    return named
