"""The sizes of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.plots.palette import EDGE, distinct_colours, plain, short
from tvgnn_cli.plots.panels import headed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEW = 40
"""Clusters that have a bar with their name each; of more, a line shows all sizes by rank."""

WIDTH = 5.4
"""Inches of a figure of clusters."""

OF_ROW, OF_MANY = 0.22, 0.16
"""Inches of a cluster's row, and of one of more than twenty."""


def sizes_figure(names: Sequence[str], sizes: np.ndarray, title: str = "") -> Figure:
    """The vertices of each cluster: bars with names and numbers, or a line by rank.

    Args:
        names: of the clusters, in their order.
        sizes: vertices of each, `[k]`.
        title: above the figure.
    """
    from matplotlib.figure import Figure

    height = rows_height(len(sizes)) if len(sizes) <= FEW else 3.2
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axis = figure.subplots()
    if len(sizes) <= FEW:
        _bars(axis, names, sizes)
    else:
        _by_rank(axis, names, sizes)
    headed(figure, title)
    return plain(figure)


def rows_height(count: int) -> float:
    """Inches of a figure that has a row for each cluster."""
    return 0.7 + (OF_ROW if count <= 20 else OF_MANY) * max(count, 3)


def name_rows(axis: Axes, names: Sequence[str]) -> None:
    """Write the clusters' names beside their rows, the first at the top."""
    axis.set_yticks(
        range(len(names)), [short(name) for name in names], fontsize=8 if len(names) <= 20 else 7
    )
    # Few rows are as high as many.
    spare = max(0.0, (3 - len(names)) / 2)
    axis.set_ylim(len(names) - 0.4 + spare, -0.6 - spare)
    axis.tick_params(axis="y", length=0)
    axis.set_ylabel("cluster", fontsize=9)


def without_frame(axis: Axes, *sides: str) -> None:
    """Leave lines around the axes out: those named, or the upper and the right one."""
    for side in sides or ("top", "right"):
        axis.spines[side].set_visible(False)


def _bars(axis: Axes, names: Sequence[str], sizes: np.ndarray) -> None:
    axis.barh(
        range(len(sizes)), sizes, height=0.7, color=distinct_colours(names), edgecolor=EDGE,
        linewidth=0.5,
    )  # fmt: skip
    total, letters = max(int(sizes.sum()), 1), 8 if len(sizes) <= 20 else 7
    for row, size in enumerate(sizes.tolist()):
        axis.annotate(
            f"{size:,} ({share_of(size, total)})", (size, row), (4, 0),
            textcoords="offset points", va="center", fontsize=letters,
        )  # fmt: skip
    axis.set_xlim(0, max(int(sizes.max()), 1) * 1.22)  # with room for the numbers
    name_rows(axis, names)
    axis.set_xlabel("vertices", fontsize=9)
    axis.xaxis.set_major_formatter("{x:,g}")
    axis.tick_params(axis="x", labelsize=8)
    axis.locator_params(axis="x", nbins=5)
    without_frame(axis)


def share_of(part: float, whole: float) -> str:
    """A share in per cent, of which a small one is not 0."""
    share = part / whole if whole else 0.0
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _by_rank(axis: Axes, names: Sequence[str], sizes: np.ndarray) -> None:
    order = np.argsort(-sizes, kind="stable")
    heights = sizes[order]
    rank = np.arange(1, len(sizes) + 1)
    axis.plot(rank, heights, color="#0072b2", drawstyle="steps-mid", linewidth=1.4)
    axis.set_yscale("log")
    axis.set_ylim(max(0.4 * int(heights[-1]), 0.4), int(heights[0]) * 2.0)
    axis.set_xlim(-0.02 * len(sizes), 1.02 * len(sizes) + 1)
    axis.yaxis.set_major_formatter("{x:,g}")
    axis.yaxis.set_minor_formatter("")
    for place, side, up, text in ((0, "left", 7, "largest"), (-1, "right", -13, "smallest")):
        axis.plot(rank[place], heights[place], "o", color="#0072b2", markersize=4)
        axis.annotate(
            f"{text}: {short(names[order[place]])} ({heights[place]:,})",
            (rank[place], heights[place]), (0, up), textcoords="offset points", ha=side,
            fontsize=8,
        )  # fmt: skip
    middle = float(np.median(heights))
    if heights[0] > heights[-1]:
        axis.axhline(middle, color="0.5", linestyle="--", linewidth=0.8)
        axis.annotate(
            f"median {middle:,g}", (0.995, middle), (0, 3), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", fontsize=8, color="0.3",
        )  # fmt: skip
    axis.set_xlabel(f"{len(sizes):,} clusters, largest first", fontsize=9)
    axis.set_ylabel("vertices, logarithmic", fontsize=9)
    axis.tick_params(labelsize=8)
    axis.grid(alpha=0.25)
    without_frame(axis)
