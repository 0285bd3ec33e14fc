"""The figure of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.plots.palette import distinct_colours
from tvgnn_cli.plots.panels import headed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

LONGER = {"clusters_used": "clusters used", "agreement": "agreement of restarts (ARI)"}
"""Titles where there is more room than in a table."""

TITLES = {
    metric.name: LONGER.get(metric.name, metric.swept)
    for metric in METRICS
    if metric.swept and metric.name != "nmi"
}
"""Panels: of a sweep without true classes too."""


NAMED = 10
"""Lines that are told apart by their colours, at most."""


def sweep_figure(
    rows: Sequence[Mapping[str, Any]],
    axis: str,
    suggested: Any = None,
    title: str = "",
    others: Sequence[str] = (),
) -> Figure:
    """A panel for each metric that the rows have, against the values of one setting; a line for
    each combination of the others.

    Args:
        rows: one mapping for each value, with the settings and the metrics of `TITLES`.
        axis: the setting.
        suggested: a value that is marked; None for none.
        title: above all panels.
        others: further settings.
    """
    from matplotlib.figure import Figure

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
    combined = _combined(rows, others)
    places = _places([row[axis] for row in rows])
    for panel, (name, label) in zip(panels, shown.items(), strict=False):
        _draw(panel, combined, axis, name, places)
        panel.set_title(label, fontsize=10)
        panel.grid(alpha=0.3)
        if suggested is not None:
            panel.axvline(suggested, color="0.5", linestyle="--")
    below = "number of clusters, K" if axis == "num_clusters" else axis
    if 1 < len(combined) <= NAMED:
        named = panels[0].get_legend_handles_labels()
        figure.legend(*named, fontsize=8, frameon=False, loc="outside right center")
    elif len(combined) > NAMED:
        below += f"\na line for each of {len(combined):,} values of {', '.join(others)}"
    figure.supxlabel(below, fontsize=10)
    headed(figure, title)
    return figure


def _combined(
    rows: Sequence[Mapping[str, Any]], others: Sequence[str]
) -> dict[str, list[Mapping[str, Any]]]:
    """The rows of each combination of the other settings, by its name."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(", ".join(f"{name} {row[name]}" for name in others), []).append(row)
    return found


def _places(values: Sequence[Any]) -> dict[Any, float] | None:
    """Places of values that are no numbers, in their order; None where all are numbers."""
    if all(isinstance(value, int | float) for value in values):
        return None
    return {value: float(place) for place, value in enumerate(dict.fromkeys(values))}


def _draw(
    panel: Axes,
    combined: Mapping[str, Sequence[Mapping[str, Any]]],
    axis: str,
    name: str,
    places: Mapping[Any, float] | None,
) -> None:
    """Draw a metric against a setting, a line for each combination of the others."""
    are_told = 1 < len(combined) <= NAMED
    colours = distinct_colours(list(combined)) if are_told else ["0.2"] * len(combined)
    values = []
    for place, (label, rows) in enumerate(combined.items()):
        values += [row[axis] for row in rows]
        where = [row[axis] if places is None else places[row[axis]] for row in rows]
        heights = [float("nan") if row.get(name) is None else row[name] for row in rows]
        panel.plot(where, heights, "o-", color=colours[place], label=label)
    if places is not None:
        panel.set_xticks(list(places.values()), [str(value) for value in places], rotation=30)
    elif all(float(value).is_integer() for value in values):
        panel.xaxis.set_major_locator(_whole())
    if name == "clusters_used":
        panel.yaxis.set_major_locator(_whole())


def _whole() -> MaxNLocator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5, integer=True)
