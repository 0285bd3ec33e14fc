"""Colours of clusters for people who see few colours, and names as figures show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import one_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OKABE_ITO = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442",
)  # fmt: skip
"""Seven hues that stay apart for people who see few colours. Source: Okabe & Ito, "Color universal
design", 2008, without black, in which labels are written.
"""

SHADES = (0.0, -0.4, 0.5)
"""Shades of the hues in turn, from -1 for black to 1 for white: as they are, darker, paler."""

LONGEST = 22
"""Letters of a cluster's name in a figure."""

EDGE = "0.25"
"""Grey of outlines and thin lines."""


def distinct_colours(count: int) -> np.ndarray:
    """RGBA of each cluster, `[count, 4]`: seven hues as they are, then darker, then paler, and so
    on from the first; 21 differ.

    Those beyond, and all of them in grey, are told by the names that figures write beside them.
    """
    from matplotlib.colors import to_rgba_array

    hues = to_rgba_array(list(OKABE_ITO))
    position = np.arange(count)
    colours = hues[position % len(hues)].copy()
    shade = np.array(SHADES)[position // len(hues) % len(SHADES), None]
    towards = np.where(shade > 0, 1.0, 0.0)
    colours[:, :3] += (towards - colours[:, :3]) * np.abs(shade)
    return np.asarray(colours)


def dark(colours: np.ndarray) -> np.ndarray:
    """Tell which colours are dark: white letters are read on them, and black ones on others."""
    return np.asarray(colours[:, :3] @ np.array([0.299, 0.587, 0.114]) < 0.5)


def short(name: Any, most: int = LONGEST) -> str:
    """A name of a user's file on one line of so many letters at most."""
    return one_line(str(name), most)


def plain(figure: Figure) -> Figure:
    """The same figure, in which `$` is a sign like others: names of users are no formulas."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
    return figure
