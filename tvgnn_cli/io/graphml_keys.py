"""The keys of a GraphML or GEXF file: what it declares attributes to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WHOLE = ("int", "integer", "long", "short", "byte", "int32_t", "int64_t", "int16_t", "uint8_t")
FRACTIONS = ("float", "double", "real", "number", "long double", "decimal", "bigdecimal")
LONGER = "biginteger"
"""Kind of whole numbers of any length."""

GRAPHICS = ("nodegraphics", "edgegraphics")

CATEGORY = "category"
"""Kind of an attribute whose values are names, numbers among them too. GraphML says so in a
`<desc>` of the key, GEXF by listing the values as `<options>`."""


@dataclass
class Key:
    """Declaration of an attribute, by a `<key>` element.

    Args:
        id: what `<data key=...>` names.
        name: of the attribute.
        domain: "node", "edge", "graph", "all", ...
        kind: declared type; empty where none is.
        drawn: type of the drawing that yEd declares; empty for others.
        default: value of what has none, as text.
    """

    id: str
    name: str
    domain: str
    kind: str = ""
    drawn: str = ""
    default: str | None = None

    def make_category(self) -> None:
        """Take its text for names, even where all of them are numbers."""
        if self.kind in ("", "string", "text"):
            self.kind = CATEGORY

    @property
    def is_drawing(self) -> bool:
        """Tell whether values are XML, of which only a text is read."""
        return bool(self.drawn) or (not self.kind and self.name == "NodeLabels")

    @property
    def described(self) -> str:
        return f"attribute '{self.name}', {self.kind or 'no type'}"

    def is_of(self, domain: str) -> bool:
        """Tell whether it is declared for vertices ("node") or edges ("edge"). Values count where
        they stand, since some programs declare all keys for vertices; a default where it is
        declared.
        """
        return self.domain in (domain, "all", "")


def key_of(attributes: Mapping[str, str]) -> Key:
    """The key that a start tag declares."""
    drawn = next((v for k, v in attributes.items() if k.endswith("files.type")), "")
    name = attributes.get("attr.name") or ("label" if drawn == GRAPHICS[0] else attributes["id"])
    kind = attributes.get("attr.type", "").strip().lower().removeprefix("xs:").removeprefix("xsd:")
    return Key(attributes["id"], name, attributes.get("for", "all"), kind, drawn)


class Keys:
    """All keys of a file. The same id may be declared once for vertices and once for edges."""

    def __init__(self) -> None:
        self.last: Key | None = None
        self._declared: dict[tuple[str, str], Key] = {}
        self._any: dict[str, Key] = {}

    def add(self, key: Key) -> None:
        """Take one that the file declares."""
        self.last = self._any[key.id] = self._declared[key.id, key.domain] = key

    def find(self, name: str, domain: str) -> Key | None:
        """The one of that id: declared for vertices ("node"), edges ("edge") or the graph, else
        for anything.
        """
        return self._declared.get((name, domain)) or self._any.get(name)

    def of(self, domain: str) -> dict[str, Key]:
        """Those that values of vertices, edges or the graph may have, by id."""
        return {name: self.find(name, domain) or key for name, key in self._any.items()}
