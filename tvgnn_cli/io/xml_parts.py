"""A graph's rows and attributes as XML has them, the same in GraphML and GEXF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.written_numbers import TEXT
from tvgnn_cli.io.xml_text import XmlText

ROWS = 10_000
"""Vertices or edges whose text is held at a time."""


@dataclass(frozen=True)
class Attribute:
    """An attribute as a file declares it.

    Args:
        id: that elements with its values name.
        name: as people know it.
        column: its values.
    """

    id: str
    name: str
    column: Column

    @property
    def is_category(self) -> bool:
        """Tell whether its values are names, which a reader could take for numbers."""
        return not self.column.is_number and self.column.kind not in TEXT

    def elements(self, rows: slice, text: XmlText, start: str, end: str, quote: bool) -> list[str]:
        """The elements with its values in some rows, "" where there is no value.

        Args:
            rows: which.
            text: escapes values.
            start: what stands before a value.
            end: what stands after it.
            quote: whether that is a quote.
        """
        found = cells(self.column, rows, quote, text)
        return ["" if cell is None else f"{start}{cell}{end}" for cell in found]


def numbered(attributes: Mapping[str, Column], before: int, prefix: str = "") -> list[Attribute]:
    """Attributes with ids that count on after so many."""
    return [
        Attribute(f"{prefix}{number}", name, column)
        for number, (name, column) in enumerate(attributes.items(), before)
    ]


def distinct_edge_ids(graph: PropertyGraph, everywhere: bool) -> list[str] | None:
    """Ids of the edges, "" for those whose id came before; None where they have none.

    Args:
        graph: whose edges they are.
        everywhere: whether an id may come once only, else once for each pair of vertices.
    """
    if graph.edge_ids is None:
        return None
    ids: list[str] = graph.edge_ids.tolist()
    if len(set(ids)) == len(ids):
        return ids
    ends = zip(graph.tail.tolist(), graph.head.tolist(), strict=True)
    places = [() if everywhere else (min(pair), max(pair)) for pair in ends]
    first: dict[Any, int] = {}
    for number, place in enumerate(zip(ids, places, strict=True)):
        first.setdefault(place, number)
    kept = set(first.values())
    return [name if number in kept else "" for number, name in enumerate(ids)]


def parts(total: int) -> Iterator[slice]:
    """So many rows, `ROWS` at a time."""
    for first in range(0, total, ROWS):
        yield slice(first, min(first + ROWS, total))


def cells(column: Column, rows: slice, quote: bool, text: XmlText) -> list[str | None]:
    """The values of some rows as text for XML, None where there is none.

    Args:
        column: whose values.
        rows: which.
        quote: whether they stand between quotes, else between tags.
        text: escapes them.
    """
    values = column.values[rows]
    kind = values.dtype.kind
    found: list[str | None]
    if kind == "b":
        found = ["true" if value else "false" for value in values.tolist()]
    elif kind in "iu":
        found = list(map(str, values.tolist()))
    elif kind == "f":
        narrow = values.dtype == np.float32
        found = list(map(_endless, values.astype(str) if narrow else map(repr, values.tolist())))
    else:
        escape = text.quoted if quote else text.content
        found = [escape(str(value)) for value in values.tolist()]
    for row in np.flatnonzero(column.take(rows).absent).tolist():
        found[row] = None
    return found


def _endless(number: str) -> str:
    """Infinity as Java, C and Python know it."""
    return number.replace("inf", "Infinity") if "inf" in number else number


def narrow_type(column: Column, whole: str) -> str:
    """The type of a column among those that GraphML and GEXF share.

    Args:
        column: whose type.
        whole: what whole numbers of 32 bits are called.
    """
    kind = column.values.dtype.kind
    if kind == "b":
        return "boolean"
    if kind == "f":
        return "float" if column.kind == "float" else "double"
    if kind not in "iu":
        return "string"
    small = column.kind in _SMALL and bool((np.abs(column.values) < 2**31).all())
    return whole if small else "long"


_SMALL = ("int", "integer", "short", "byte", "int32_t", "int16_t", "uint8_t")
