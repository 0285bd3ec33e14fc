"""The values of each key of a GraphML or GEXF file, as they are met, and as columns."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.missing import MISSING
from tvgnn_cli.graph.property_graph import FALSE, TRUE, Column, column_of_texts, float_of, int_of
from tvgnn_cli.io.graphml_keys import FRACTIONS, GRAPHICS, LONGER, WHOLE, Key


class Values:
    """The values of one key for vertices ("node"), edges ("edge") or the graph ("graph"), each with
    its place.
    """

    def __init__(self, key: Key, domain: str) -> None:
        self.key, self.domain = key, domain
        self.rows = array("q")
        self.marks: dict[int, str] = {}
        self.values: Any = []
        if key.kind in WHOLE:
            self.values = array("q")
        elif key.kind in FRACTIONS:
            self.values = array("d")

    def add(self, row: int, text: str) -> None:
        """Take the text of a `<data>` element; a mark of a missing value is none.

        Raises:
            ValueError: it does not fit the type of the key; says why.
        """
        kind = self.key.kind
        if kind in FRACTIONS:
            try:
                value = float(text) if "_" not in text else math.nan
            except ValueError:
                value = math.nan
            if value != value:
                value = self._unusual(text)
            self.values.append(value)
        elif kind in WHOLE or kind in _READ:
            text = text.strip()
            if text in MISSING:
                return
            self.values.append(_READ.get(kind, _whole)(text))
        else:
            if text.strip() in MISSING:
                if text:
                    self.marks[row] = text
                return
            self.values.append(text.strip() if self.key.is_drawing else text)
        self.rows.append(row)

    def _unusual(self, text: str) -> float:
        text = text.strip()
        if text in MISSING:
            return math.nan
        try:
            return float_of(text)
        except ValueError:
            raise ValueError(f"{text[:40]!r} is not a number") from None

    def column(self, total: int) -> Column:
        """One value for each of so many vertices or edges, the key's default where there is none.

        Raises:
            ValueError: the default does not fit the type.
        """
        kind, default = self.key.kind, self.key.default
        if self.key.is_drawing:
            kind, default = "", None
        if not self.key.is_of(self.domain):
            default = None
        filler = None if default is None else self._default(default)
        rows = np.frombuffer(self.rows, np.int64) if self.rows else np.zeros(0, np.int64)
        if kind in WHOLE or kind in FRACTIONS:
            dtype = np.int64 if kind in WHOLE else np.float64
            given = np.frombuffer(self.values, dtype) if self.values else np.zeros(0, dtype)
        else:
            given = np.array(self.values, dtype=bool if kind == "boolean" else object)
        if len(rows) == total and bool((rows == np.arange(total)).all()):
            values, there = given.copy(), np.ones(total, dtype=bool)
        else:
            start = filler if filler is not None else ("" if given.dtype == object else 0)
            values = np.full(total, start, dtype=given.dtype)
            values[rows] = given
            there = np.full(total, filler is not None)
            there[rows] = True
        if values.dtype.kind == "f":
            there &= values == values
        for row, mark in self.marks.items():
            if not there[row]:
                values[row] = mark
        if (not kind and not self.key.is_drawing) or kind == LONGER:  # numbers where all are
            texts = np.where(there, values, "").tolist()
            return column_of_texts(texts)
        return Column(values, None if bool(there.all()) else ~there, kind)

    @property
    def has_repeats(self) -> bool:
        """Tell whether a vertex or an edge has several values."""
        rows = np.frombuffer(self.rows, np.int64) if self.rows else np.zeros(0, np.int64)
        rising = bool((rows[1:] > rows[:-1]).all())
        return not rising and len(np.unique(rows)) < len(rows)

    def _default(self, text: str) -> Any:
        one = Values(self.key, self.domain)
        one.add(0, text)
        return one.values[0] if one.values else None


def columns_of(
    domain: str,
    total: int,
    keys: Mapping[str, Key],
    values: Mapping[tuple[str, str], Values],
    label: str,
) -> dict[str, Column]:
    """The attributes of vertices, edges or the graph by name; keys tell apart two of one name.

    Args:
        domain: "node", "edge" or "graph".
        total: how many of them there are.
        keys: by id.
        values: by domain and id of their key.
        label: name of the file in messages.

    Raises:
        InputError: the default of a key does not fit its type.
    """
    columns: dict[str, Column] = {}
    met = [key for of, key in values if of == domain]
    for name_of_key in dict.fromkeys([*met, *keys]):
        key = keys[name_of_key]
        found = values.get((domain, key.id))
        if found is None and key.default is not None and key.is_of(domain):
            found = Values(key, domain)
        if found is None or (key.drawn == GRAPHICS[1]):
            continue
        try:
            column = found.column(total)
        except ValueError as error:
            if domain == "graph":  # no part of what is clustered
                continue
            raise InputError(
                f"{label}: the default of key '{key.id}' ({key.described}): {error}"
            ) from None
        columns[key.name if key.name not in columns else f"{key.name} ({key.id})"] = column
    return columns


def repeated(values: Mapping[tuple[str, str], Values]) -> tuple[str, ...]:
    """Lines of the summary on keys that a vertex or an edge has several times."""
    names = [found.key.name for found in values.values() if found.has_repeats]
    shown = ", ".join(map(repr, dict.fromkeys(names)))
    return (f"values that stand several times, of which the last counts: {shown}",) * bool(names)


def _whole(text: str) -> int:
    try:
        value: float = int_of(text)
    except ValueError:
        try:
            value = float_of(text)
        except ValueError:
            raise ValueError(f"{text[:40]!r} is not a whole number") from None
        if value % 1 != 0:
            raise ValueError(f"{text[:40]!r} is not a whole number") from None
    if not -(2**63) <= value < 2**63:
        raise ValueError(f'{text[:40]!r} is beyond 64 bits; declare attr.type="string"')
    return value if isinstance(value, int) else _exact(text, value)


def _exact(text: str, value: float) -> int:
    """The whole number that a text with a point or an exponent is, where a float has fewer digits.

    Args:
        text: not hexadecimal, or of no more digits than a float has.
        value: the text as a float.
    """
    try:
        return int(Decimal(text).to_integral_value())
    except InvalidOperation:
        return int(value)


def _longer(text: str) -> str:
    """The text of a whole number of any length."""
    for read in (int_of, float_of):
        try:
            if read(text) % 1 == 0:
                return text
        except ValueError:
            continue
    raise ValueError(f"{text[:40]!r} is not a whole number")


def _truth(text: str) -> bool:
    if text in TRUE or text == "1":
        return True
    if text in FALSE or text == "0":
        return False
    raise ValueError(f"{text[:40]!r} is neither true nor false")


_READ: dict[str, Callable[[str], Any]] = {"boolean": _truth, LONGER: _longer}
"""Readers of other values than numbers of one size, by kind."""
