"""A tree of clusters as a dendrogram."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.plots.panels import headed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_NAMED = 60
"""Clusters that have their names beside them."""

WIDTH = 28
"""Letters of a name that are shown."""


def levels_figure(
    children: np.ndarray,
    heights: np.ndarray,
    names: Sequence[str],
    sizes: np.ndarray,
    numbers: Sequence[int] = (),
    title: str = "",
) -> Figure:
    """Draw which clusters are merged with which, and how many edges join them against chance.

    Args:
        children: the two nodes of each merge, `[k - 1, 2]`; leaves come first.
        heights: chance over the edges between the two, `[k - 1]`, not falling; may be infinite.
        names: of the clusters.
        sizes: vertices of each.
        numbers: of clusters at which a line cuts the tree.
        title: above it.
    """
    from matplotlib.figure import Figure

    k, tall = len(names), min(len(names), MOST_NAMED)
    figure = Figure(figsize=(7.5, 1.4 + 0.22 * max(tall, 4)), layout="constrained")
    axis = figure.subplots()
    shown = _finite(heights)
    place, at = _places(children, k), np.concatenate([np.full(k, _start(shown)), shown])
    for (one, other), height in zip(children, shown, strict=True):
        axis.plot(
            [at[one], height, height, at[other]],
            [place[one], place[one], place[other], place[other]],
            color="0.25", linewidth=1.1, solid_joinstyle="miter",
        )  # fmt: skip
    for count in numbers:
        below, above = shown[k - 1 - count], shown[k - count]
        where = float(np.sqrt(below * above))
        axis.axvline(where, color="#b5530b", linestyle="--", linewidth=0.9)
        axis.text(where, k - 0.4, f"{count}", color="#b5530b", fontsize=8, ha="center", va="bottom")
    axis.set_xscale("log")
    axis.set_ylim(-0.7, k - 0.3)
    _name(axis, place[:k], names, sizes)
    axis.set_xlabel("edges of chance over the edges between the two (left: joined by many)")
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.tick_params(axis="y", length=0)
    headed(figure, title)
    return figure


def _finite(heights: np.ndarray) -> np.ndarray:
    """Heights, the infinite ones at twice the largest other."""
    known = heights[np.isfinite(heights)]
    top = 2 * float(known.max()) if len(known) else 1.0
    return np.where(np.isfinite(heights), heights, top)


def _start(shown: np.ndarray) -> float:
    """The height at which leaves begin, on a logarithmic axis."""
    return 0.7 * float(shown.min()) if len(shown) else 0.5


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


def _name(axis, places: np.ndarray, names: Sequence[str], sizes: np.ndarray) -> None:  # type: ignore[no-untyped-def]
    if len(names) > MOST_NAMED:
        axis.set_yticks([])
        axis.set_ylabel(f"{len(names):,} clusters", fontsize=9)
        return
    texts = [
        f"{textwrap.shorten(name, WIDTH, placeholder='...') or '(none)'}  ({size:,})"
        for name, size in zip(names, sizes, strict=True)
    ]
    axis.set_yticks(places, [text.replace("$", r"\$") for text in texts], fontsize=8)
