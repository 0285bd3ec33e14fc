"""Graphs whose vertices have a place (Figures 20, 22 and 23)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.plots.panels import cluster_colours, headed, panel_grid, without_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def layout_figure(
    panels: Mapping[str, tuple[np.ndarray, np.ndarray | None]],
    places: np.ndarray,
    edges: np.ndarray,
    title: str = "",
) -> Figure:
    """A panel for each name: vertices at their places with the number of their group, edges between
    them.

    Args:
        panels: name to colours `[n, 3]` or `[n, 4]`, and to the groups `[n]`; None for none.
        places: of the vertices, `[n, 2]`.
        edges: `[2, e]`.
        title: above all panels.
    """
    from matplotlib.collections import LineCollection

    figure, axes = panel_grid(len(panels), 1 if len(panels) < 5 else 2)
    for axis, (name, (colours, groups)) in zip(axes, panels.items(), strict=True):
        lines = list(places[edges.T])
        axis.add_collection(LineCollection(lines, colors="0.7", linewidths=0.4, alpha=0.6))
        axis.scatter(
            places[:, 0], places[:, 1], s=28, c=colours, edgecolors="0.2", linewidths=0.3, zorder=2
        )
        if groups is not None:
            _number(axis, places, colours, groups)
        axis.set_title(name, fontsize=10)
        axis.set_aspect("equal")
        without_ticks(axis)
    headed(figure, title)
    return figure


def _number(axis: Axes, places: np.ndarray, colours: np.ndarray, groups: np.ndarray) -> None:
    """Write a vertex's group into it, dark on light or light on dark."""
    light = colours[:, :3] @ np.array([0.299, 0.587, 0.114]) > 0.5
    for (x, y), is_light, group in zip(places, light, groups, strict=True):
        axis.text(
            x, y, str(group), fontsize=3.6, ha="center", va="center_baseline", zorder=3,
            color="black" if is_light else "white",
        )  # fmt: skip


def faded(assignment: np.ndarray) -> np.ndarray:
    """Colours of vertices by their cluster, the paler the smaller its probability, `[n, 4]`: bright
    for 1, white for 0.
    """
    top = assignment.max(axis=1, keepdims=True)
    colours = cluster_colours(assignment.shape[1])[assignment.argmax(axis=1)]
    return np.asarray((top * colours + (1 - top) * np.ones(4)).clip(0, 1))
