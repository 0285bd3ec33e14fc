"""Colours of clusters and classes that people with any colour vision tell apart."""

from __future__ import annotations

HUES = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#6a3d9a", "#8a8d00",
    "#5c4033", "#44546a",
)  # fmt: skip
"""Those of Okabe and Ito, "Color universal design", 2008, but for black, which is text, and yellow,
which white paper swallows; purple, olive, brown and slate after them.
"""

SHADES = (1.0, 0.62, 1.45)
"""Brightness of the hues in each round: as they are, darker, lighter."""


def cluster_colours(count: int) -> tuple[str, ...]:
    """A colour `#rrggbb` for each of `count` groups: ten hues, then their shades, then again."""
    rounds = (divmod(i, len(HUES)) for i in range(count))
    return tuple(_shaded(HUES[hue], SHADES[turn % len(SHADES)]) for turn, hue in rounds)


def _shaded(colour: str, brightness: float) -> str:
    """A colour nearer to black below 1, nearer to white above."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    if brightness <= 1:
        mixed = [part * brightness for part in parts]
    else:
        mixed = [255 - (255 - part) * (2 - brightness) for part in parts]
    return "#" + "".join(f"{round(part):02x}" for part in mixed)
