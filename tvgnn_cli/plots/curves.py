"""Curves: a run's loss, the approximated variation (Figure 2), its fall (Figure 8), sharpness
(Figure 24).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES = ("-", "--", "-.", ":")
"""Styles of the lines of a panel, in turn: grey tells them apart."""


def loss_figure(runs: Mapping[str, Sequence[float]], kept: int | None = None) -> Figure:
    """The loss at each epoch of each run, by name.

    Args:
        runs: losses of each, training losses unless `kept` is given.
        kept: place of the epoch that is kept, in all of them; None for that of each one's least
            loss.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axis = figure.subplots()
    for (name, history), style in zip(runs.items(), _styles(len(runs)), strict=True):
        axis.plot(range(len(history)), history, style, color="0.15", label=name)
        best = int(np.argmin(history)) if kept is None else kept
        axis.plot(best, history[best], "o", color="0.15", markersize=5)
    what = "training loss" if kept is None else "loss"
    _labelled(axis, "epoch", f"{what} (dot: the epoch that is kept)")
    return figure


def variation_figure(
    panels: Mapping[str, tuple[np.ndarray, Mapping[str, np.ndarray]]],
    across: str,
    upwards: Mapping[str, str],
    *,
    logarithmic: bool = False,
) -> Figure:
    """A panel for each name: several curves over one axis.

    Args:
        panels: title to the values along the axis `[m]`, and name to the curve's heights `[m]`.
        across: what the axis is.
        upwards: title to what the heights are.
        logarithmic: whether heights are.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2 * len(panels), 3.4), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(panels)))
    for axis, (title, (along, curves)) in zip(axes, panels.items(), strict=True):
        shades = np.linspace(0.55, 0.0, len(curves))
        looks = zip(curves.items(), _styles(len(curves)), shades, strict=True)
        for (name, heights), style, shade in looks:
            axis.plot(along, heights, style, color=str(shade), label=name)
        axis.set_title(title, fontsize=10)
        if logarithmic:
            axis.set_yscale("log")
        _labelled(axis, across, upwards[title])
    return figure


def sharpness_figure(panels: Mapping[str, Mapping[str, np.ndarray]], across: str) -> Figure:
    """The largest probability of each vertex, a panel for each graph and a line for each method.

    Args:
        panels: title to name to largest probabilities `[n]`, in the order that is shown.
        across: what the order is.
    """
    heights = {
        title: (np.arange(len(next(iter(curves.values())))), curves)
        for title, curves in panels.items()
    }
    return variation_figure(heights, across, dict.fromkeys(panels, "largest probability"))


def _styles(count: int) -> list[str]:
    return [STYLES[i % len(STYLES)] for i in range(count)]


def _labelled(axis: Axes, across: str, upwards: str) -> None:
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    axis.set_xlabel(across, fontsize=9)
    axis.set_ylabel(upwards, fontsize=9)
    axis.tick_params(labelsize=8)
    axis.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axis.grid(alpha=0.3)
    axis.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
