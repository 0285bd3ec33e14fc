"""Spread of confidences or margins, by cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.plots.palette import EDGE, distinct_colours, plain
from tvgnn_cli.plots.panels import headed
from tvgnn_cli.plots.sizes import FEW, WIDTH, name_rows, rows_height, without_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Shares of a cluster's vertices below the ends of its line, of its box and its middle."""


def confidence_figure(
    names: Sequence[str], labels: np.ndarray, values: np.ndarray, what: str, title: str = ""
) -> Figure:
    """The spread of a number over the vertices of each cluster: a box for half of them, a line for
    nine in ten, a mark for the middle; of many clusters the same against their rank.

    Args:
        names: of the clusters, in their order.
        labels: cluster of each vertex, `[n]`, from 0.
        values: the number, `[n]`, finite.
        what: the number's name.
        title: above the figure.
    """
    from matplotlib.figure import Figure

    k = len(names)
    figure = Figure(figsize=(WIDTH, rows_height(k) if k <= FEW else 3.2), layout="constrained")
    axis = figure.subplots()
    spread = quantiles_of(labels, values, k)
    least = min(0.0, float(values.min(initial=0.0)))
    if k <= FEW:
        _boxes(axis, names, spread)
        axis.set_xlim(least - 0.02, 1.02)
        axis.set_xlabel(f"{what} (box: half of the vertices; line: 90 %)", fontsize=9)
    else:
        _bands(axis, spread)
        # Below the axes: inside, it may lie upon what is drawn.
        figure.legend(fontsize=8, frameon=False, loc="outside lower center", ncols=3)
        axis.set_ylim(least - 0.02, 1.02)
        axis.set_ylabel(what, fontsize=9)
    axis.tick_params(axis="x", labelsize=8)
    headed(figure, title)
    return plain(figure)


def quantiles_of(labels: np.ndarray, values: np.ndarray, k: int) -> np.ndarray:
    """The values at `SHARES` of each cluster, float64 `[k, 5]`, between two vertices by their
    distance; NaN for a cluster without any.
    """
    order = np.lexsort((values, labels))
    sorted_ = values[order].astype(np.float64)
    count = np.bincount(labels, minlength=k)
    first = np.cumsum(count) - count
    place = first[:, None] + np.array(SHARES) * np.maximum(count - 1, 0)[:, None]
    low = np.minimum(np.floor(place).astype(np.int64), max(len(values) - 1, 0))
    high = np.minimum(np.ceil(place).astype(np.int64), max(len(values) - 1, 0))
    found = sorted_[low] + (sorted_[high] - sorted_[low]) * (place - low)
    return np.asarray(np.where(count[:, None] > 0, found, np.nan))


def _boxes(axis: Axes, names: Sequence[str], spread: np.ndarray) -> None:
    rows = np.arange(len(names))
    axis.hlines(rows, spread[:, 0], spread[:, 4], color=EDGE, linewidth=1.0, zorder=1)
    axis.barh(
        rows, spread[:, 3] - spread[:, 1], left=spread[:, 1], height=0.56,
        color=distinct_colours(names), edgecolor=EDGE, linewidth=0.6, zorder=2,
    )  # fmt: skip
    axis.plot(
        spread[:, 2], rows, "D", color="white", markeredgecolor="black", markersize=4.5,
        markeredgewidth=0.8, zorder=3,
    )  # fmt: skip
    name_rows(axis, names)
    axis.grid(axis="x", alpha=0.25)
    axis.set_axisbelow(True)
    without_frame(axis, "top", "right", "left")


def _bands(axis: Axes, spread: np.ndarray) -> None:
    spread = spread[np.isfinite(spread[:, 2])]
    spread = spread[np.argsort(-spread[:, 2], kind="stable")]
    rank = np.arange(1, len(spread) + 1)
    axis.fill_between(rank, spread[:, 0], spread[:, 4], color="#cfe3f0", linewidth=0,
                      label="90 % of the vertices")  # fmt: skip
    axis.fill_between(rank, spread[:, 1], spread[:, 3], color="#7fb6d9", linewidth=0,
                      label="half of them")  # fmt: skip
    axis.plot(rank, spread[:, 2], color="black", linewidth=1.2, label="middle")
    axis.set_xlabel(f"{len(spread):,} clusters, the surest first", fontsize=9)
    axis.tick_params(labelsize=8)
    axis.grid(alpha=0.25)
    without_frame(axis)
