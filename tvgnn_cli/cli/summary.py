"""The short table at the end of a run, on standard error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tvgnn_cli.methods import METHODS, PARTITION

if TYPE_CHECKING:
    from tvgnn_cli.cli.outputs import Written
    from tvgnn_cli.jobs.sweep import SweepResult
    from tvgnn_cli.jobs.worker import Outcome
    from tvgnn_cli.reproduction.epochs import Timing
    from tvgnn_cli.reproduction.runner import Ended
    from tvgnn_cli.reproduction.summary import Cell
    from tvgnn_cli.run.result import ClusterResult

FIGURES = {
    "loss": ("loss", "{:.4f}"),
    "totvar_loss": ("  total variation", "{:.4f}"),
    "balance_loss": ("  balance", "{:.4f}"),
    "near_loss": ("  variation, near pairs", "{:.4f}"),
    "spread_loss": ("  spread of features", "{:.4f}"),
    "mincut_loss": ("  cut", "{:.4f}"),
    "orthogonality_loss": ("  orthogonality", "{:.4f}"),
    "modularity_loss": ("  modularity", "{:.4f}"),
    "collapse_loss": ("  collapse", "{:.4f}"),
    "link_loss": ("  links", "{:.4f}"),
    "entropy_loss": ("  entropy", "{:.4f}"),
    "epochs": ("epochs", "{}"),
    "cut_fraction": ("edges cut", "{:.1%}"),
    "modularity": ("modularity", "{:.3f}"),
    "mean_conductance": ("mean conductance", "{:.3f}"),
    "sharpness": ("sharpness", "{:.3f}"),
    "mean_confidence": ("confidence", "{:.3f}"),
    "nmi": ("NMI", "{:.3f}"),
    "acc": ("ACC", "{:.1%}"),
    "ari": ("ARI", "{:.3f}"),
    "seed": ("seed", "{}"),
    "threads": ("threads", "{}"),
    "kernels": ("kernels", "{}"),
    "seconds": ("seconds", "{:.1f}"),
    "peak_memory_mb": ("peak memory", "{:.0f} MB"),
}


def console() -> Console:
    """Standard error; rich looks at the terminal and at NO_COLOR by itself."""
    return Console(stderr=True, highlight=False)


def report(result: ClusterResult, written: Written) -> None:
    """The summary: what was read, what came out, where it was written."""
    metrics = result.metrics
    size = f"{metrics['num_vertices']:,} vertices, {metrics['num_edges']:,} edges"
    if metrics["num_features"]:
        size += f", {metrics['num_features']:,} features"
    rows = [("graph", size), *rows_of(metrics)]
    if written.files:
        rows.append(("written", ", ".join(written.files)))
    show_summary(f"Clusters of {result.name}", rows, (*result.notes, *written.notes))


def rows_of(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text of each figure that a summary shows."""
    sizes = f"{metrics['smallest_cluster']:,} to {metrics['largest_cluster']:,} vertices"
    used = str(metrics["clusters_used"])
    if METHODS[str(metrics.get("method", "tvgnn"))].family != PARTITION:
        used += f" of {metrics['num_clusters']} asked for"
    rows = [("clusters used", used), ("cluster sizes", sizes)]
    shown = [(label, metrics.get(name), form) for name, (label, form) in FIGURES.items()]
    return rows + [(label, form.format(v)) for label, v, form in shown if v is not None]


def show_summary(title: str, rows: Iterable[tuple[str, str]], notes: Iterable[str] = ()) -> None:
    """Print a two-column table and the notes below it."""
    # Text, not strings, in whose brackets rich would see its markup.
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    for name, text in rows:
        table.add_row(name, Text(text))
    screen = console()
    screen.print(Text(title, "italic"), soft_wrap=True)  # a title of the table would be as narrow
    screen.print(table)
    for note in notes:
        screen.print(f"  - {note}", markup=False, soft_wrap=True)


SWEPT = {
    "loss": ("loss", "{:.4f}"),
    "clusters_used": ("used", "{}"),
    "cut_fraction": ("edges cut", "{:.1%}"),
    "modularity": ("modularity", "{:.3f}"),
    "sharpness": ("sharpness", "{:.3f}"),
    "agreement": ("agreement", "{:.3f}"),
    "nmi": ("NMI", "{:.3f}"),
}


def show_sweep(found: SweepResult, written: Sequence[str]) -> None:
    """One line for each value, and the number of clusters that is suggested."""
    rows, title = found.rows, Text(f"Sweep of {found.name}")
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1))
    columns = {key: look for key, look in SWEPT.items() if any(key in row for row in rows)}
    for name in (*found.over, *(label for label, _ in columns.values())):
        table.add_column("K" if name == "num_clusters" else name, justify="right")
    for row in rows:
        cells = [str(row[name]) for name in found.over]
        for key, (_, form) in columns.items():
            cells.append("" if row.get(key) is None else form.format(row[key]))
        table.add_row(*map(Text, cells))
    screen = console()
    screen.print(table)
    notes = [f"{row['error']}" for row in rows if "error" in row]
    if found.suggestion is not None:
        suggestion = found.suggestion
        notes.append(f"suggested: K = {suggestion.num_clusters}: {suggestion.reason}")
    notes += [f"written: {', '.join(written)}"] if written else []
    for note in notes:
        screen.print(f"  - {note}", markup=False, soft_wrap=True)


def show_batch(outcome: Outcome) -> None:
    """One line for a row that has ended."""
    text = f"{outcome.graph}: {outcome.exit_code} after {outcome.seconds:.1f} s"
    said = f": {outcome.message}" if outcome.message else ""
    console().print(f"line {outcome.row}: {text}{said}", markup=False, soft_wrap=True)


def show_run(ended: Ended) -> None:
    """One line for a run of an experiment that has ended."""
    text = f"{ended.planned.key}: failed: {ended.message}"
    if ended.row is not None:
        row = ended.row
        text = (
            f"{ended.planned.key}: NMI {row['nmi']:.3f}, ACC {row['acc']:.1%}, "
            f"{row['seconds']:.0f} s"
        )
    console().print(text, markup=False, soft_wrap=True)


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
