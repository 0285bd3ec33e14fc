"""Figures of matplotlib as elements of a page whose policy allows no style in elements."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

from tvgnn_cli.plots.files import drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PRESENTED = frozenset((
    "fill", "fill-opacity", "fill-rule", "opacity", "stroke", "stroke-dasharray",
    "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit",
    "stroke-opacity", "stroke-width", "text-anchor", "font-size", "font-style", "font-weight",
    "image-rendering",
))  # fmt: skip
"""Properties of a style that SVG has an attribute for. Source: SVG 2, section 6.6."""

LEFT_OUT = ("metadata", "style", "title")
"""Elements that a page has no use for: the root says what matplotlib's style says of all."""

ROOT = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
"""Attributes in the place of the style sheet of a figure."""

_FONT = re.compile(
    r"(?:(?P<style>italic|oblique) )?(?:(?P<weight>bold|[1-9]00) )?(?P<size>[\d.]+px)\b"
)
_REFERRED = re.compile(r"(?<=#)[^)\s]+")
_FRACTION = re.compile(r"-?\d+\.\d{3,}(?![\de])")

ROUNDED = ("d", "x", "y", "width", "height", "points")
"""Attributes of lengths in points, of which a hundredth is seen by nobody."""


def inline_svg(figure: Figure, name: str, label: str) -> Markup:
    """A figure as an `svg` element: attributes in the place of styles, and ids that begin with its
    name, so that several stand in one page; the same for the same figure.

    Texts stay texts, which can be found and are read out.

    Args:
        figure: the figure.
        name: letters and dashes.
        label: the text that stands for it.
    """
    import matplotlib

    drawn = io.BytesIO()
    with (
        matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}),
        drawing(),  # the reader's fonts have letters that matplotlib's own lacks
    ):
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    root = ElementTree.fromstring(drawn.getvalue())
    kept = {
        found
        for element in root.iter()
        for value in element.attrib.values()
        if "#" in value
        for found in _REFERRED.findall(value)
    }
    for attribute, value in {**ROOT, "role": "img", "aria-label": label}.items():
        root.set(attribute, value)
    for attribute in ("version",):
        root.attrib.pop(attribute, None)
    return Markup("".join(_written(root, name, kept)))


def _written(element: ElementTree.Element, name: str, kept: set[str]) -> Iterator[str]:
    """Parts of the text of an element, without what stands behind it."""
    tag = _bare(element.tag)
    attributes = dict(_attributes(element, name, kept))
    inner = [child for child in element if _bare(child.tag) not in LEFT_OUT]
    text = "" if element.text is None or not element.text.strip() else escape(element.text)
    if tag == "defs" and not inner:
        return
    yield f"<{tag}" + "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    if not inner and not text:
        yield "/>"
        return
    yield f">{text}"
    for child in inner:
        yield from _written(child, name, kept)
    yield f"</{tag}>"


def _attributes(
    element: ElementTree.Element, name: str, kept: set[str]
) -> Iterator[tuple[str, str]]:
    """Attributes by their bare names, those of its style among them."""
    for key, value in element.attrib.items():
        bare = _bare(key)
        if bare == "style":
            yield from _presented(value)
        elif bare == "id":
            if value in kept:
                yield bare, f"{name}-{value}"
        elif bare in ("href", "clip-path"):
            at = f"#{name}-"
            yield bare, value if value.startswith("data:") else value.replace("#", at, 1)
        elif bare in ROUNDED:
            yield bare, _FRACTION.sub(_shortened, value).strip()
        elif bare != "space":
            yield bare, value


def _presented(style: str) -> Iterator[tuple[str, str]]:
    """A style as attributes."""
    for part in style.split(";"):
        key, _, value = part.partition(":")
        key, value = key.strip(), value.strip()
        if key in PRESENTED:
            yield key, value
        elif key == "font":
            font = _FONT.search(value)
            found = {} if font is None else font.groupdict()
            yield from ((f"font-{each}", text) for each, text in found.items() if text)


def _shortened(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


def _bare(name: str) -> str:
    """A name without its namespace: pages know what is SVG."""
    return name.rpartition("}")[2]
