"""Figures as files."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvgnn_cli.errors import UsageError, some_of
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.machine.libraries import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")


def require_matplotlib() -> None:
    """Refuse before any work.

    Raises:
        UsageError: matplotlib is not installed.
    """
    require("matplotlib", "plots need matplotlib: pip install 'tvgnn[plot]'")


def is_drawn() -> bool:
    """Tell whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


_GLYPH = re.compile(r"Glyph (\d+) .*missing from font")


@contextmanager
def drawing() -> Iterator[list[str]]:
    """Draw without matplotlib's warnings, which name its own code: a figure whose names leave no
    room for the rest is drawn as it is. Letters that its font lacks are listed.
    """
    lacking: list[str] = []
    with warnings.catch_warnings():
        warn = warnings.showwarning

        def hear(message: Warning | str, *where: Any) -> None:
            found = _GLYPH.match(str(message))
            if found is None:
                warn(message, *where)
            elif (letter := chr(int(found[1]))) not in lacking:
                lacking.append(letter)

        warnings.filterwarnings("ignore", "constrained_layout not applied")
        warnings.filterwarnings("always", _GLYPH.pattern)
        warnings.showwarning = hear  # type: ignore[assignment]
        yield lacking


def save_figure(figure: Figure, path: Path) -> tuple[str, ...]:
    """Write a figure whole or not at all, in the form that its suffix names.

    Returns:
        What is to be said of it.

    Raises:
        UsageError: the target cannot be written, or its suffix names no form.
    """
    import matplotlib

    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: a figure is one of {', '.join(SUFFIXES)}")
    buffer = io.BytesIO()
    # Else names in it are random.
    with matplotlib.rc_context({"svg.hashsalt": "tvgnn"}), drawing() as lacking:
        figure.savefig(
            buffer, format=path.suffix.lstrip(".").lower(), dpi=150, metadata=_no_date(path)
        )
    drawn = buffer.getvalue()
    write_atomically(path, with_palette(drawn) if path.suffix.lower() == ".png" else drawn)
    if not lacking:
        return ()
    return (
        f"boxes stand for letters that the figure's font lacks: {some_of(lacking)}; font.family in "
        "matplotlib's settings names another font",
    )


def with_palette(png: bytes) -> bytes:
    """The same picture in the 256 colours that come nearest to its own: the eye sees none of the
    difference, and thousands of thin lines take less than half the bytes.
    """
    from PIL import Image  # which matplotlib brings

    held = io.BytesIO(png)
    with Image.open(held) as picture:
        colours = picture.convert("RGB").quantize(
            256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
        small = io.BytesIO()
        colours.save(small, "PNG", optimize=True, dpi=picture.info.get("dpi"))
    return small.getvalue()


def _no_date(path: Path) -> dict[str, None]:
    """Without the date, so that the same figure is the same file."""
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix.lower(), {})
