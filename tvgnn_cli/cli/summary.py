"""The short table at the end of a run, on standard error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from tvgnn_cli.cli.outputs import Targets
    from tvgnn_cli.result import ClusterResult

FIGURES = {
    "loss": ("loss", "{:.4f}"),
    "totvar_loss": ("  total variation", "{:.4f}"),
    "balance_loss": ("  balance", "{:.4f}"),
    "epochs": ("epochs", "{}"),
    "cut_fraction": ("edges cut", "{:.1%}"),
    "modularity": ("modularity", "{:.3f}"),
    "mean_conductance": ("mean conductance", "{:.3f}"),
    "sharpness": ("sharpness", "{:.3f}"),
    "nmi": ("NMI", "{:.3f}"),
    "acc": ("ACC", "{:.1%}"),
    "ari": ("ARI", "{:.3f}"),
    "seed": ("seed", "{}"),
    "threads": ("threads", "{}"),
    "seconds": ("seconds", "{:.1f}"),
    "peak_memory_mb": ("peak memory", "{:.0f} MB"),
}


def console() -> Console:
    """Standard error; rich looks at the terminal and at NO_COLOR by itself."""
    return Console(stderr=True, highlight=False)


def report(result: ClusterResult, targets: Targets) -> None:
    """The summary: what was read, what came out, where it was written."""
    metrics = result.metrics
    size = f"{metrics['num_vertices']:,} vertices, {metrics['num_edges']:,} edges"
    if metrics["num_features"]:
        size += f", {metrics['num_features']:,} features"
    rows = [("graph", size), *rows_of(metrics)]
    if targets.written:
        rows.append(("written", ", ".join(targets.written)))
    show_summary(f"Clusters of {result.name}", rows, result.notes)


def rows_of(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text of each figure that a summary shows."""
    sizes = f"{metrics['smallest_cluster']:,} to {metrics['largest_cluster']:,} vertices"
    used = f"{metrics['clusters_used']} of {metrics['num_clusters']} asked for"
    rows = [("clusters used", used), ("cluster sizes", sizes)]
    shown = [(label, metrics.get(name), form) for name, (label, form) in FIGURES.items()]
    return rows + [(label, form.format(v)) for label, v, form in shown if v is not None]


def show_summary(title: str, rows: Iterable[tuple[str, str]], notes: Iterable[str] = ()) -> None:
    """Print a two-column table and the notes below it."""
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    for name, text in rows:
        table.add_row(name, text)
    screen = console()
    screen.print(table)
    for note in notes:
        screen.print(f"  - {note}", markup=False, soft_wrap=True)
