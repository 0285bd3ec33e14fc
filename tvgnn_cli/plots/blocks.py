"""The block structure of `S S^T` (Figures 4, 6, 9 to 11, 15, 16 and 21)."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.plots.panels import headed, panel_grid, sampled, without_ticks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 1000
"""Vertices of a panel; larger graphs are sampled."""

LEAST = -4.0
"""Powers of ten below which nothing is told apart."""


def blocks_figure(
    panels: Mapping[str, tuple[np.ndarray, np.ndarray]],
    title: str = "",
    by_class: Collection[str] = (),
) -> Figure:
    """`log10(S S^T)`, vertices sorted by cluster: sharp assignments are blocks on the diagonal.

    Args:
        panels: name to the soft assignment `[n, k]` and what its rows are sorted by, `[n]`.
        title: above all panels.
        by_class: panels whose rows are sorted by class, and not by cluster.
    """
    figure, axes = panel_grid(len(panels), 1 if len(panels) < 5 else 2)
    image = None
    for axis, (name, (assignment, groups)) in zip(axes, panels.items(), strict=True):
        rows = sampled(groups, MOST)
        product = assignment[rows].astype(np.float64)
        product = np.log10(np.maximum(product @ product.T, 10.0**LEAST))
        image = axis.imshow(product, vmin=LEAST, vmax=0, cmap="viridis", interpolation="nearest")
        for edge in np.flatnonzero(np.diff(groups[rows])) + 0.5:
            axis.axhline(edge, color="white", linewidth=0.4)
            axis.axvline(edge, color="white", linewidth=0.4)
        # One panel is as wide as the colour bar leaves it.
        axis.set_title("\n".join(textwrap.wrap(name, 34)), fontsize=10)
        n = len(groups)
        shown = f"{n:,} vertices" if n <= MOST else f"{MOST:,} of {n:,} vertices"
        axis.set_xlabel(f"{shown}, by {'class' if name in by_class else 'cluster'}", fontsize=8)
        without_ticks(axis)
    if image is not None:
        bar = figure.colorbar(image, ax=axes, shrink=0.8)
        bar.set_label("$\\log_{10}\\, S S^T$", fontsize=9)
        bar.ax.tick_params(labelsize=8)
    headed(figure, title)
    return figure
