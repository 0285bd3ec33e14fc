"""The edges between clusters against chance, as a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.plots.palette import dark, plain, short
from tvgnn_cli.plots.panels import headed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 200
"""Clusters of a matrix, the largest; cells of more are too small to see."""

WRITTEN = 12
"""Clusters of a matrix with numbers in its cells."""

NAMED = 40
"""Clusters that are named beside it; of more, some are."""

TIMES = 64.0
"""Times of chance from which, and parts of it to which, nothing is told apart."""


def cut_figure(
    names: Sequence[str],
    over_chance: np.ndarray,
    title: str = "",
    left_out: int = 0,
    sharp: int = NAMED,
) -> Figure:
    """The weight of the edges between each two clusters, and inside each, over what chance would
    put there; white where there are none.

    Args:
        names: of the clusters, in their order.
        over_chance: `[k, k]`, symmetric, at least 0.
        title: above the figure.
        left_out: smaller clusters that the matrix is without.
        sharp: clusters up to which each cell is a shape, which stays sharp however large; of more
            they are a picture, which takes fewer bytes.
    """
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    k = len(names)
    side = min(max(1.7 + 0.42 * k, 2.4), 4.5)
    figure = Figure(figsize=(side + 0.9, side), layout="constrained")
    axis = figure.subplots()
    seen = np.ma.masked_less_equal(over_chance, 0.0)
    norm = LogNorm(*_ends(over_chance), clip=True)
    if k <= sharp:
        image: Any = axis.pcolormesh(seen, norm=norm, cmap="YlGnBu", edgecolors="0.85", lw=0.4)
        axis.set_xlim(0, k)
        axis.set_ylim(k, 0)
        axis.set_aspect("equal")
    else:
        image = axis.imshow(
            seen, norm=norm, cmap="YlGnBu", interpolation="nearest", extent=(0, k, k, 0)
        )
    if k <= WRITTEN:
        _write(axis, over_chance, np.asarray(image.to_rgba(seen)).reshape(-1, 4))
    _name(axis, names)
    axis.set_xlabel(_below(k, left_out), fontsize=9)
    bar = figure.colorbar(image, ax=axis, shrink=0.85, extend="both")
    bar.set_label("weight of edges over chance", fontsize=9)
    ticks = [each for each in 2.0 ** np.arange(-6, 7, 2) if norm.vmin <= each <= norm.vmax]
    bar.set_ticks(ticks, labels=[_times(each) for each in ticks])
    bar.ax.minorticks_off()
    bar.ax.tick_params(labelsize=8)
    headed(figure, title)
    return plain(figure)


def _ends(over_chance: np.ndarray) -> tuple[float, float]:
    """The least and the largest that colours tell apart, with chance between them."""
    found = over_chance[over_chance > 0]
    least, most = (float(found.min()), float(found.max())) if len(found) else (1.0, 1.0)
    return min(max(least, 1 / TIMES), 0.5), max(min(most, TIMES), 2.0)


def _times(value: float) -> str:
    return f"{value:g}" if value >= 1 else f"1/{1 / value:g}"


def _below(k: int, left_out: int) -> str:
    if left_out:
        return f"the largest {k:,} of {k + left_out:,} clusters"
    return "cluster"


def _write(axis: Axes, over_chance: np.ndarray, colours: np.ndarray) -> None:
    k = len(over_chance)
    light = dark(colours).reshape(k, k)
    size = 9 if k <= 6 else 7 if k <= 9 else 6
    for row, column in np.ndindex(k, k):
        value = float(over_chance[row, column])
        ink = "0.6" if value == 0 else "white" if light[row, column] else "black"
        axis.text(
            column + 0.5, row + 0.5, _number(value), ha="center", va="center", fontsize=size,
            color=ink,
        )  # fmt: skip


def _number(value: float) -> str:
    if value == 0:
        return "0"
    if value >= 1e5:  # weights may differ by any power of 10, and cells have room for a few letters
        return f"{value:.0e}".replace("e+", "e")
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _name(axis: Axes, names: Sequence[str]) -> None:
    k = len(names)
    step = -(-k // NAMED)
    places = np.arange(0, k, step)
    texts = [short(name, 10) for name in names[::step]]
    size = 8 if k <= 20 else 6
    is_wide = len(texts) * max(map(len, texts)) > 48
    axis.set_xticks(places + 0.5, texts, fontsize=size, rotation=90 if is_wide else 0)
    axis.set_yticks(places + 0.5, texts, fontsize=size)
    axis.tick_params(length=0)
