"""The short table at the end of a run, on standard error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tvgnn_cli.cli.spelling import line_of, spelled
from tvgnn_cli.errors import counted, one_line, printable, some_of
from tvgnn_cli.evaluation.metric_table import METRICS, shown
from tvgnn_cli.methods import DEFAULT, METHODS, PARTITION

if TYPE_CHECKING:
    from pathlib import Path

    from tvgnn_cli.cli.outputs import Written
    from tvgnn_cli.jobs.sweep_result import SweepResult
    from tvgnn_cli.jobs.worker import Outcome
    from tvgnn_cli.reproduction.epochs import Timing
    from tvgnn_cli.reproduction.runner import Ended
    from tvgnn_cli.reproduction.summary import Cell
    from tvgnn_cli.run.result import ClusterResult


def console() -> Console:
    """Standard error; rich looks at the terminal and at NO_COLOR by itself."""
    return Console(stderr=True, highlight=False)


def report(result: ClusterResult, written: Written) -> None:
    """The summary: what was read, what came out, where it was written."""
    metrics = result.metrics
    sizes = [counted(metrics["num_vertices"], "vertex"), counted(metrics["num_edges"], "edge")]
    if metrics["num_features"]:
        sizes.append(counted(metrics["num_features"], "feature"))
    rows = [("graph", ", ".join(sizes)), *rows_of(metrics)]
    if written.files:
        rows.append(("written", ", ".join(written.files)))
    show_summary(f"Clusters of {result.name}", rows, (*result.notes, *written.notes))


def show_told(lines: Iterable[str], written: Sequence[str], notes: Iterable[str]) -> None:
    """Print lines, the files that were written and notes, where no table is made of them."""
    told = [*lines, *([line_of(f"written: {', '.join(written)}")] if written else [])]
    screen = console()
    for line in (*told, *(line_of(note, "  - ") for note in notes)):
        screen.print(line, markup=False, soft_wrap=True)


def sizes_of(metrics: Mapping[str, Any]) -> str:
    """The span of the sizes of clusters."""
    least, most = metrics["smallest_cluster"], metrics["largest_cluster"]
    return f"{least:,} to {counted(most, 'vertex')}"


def rows_of(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text of each figure that a summary shows."""
    used = str(metrics["clusters_used"])
    if METHODS[str(metrics.get("method", DEFAULT))].family != PARTITION:
        used += f" of {metrics['num_clusters']} asked for"
    rows = [("clusters used", used), ("cluster sizes", sizes_of(metrics))]
    return rows + shown(metrics)


def show_summary(title: str, rows: Iterable[tuple[str, str]], notes: Iterable[str] = ()) -> None:
    """Print a two-column table and the notes below it."""
    # Text, not strings, in whose brackets rich would see its markup.
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    # A long text goes on in the next line: cut, it would hide names of files, and take the room
    # of the first column.
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, Text(printable(spelled(text))))
    screen = console()
    # A title of the table would be as narrow as the table.
    screen.print(Text(one_line(title), "italic"), soft_wrap=True)
    screen.print(table)
    for note in notes:
        screen.print(line_of(note, "  - "), markup=False, soft_wrap=True)


UNSHOWN = "support"
"""A metric that has no room in a table of 80 columns; the line below it says it of the best rows,
where it decides.
"""


def show_sweep(found: SweepResult, written: Sequence[str]) -> None:
    """One line for each value, and the number of clusters that is suggested."""
    rows, title = found.rows, Text(one_line(f"Sweep of {found.name}"))
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1))
    columns = [
        each for each in METRICS
        if each.swept and each.name != UNSHOWN and any(each.name in row for row in rows)
    ]  # fmt: skip
    for name in (*found.over, *(metric.swept for metric in columns)):
        table.add_column("K" if name == "num_clusters" else name, justify="right")
    for row in rows:
        cells = [str(row[name]) for name in found.over]
        for metric in columns:
            value = row.get(metric.name)
            cells.append("" if value is None else metric.form.format(value))
        table.add_row(*map(Text, cells))
    screen = console()
    screen.print(table)
    notes = [_failure(row, found.over) for row in rows if "error" in row]
    if found.suggestion is not None:
        suggestion = found.suggestion
        notes.append(f"suggested: K = {suggestion.num_clusters}: {suggestion.reason}")
    if found.left_out:
        notes.append(
            f"not tried: K = {some_of([*map(str, found.left_out)])}; those before are past the best"
        )
    notes += [f"written: {', '.join(written)}"] if written else []
    for note in notes:
        screen.print(line_of(note, "  - "), markup=False, soft_wrap=True)


