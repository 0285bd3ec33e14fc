"""Parts that figures of several methods or data sets share: a grid of panels, colours, a sample."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL = 2.9
"""Inches of a panel."""

LETTERS = 9
"""Letters of a title on an inch."""

HUES = (
    "#1b0c5a", "#8b0a1a", "#0b5d1e", "#7b2cbf", "#b5530b", "#2a86c4", "#e0579f", "#74bd45",
    "#f5a42a", "#7fdcef", "#f6e05e",
)  # fmt: skip
"""From dark to light."""


def panel_grid(count: int, rows: int = 1, beside: float = 0.0) -> tuple[Figure, list[Axes]]:
    """A figure with so many square panels, in `rows` rows, and inches beside them for a legend."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = -(-count // rows)
    # Between rows, what is written below one and above the next.
    layout = ConstrainedLayoutEngine(h_pad=0.1)
    size = PANEL * columns + 0.9 + beside, PANEL * rows + 0.5
    figure = Figure(figsize=size, layout=layout)
    panels = list(np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel())
    for panel in panels[count:]:
        panel.set_axis_off()
    return figure, panels[:count]


def headed(figure: Figure, title: str) -> None:
    """Put a title above all panels; one that is too long, as a file's, takes a second line."""
    width = max(int(LETTERS * figure.get_figwidth()), 1)
    lines = textwrap.wrap(printable(title), width) or [""]
    # Names of files are no formulas.
    figure.suptitle("\n".join(lines), fontsize=11).set_parse_math(False)


def cluster_colours(count: int) -> np.ndarray:
    """RGBA of each cluster, `[count, 4]`: of different hues; up to eleven go from dark to light, so
    that grey tells them apart too.
    """
    from matplotlib import colormaps

    if count > len(HUES):
        return np.asarray(colormaps["turbo"](np.linspace(0, 1, count)))
    from matplotlib.colors import to_rgba_array

    chosen = np.linspace(0, len(HUES) - 1, count).round().astype(int)
    return np.asarray(to_rgba_array([HUES[i] for i in chosen]))


def sampled(groups: np.ndarray, most: int, seed: int = 0) -> np.ndarray:
    """Positions of vertices, sorted by group: all of them, or a random sample of `most`."""
    positions = np.arange(len(groups))
    if len(groups) > most:
        positions = np.sort(np.random.default_rng(seed).choice(len(groups), most, replace=False))
    return np.asarray(positions[np.argsort(groups[positions], kind="stable")])


def without_ticks(panel: Any) -> None:
    panel.set_xticks([])
    panel.set_yticks([])
