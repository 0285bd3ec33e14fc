"""The figure of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.plots.panels import headed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGER = {"clusters_used": "clusters used", "agreement": "agreement of restarts (ARI)"}
"""Titles where there is more room than in a table."""

TITLES = {
    metric.name: LONGER.get(metric.name, metric.swept)
    for metric in METRICS
    if metric.swept and metric.name != "nmi"
}
"""Panels: of a sweep without true classes too."""


def sweep_figure(
    rows: Sequence[Mapping[str, Any]], axis: str, suggested: Any = None, title: str = ""
) -> Figure:
    """A panel for each metric that the rows have, against the values of one setting.

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
    shown = {
        name: title for name, title in TITLES.items()
        if any(row.get(name) is not None for row in rows)
    }  # fmt: skip
    columns = min(-(-len(shown) // 2), 4) if len(shown) > 2 else max(len(shown), 1)
    lines = max(-(-len(shown) // columns), 1)
    figure = Figure(figsize=(2.75 * max(columns, 1.8), 0.4 + 2.3 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, sharex=True, squeeze=False).flatten().tolist()
    for spare in panels[len(shown) :]:
        spare.set_axis_off()
    for panel, (name, label) in zip(panels, shown.items(), strict=False):
        heights = [row.get(name) for row in rows]
        panel.plot(where, [float("nan") if h is None else h for h in heights], "o-", color="0.2")
        panel.set_title(label, fontsize=10)
        panel.grid(alpha=0.3)
        if suggested is not None:
            panel.axvline(suggested, color="0.5", linestyle="--")
        if not numeric:
            panel.set_xticks(where, [str(value) for value in values], rotation=30)
    figure.supxlabel("number of clusters, K" if axis == "num_clusters" else axis, fontsize=10)
    headed(figure, title)
    return figure
