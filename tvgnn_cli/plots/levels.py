"""A tree of clusters as a dendrogram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.plots.palette import EDGE, plain, short
from tvgnn_cli.plots.panels import headed
from tvgnn_cli.plots.sizes import FEW, WIDTH, rows_height, without_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = FEW
"""Leaves of a tree that is drawn, each with its name; of more clusters they are groups."""

LEVEL = "#b5530b"
"""Colour of the lines at which levels are cut."""

TICKS = 6
"""Numbers along the axis, at most."""


def levels_figure(
    children: np.ndarray,
    heights: np.ndarray,
    names: Sequence[str],
    sizes: np.ndarray,
    numbers: Sequence[int] = (),
    title: str = "",
    clusters: int = 0,
) -> Figure:
    """Draw which clusters are merged with which, and how many edges join them against chance.

    Args:
        children: the two nodes of each merge, `[k - 1, 2]`; leaves come first.
        heights: chance over the edges between the two, `[k - 1]`, above 0, not falling; may be
            infinite.
        names: of the clusters, or of groups of them.
        sizes: vertices of each.
        numbers: of clusters at which a line cuts the tree, below k.
        title: above it.
        clusters: in the groups that are the leaves; 0 where leaves are clusters.
    """
    from matplotlib.figure import Figure

    k = len(names)
    figure = Figure(figsize=(WIDTH, rows_height(k) + 0.4), layout="constrained")
    axis = figure.subplots()
    places, over = _places(children, k), _over_chance(heights)
    ends = 1.6 * float(over.max(initial=1.0)), 0.8 * float(over.min(initial=1.0))
    axis.set_xscale("log")
    axis.set_xlim(*ends)
    _merges(axis, children, places, over, np.isinf(heights))
    for count in numbers:
        _cut(axis, float(np.sqrt(over[k - 1 - count] * over[k - count])), str(count))
    _number(axis, *ends, has_edges=bool(np.isfinite(heights).any()))
    _name(axis, places[:k], names, sizes)
    axis.set_xlabel("\n".join(_below(k, heights, clusters)), fontsize=9)
    without_frame(axis, "top", "right", "left")
    headed(figure, title)
    return plain(figure)


def _merges(
    axis: Axes, children: np.ndarray, places: np.ndarray, over: np.ndarray, apart: np.ndarray
) -> None:
    """Draw a bracket for each merge, from the left, a dotted one where no edge joins the two."""
    at = np.concatenate([np.full(len(over) + 1, axis.get_xlim()[0]), over])
    for (one, other), where, is_apart in zip(children, over, apart, strict=True):
        axis.plot(
            [at[one], where, where, at[other]],
            [places[one], places[one], places[other], places[other]],
            color=EDGE, linewidth=1.1, linestyle=":" if is_apart else "-", solid_joinstyle="miter",
        )  # fmt: skip


def _over_chance(heights: np.ndarray) -> np.ndarray:
    """Edges over chance of each merge; where there are none, half of the least or of chance."""
    known = heights[np.isfinite(heights)]
    least = 0.5 / max(float(known.max(initial=1.0)), 1.0)
    return np.where(np.isfinite(heights), 1 / heights, least)


def _places(children: np.ndarray, k: int) -> np.ndarray:
    """The place of each node across the tree, leaves from 0 so that no lines cross."""
    place = np.zeros(2 * k - 1)
    waiting, number = [2 * k - 2], 0
    while waiting:  # leaves from one end of the tree to the other
        node = waiting.pop()
        if node < k:
            place[node], number = number, number + 1
        else:
            waiting += [int(children[node - k][1]), int(children[node - k][0])]
    for node, (one, other) in enumerate(children, start=k):
        place[node] = (place[one] + place[other]) / 2
    return place


def _cut(axis: Axes, where: float, text: str) -> None:
    """Draw a level, with its number of clusters above it."""
    axis.axvline(where, color=LEVEL, linestyle="--", linewidth=0.9)
    axis.annotate(
        text, (where, 1), (0, 2), xycoords=("data", "axes fraction"), textcoords="offset points",
        color=LEVEL, fontsize=8, ha="center", va="bottom",
    )  # fmt: skip


def _number(axis: Axes, most: float, least: float, has_edges: bool) -> None:
    """Number the axis by powers of 2, so many that they can be read, and draw where as many edges
    join two clusters as by chance.
    """
    from matplotlib.ticker import NullFormatter, NullLocator

    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_minor_formatter(NullFormatter())
    if not has_edges:
        axis.set_xticks([])
        return
    axis.axvline(1.0, color="0.8", linewidth=3, zorder=0)
    low, high = np.ceil(np.log2(least)), np.floor(np.log2(most))
    step = max(-(-int(high - low + 1) // TICKS), 1)
    # 1 is among them.
    powers = [int(i) for i in np.arange(low, high + 1) if int(i) % step == 0]
    axis.set_xticks([2.0**i for i in powers], [_times(i) for i in powers], fontsize=8)


def _times(power: int) -> str:
    """A power of 2, in short where it is far from 1."""
    if abs(power) > 13:
        return f"2^{power}"
    return f"{2**power:,}" if power >= 0 else f"1/{2**-power:,}"


def _below(k: int, heights: np.ndarray, clusters: int) -> list[str]:
    """Lines that say what is drawn."""
    if k == 1:
        return ["one cluster: there is nothing to merge"]
    lines = ["edges between the merged, over chance (grey: 1)"]
    if clusters > k:
        lines.append(f"the last {k - 1:,} of {clusters - 1:,} merges; leaves may be groups")
    if np.isinf(heights).all():
        return ["no edge joins any two clusters"]
    if np.isinf(heights).any():
        lines.append("dotted: no edge joins the two")
    return lines


def _name(axis: Axes, places: np.ndarray, names: Sequence[str], sizes: np.ndarray) -> None:
    k = len(names)
    texts = [
        f"{short(name) or '(none)'} ({size:,})"
        for name, size in zip(names, sizes.tolist(), strict=True)
    ]
    axis.set_yticks(places, texts, fontsize=8 if k <= 20 else 7)
    spare = max(0.0, (3 - k) / 2)  # few rows are as high as many
    axis.set_ylim(k - 0.4 + spare, -0.6 - spare)
    axis.tick_params(axis="y", length=0)
