"""The graph whose vertices are clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.plots.cluster_places import moved_apart, places_of
from tvgnn_cli.plots.palette import EDGE, dark, distinct_colours, plain, short
from tvgnn_cli.plots.panels import headed, without_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 200
"""Clusters that are drawn, the largest."""

LINES = 2.5
"""Lines for each cluster that are drawn, the heaviest; fewer clusters than `ALL` have all."""

ALL = 8
"""Clusters up to which all lines are drawn, with their weights beside them."""

ALL_TOLD, TOLD = 5, 0.15
"""Clusters up to which all of these weights are written, and the share of the heaviest from which
they are for more, whose lines cross.
"""

NAMED = 60
"""Clusters up to which all are named; of more the largest are."""

LETTERS = 76
"""Letters of a line below the figure, which is no wider."""

SIDE = 5.0
"""Inches of the longer side."""

WIDEST, LEAST = 9.0, 3.0
"""Points of the widest line where clusters are few, and where they are many."""


def cluster_graph_figure(
    names: Sequence[str],
    sizes: np.ndarray,
    weight: np.ndarray,
    over_chance: np.ndarray,
    title: str = "",
    left_out: int = 0,
) -> Figure:
    """Clusters as discs, whose areas are their vertices, and the edges between them as lines, whose
    widths are their weight; near each other where there are more edges than by chance.

    Args:
        names: of the clusters, in their order.
        sizes: vertices of each, `[k]`.
        weight: of the edges between each two, `[k, k]`, symmetric; the diagonal is not looked at.
        over_chance: the same over what chance would put there.
        title: above the figure.
        left_out: smaller clusters that are not drawn.
    """
    from matplotlib.figure import Figure

    radii = np.sqrt(sizes / max(int(sizes.sum()), 1))
    radii = radii * 0.9 / max(float(np.sqrt(len(sizes))), 1.6) / max(float(radii.mean()), 1e-9)
    radii = np.clip(radii, 0.06, 0.6)
    places = places_of(over_chance)
    places = moved_apart(places * max(1.0, np.sqrt(len(sizes)) / 4), radii, 0.12)
    low, high = (places - radii[:, None]).min(axis=0), (places + radii[:, None]).max(axis=0)
    span = np.maximum(high - low, 0.5)
    inch = SIDE / float(span.max())
    height = float(np.clip(span[1] * inch, 1.0, SIDE)) + 0.9
    figure = Figure(figsize=(5.4, height), layout="constrained")
    axis = figure.subplots()
    shown = _lines(axis, places, radii, weight)
    _discs(axis, names, places, radii, inch, sizes)
    axis.set_xlim(low[0] - 0.1, high[0] + 0.1)
    axis.set_ylim(low[1] - 0.1, high[1] + 0.1)
    axis.set_aspect("equal")
    without_ticks(axis)
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.set_xlabel(_below(len(names), left_out, shown, _pairs(weight)), fontsize=8)
    headed(figure, title)
    return plain(figure)


def _pairs(weight: np.ndarray) -> int:
    return int((np.triu(weight, 1) > 0).sum())


def _below(k: int, left_out: int, shown: int, pairs: int) -> str:
    parts = ["area: vertices; width: weight of the edges between"]
    if left_out:
        parts.append(f"the largest {k:,} of {k + left_out:,} clusters")
    if shown < pairs:
        parts.append(f"the heaviest {shown:,} of {pairs:,} lines")
    return _in_lines(parts)


def _in_lines(parts: Sequence[str]) -> str:
    """Parts of a sentence on as few lines as their letters need, each whole on one."""
    lines = [parts[0]]
    for part in parts[1:]:
        together = f"{lines[-1]}; {part}"
        if len(together) <= LETTERS:
            lines[-1] = together
        else:
            lines[-1] += ";"
            lines.append(part)
    return "\n".join(lines)


def heaviest(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of clusters whose lines are drawn, those of least weight first: all of few
    clusters, else the heaviest, with the heaviest of each cluster among them.
    """
    tail, head = np.nonzero(np.triu(weight, 1))
    order = np.argsort(weight[tail, head], kind="stable")
    tail, head = tail[order], head[order]
    k = len(weight)
    if k <= ALL:
        return tail, head
    kept = np.zeros(len(tail), dtype=bool)
    kept[max(len(tail) - int(LINES * k), 0) :] = True
    for ends in (tail, head):  # written last is the heaviest
        last = np.full(k, -1)
        last[ends] = np.arange(len(ends))
        own = last[last >= 0]
        best = weight[tail[own], head[own]] >= weight.max(axis=1)[ends[own]]
        kept[own[best]] = True
    return tail[kept], head[kept]


def _lines(axis: Axes, places: np.ndarray, radii: np.ndarray, weight: np.ndarray) -> int:
    """Draw lines, and say how many."""
    from matplotlib.collections import LineCollection

    off_diagonal = np.where(np.eye(len(weight), dtype=bool), 0.0, weight)
    tail, head = heaviest(off_diagonal)
    if not len(tail):
        return 0
    values = off_diagonal[tail, head]
    share = values / values.max()
    widest = max(WIDEST * np.sqrt(ALL / max(len(weight), ALL)), LEAST)
    lines = np.stack([places[tail], places[head]], axis=1)
    axis.add_collection(
        LineCollection(
            list(lines), linewidths=np.maximum(widest * share, 0.4),
            colors=[str(each) for each in (0.86 - 0.3 * np.sqrt(share)).round(3)], zorder=1,
        )
    )  # fmt: skip
    if len(weight) <= ALL:
        length = np.hypot(*(places[head] - places[tail]).T)
        # Between the discs, and not in the middle, where the lines of four clusters cross.
        way = (radii[tail] + 0.4 * np.maximum(length - radii[tail] - radii[head], 0)) / length
        middle = places[tail] + way[:, None] * (places[head] - places[tail])
        least = 0.0 if len(weight) <= ALL_TOLD else TOLD * float(values.max())
        for (x, y), value in zip(middle[values >= least], values[values >= least], strict=True):
            axis.text(
                x, y, f"{value:,.4g}", fontsize=7, ha="center", va="center", zorder=1.5,
                bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "linewidth": 0},
            )  # fmt: skip
    return len(tail)


def _discs(
    axis: Axes,
    names: Sequence[str],
    places: np.ndarray,
    radii: np.ndarray,
    inch: float,
    sizes: np.ndarray,
) -> None:
    """Draw discs with the names of those that have room, and of the largest beside them."""
    from matplotlib.collections import EllipseCollection

    colours = distinct_colours(names)
    axis.add_collection(
        EllipseCollection(
            2 * radii, 2 * radii, np.zeros(len(radii)), units="xy", offsets=places,
            transOffset=axis.transData, facecolors=colours, edgecolors=EDGE, linewidths=0.6,
            zorder=2,
        )
    )  # fmt: skip
    light = dark(colours)
    named = np.argsort(-sizes, kind="stable")[:NAMED]
    for i in sorted(named.tolist()):
        (x, y), room = places[i], 2 * radii[i] * inch
        # A letter of 8 points is about a fourteenth of an inch wide.
        text = short(names[i], 12)
        inside = room > max(len(text) / 14, 0.14)
        axis.annotate(
            text, (x, y if inside else y - radii[i]), (0, 0 if inside else -1.5),
            textcoords="offset points", ha="center", va="center" if inside else "top",
            fontsize=8 if inside or len(names) <= 20 else 6,
            color="white" if inside and light[i] else "black", zorder=3,
        )  # fmt: skip
