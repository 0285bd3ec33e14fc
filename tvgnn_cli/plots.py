"""Figures, with matplotlib (`pip install 'tvgnn[plot]'`)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvgnn_cli.extras import require
from tvgnn_cli.io.writers import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")

TITLES = {
    "loss": "loss",
    "clusters_used": "clusters used",
    "cut_fraction": "edges cut",
    "modularity": "modularity",
    "sharpness": "sharpness",
    "agreement": "agreement of restarts (ARI)",
}


def require_matplotlib() -> None:
    """Refuse before any work.

    Raises:
        UsageError: matplotlib is not installed.
    """
    require("matplotlib", "plots need matplotlib: pip install 'tvgnn[plot]'")


def sweep_figure(
    rows: Sequence[Mapping[str, Any]], axis: str, suggested: Any = None, title: str = ""
) -> Figure:
    """A panel for each metric against the values of one setting.

    Args:
        rows: one mapping for each value, with the setting and the metrics of `TITLES`.
        axis: the setting.
        suggested: a value that is marked; None for none.
        title: above all panels.
    """
    from matplotlib.figure import Figure

    values = [row[axis] for row in rows]
    numeric = all(isinstance(value, int | float) for value in values)
    where = values if numeric else list(range(len(values)))
    figure = Figure(figsize=(9, 5), layout="constrained")
    for panel, (name, label) in zip(
        figure.subplots(2, 3, sharex=True).flat, TITLES.items(), strict=True
    ):
        heights = [row.get(name) for row in rows]
        panel.plot(where, [float("nan") if h is None else h for h in heights], "o-", color="0.2")
        panel.set_title(label, fontsize=10)
        panel.grid(alpha=0.3)
        if suggested is not None:
            panel.axvline(suggested, color="0.5", linestyle="--")
        if not numeric:
            panel.set_xticks(where, [str(value) for value in values], rotation=30)
    figure.supxlabel("number of clusters, K" if axis == "num_clusters" else axis, fontsize=10)
    figure.suptitle(title, fontsize=11)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure whole or not at all, in the form that its suffix names.

    Raises:
        UsageError: the target cannot be written.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format=path.suffix.lstrip("."), dpi=150, metadata=_no_date(path))
    write_atomically(path, buffer.getvalue())


def _no_date(path: Path) -> dict[str, None]:
    """Without the date, so that the same figure is the same file."""
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