def _failure(row: Mapping[str, Any], over: Sequence[str]) -> str:
    """Text on a value that failed."""
    named = ("K" if name == "num_clusters" else name for name in over)
    values = (f"{name}={row[key]}" for name, key in zip(named, over, strict=True))
    return f"{', '.join(values)}: {row['error']}"


def show_failed_values(found: SweepResult) -> None:
    """One line for the values that failed: the first of them."""
    failed = [row for row in found.rows if "error" in row]
    text = f"tvgnn: {len(failed)} of {len(found.rows)} values failed; "
    line = line_of(text + _failure(failed[0], found.over))
    console().print(line, markup=False, soft_wrap=True)


def show_part(folder: Path | None, table: str) -> None:
    """One line for a part of the work, which writes no table."""
    text = f"  - kept in {folder}; the same command by itself, without --shard, writes {table}"
    console().print(line_of(text), markup=False, soft_wrap=True)


def show_batch(outcome: Outcome) -> None:
    """One line for a row that has ended."""
    text = f"{outcome.graph}: {outcome.exit_code} after {outcome.seconds:.1f} s"
    said = f": {outcome.message}" if outcome.message else ""
    console().print(line_of(f"line {outcome.row}: {text}{said}"), markup=False, soft_wrap=True)


def show_failed(failed: Sequence[Outcome], rows: int) -> None:
    """One line for the rows that failed, of so many: the first of them."""
    first, said = failed[0], failed[0].message.removeprefix("tvgnn: ")
    text = f"tvgnn: {len(failed)} of {rows} rows failed; line {first.row}: {said}"
    console().print(line_of(text), markup=False, soft_wrap=True)


def show_run(ended: Ended) -> None:
    """One line for a run of an experiment that has ended."""
    text = f"{ended.planned.key}: failed: {ended.message}"
    if ended.row is not None:
        row = ended.row
        text = (
            f"{ended.planned.key}: NMI {row['nmi']:.3f}, ACC {row['acc']:.1%}, "
            f"{row['seconds']:.0f} s"
        )
    console().print(line_of(text), markup=False, soft_wrap=True)


def show_timing(timing: Timing) -> None:
    """One line for a method and data set whose epochs have been timed."""
    paper = "" if timing.paper_ms is None else f" (paper: {timing.paper_ms:.1f})"
    text = f"{timing.dataset}, {timing.protocol}, {timing.method}: {timing.ms_per_epoch:.1f} ms"
    console().print(f"{text} per epoch{paper}", markup=False, soft_wrap=True)


def show_table1(cells: Sequence[Cell], left_out: int = 0) -> None:
    """Means of each method and data set beside the paper's; rows of other commands are left out."""
    table = Table(title="Table 1", title_justify="left", box=None, padding=(0, 1))
    for title in ("data set", "protocol", "method", "NMI", "paper", "ACC", "paper", "seeds"):
        right = title not in ("data set", "protocol", "method")
        table.add_column(title, justify="right" if right else "left", no_wrap=True)
    for cell in cells:
        ours, paper = cell.score, cell.paper
        table.add_row(
            cell.dataset,
            cell.protocol,
            cell.title,
            f"{ours.nmi:.3f}",
            "" if paper is None else f"{paper.nmi:.3f}",
            f"{ours.acc:.1f}",
            "" if paper is None else f"{paper.acc:.1f}",
            str(cell.seeds),
        )
    console().print(table)
    if left_out:
        console().print(f"  - {left_out} rows are of other commands or settings, and left out")


def show_lines(title: str, head: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """A table of text."""
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1))
    for name in head:
        table.add_column(name, overflow="fold")
    for line in lines:
        table.add_row(*line)
    console().print(table)
