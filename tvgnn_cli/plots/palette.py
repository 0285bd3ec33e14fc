"""Colours of clusters for people who see few colours, and names as figures show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import one_line
from tvgnn_cli.graph.labels import has_noise

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HUES = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#6a3d9a", "#8a8d00",
    "#5c4033", "#44546a",
)  # fmt: skip
"""Hues that stay apart for people who see few colours: six of Okabe & Ito, "Color universal
design", 2008, without black, in which labels are written, and yellow, which white paper swallows;
then purple, olive, brown and slate.
"""

SHADES = (1.0, 0.62, 1.45)
"""Brightness of the hues in each round: as they are, darker, paler."""

LONGEST = 22
"""Letters of a cluster's name in a figure."""

NO_CLUSTER = "#b4b4b4"
"""Grey of vertices that are in no cluster."""

EDGE = "0.25"
"""Grey of outlines and thin lines."""


def cluster_hues(count: int) -> tuple[str, ...]:
    """A colour `#rrggbb` for each cluster: ten hues as they are, then darker, then paler, and so on
    from the first; 30 differ.

    Those beyond, and all of them in grey, are told by the names that figures write beside them.
    """
    rounds = (divmod(i, len(HUES)) for i in range(count))
    return tuple(_shaded(HUES[hue], SHADES[turn % len(SHADES)]) for turn, hue in rounds)


def hues_of(names: Sequence[str]) -> tuple[str, ...]:
    """The same of clusters by name; vertices that are in none, of cluster -1, are grey."""
    bare = int(has_noise(names))
    return (NO_CLUSTER,) * bare + cluster_hues(len(names) - bare)


def distinct_colours(names: Sequence[str]) -> np.ndarray:
    """Those of `hues_of` as RGBA, `[k, 4]`."""
    from matplotlib.colors import to_rgba_array

    return np.asarray(to_rgba_array(list(hues_of(names))))


def _shaded(colour: str, brightness: float) -> str:
    """A colour nearer to black below 1, nearer to white above."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    white = 255 * max(brightness - 1, 0.0)
    mixed = [part * (1 - abs(brightness - 1)) + white for part in parts]
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


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
