"""One line of a Pajek network: the label of a vertex, and what stands beside labels and weights."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from tvgnn_cli.errors import some_of
from tvgnn_cli.io.source import is_number

_VERTEX = re.compile(r'(\d+)(?:\s+(?:"((?:[^"]|""|(?<=\\)")*)"(?=\s|$)|([^\s"]+))\s*(\S.*)?)?')

_WORD = re.compile(r'"[^"]*"|\S+')

PARAMETERS = {
    "c", "p", "s", "a", "w", "l", "h1", "h2", "a1", "a2", "k1", "k2", "ap", "lp", "lr", "lphi",
    "lc", "la", "fos", "font", "tr", "hs", "width",
}  # fmt: skip
"""Words that begin what is said of the drawing of an edge; `l` its label."""

DRAWING = PARAMETERS | {
    "ic", "bc", "bw", "x_fact", "y_fact", "s_size", "size", "phi", "r", "q", "hooks", "lsize",
    "url",
}  # fmt: skip
"""Words that begin what is said of the drawing of a vertex."""

SHAPES = (
    "ellipse", "box", "diamond", "triangle", "cross", "empty", "house", "man", "woman", "circle",
)  # fmt: skip
"""Forms in which a vertex is drawn."""


def vertex_of(line: str) -> tuple[str, str, str] | None:
    """The number of a vertex, its label, and what follows; None for a line that is none."""
    found = _VERTEX.fullmatch(line)
    if found is None:
        return None
    number, quoted, bare, rest = found.groups()
    text = bare or ""
    if quoted is not None:
        text = quoted.replace('""', '"').replace('\\"', '"')
    return number, html.unescape(text) if "&" in text else text, rest or ""


class Beside:
    """Text of lines beside labels, ends and weights, of which only the names are kept."""

    def __init__(self) -> None:
        self.is_drawn = self.has_times = False
        self.unread: dict[str, dict[str, None]] = {"vertices": {}, "edges": {}}

    def of_vertex(self, rest: str) -> None:
        """Take what follows a label: places, a shape, and words with their values."""
        self.has_times = self.has_times or "[" in rest
        words = [word for word in _WORD.findall(rest) if word[0] != "["]
        places = next((i for i, word in enumerate(words) if not is_number(word)), len(words))
        shaped = places + (len(words) - places) % 2
        others = [word for word in words[places:shaped] if word.lower() not in SHAPES]
        others += [word for word in words[shaped::2] if word.lower() not in DRAWING]
        self.unread["vertices"].update(dict.fromkeys(others))
        self.is_drawn = self.is_drawn or len(words) > 2 * len(others)

    def of_edge(self, line: str) -> None:
        """Take a whole line, whose names follow its ends and its weight."""
        self.has_times = self.has_times or "[" in line
        words = [word for word in _WORD.findall(line) if word[0] != "["]
        first = next((i for i, word in enumerate(words) if _is_name(word)), len(words))
        names = [w for w in words[first::2] if w == "l" or w.lower() not in PARAMETERS]
        self.unread["edges"].update(dict.fromkeys(names))

    def notes(self) -> Iterator[str]:
        """Lines of the summary on it."""
        if self.is_drawn:
            yield "places and colours of vertices are not read"
        for what, words in self.unread.items():
            if words:
                shown = some_of(list(map(repr, words)))
                yield f"words in the lines of {what}, not read: {shown}"
        if self.has_times:
            yield "times ([1-5]) are not read: vertices and edges of any time count"


def _is_name(word: str) -> bool:
    """Tell whether a word is neither a number nor that of a relation, `1:`."""
    return not is_number(word.removesuffix(":"))
