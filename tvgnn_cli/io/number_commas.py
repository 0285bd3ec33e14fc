"""Commas in columns of numbers: a decimal mark, a mark of thousands, or either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


class Commas(Enum):
    """The meaning of the commas in a column."""

    NONE = "none, or it is no column of numbers"
    DECIMAL = "a decimal mark: 0,5"
    GROUPS = "a mark of thousands: 1,234,567 or 1,234.5"
    EITHER = "a decimal mark or one of thousands: 1,234"


_GROUPED = r"^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+([.][0-9]+)?$"
_DECIMAL = r"^[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?$"


@dataclass(frozen=True)
class ReadCommas:
    """The meaning that commas have in a table, and an example of each.

    Args:
        of_column: for each column.
        example: the first cell with a comma in it; "" for none.
    """

    of_column: tuple[Commas, ...]
    example: tuple[str, ...]

    @classmethod
    def look(cls, columns: Sequence[Any]) -> ReadCommas:
        """Look at all cells of each column; one that may be either is as the others, where these
        agree.

        Args:
            columns: pyarrow's arrays of text, None for one that is not looked at.
        """
        found = [(Commas.NONE, "") if cells is None else _commas(cells) for cells in columns]
        sure = {kind for kind, _ in found} - {Commas.NONE, Commas.EITHER}
        agreed = sure.pop() if len(sure) == 1 else Commas.EITHER
        kinds = tuple(agreed if kind is Commas.EITHER else kind for kind, _ in found)
        return cls(kinds, tuple(example for _, example in found))

    def told(self, label: str) -> tuple[str, ...]:
        """Lines of the summary on numbers that are read so."""
        told = dict[Commas, str]()
        for kind, example in zip(self.of_column, self.example, strict=True):
            if kind in (Commas.DECIMAL, Commas.GROUPS):
                told.setdefault(kind, f"'{example}' is read as {without_commas(example, kind)}")
        words = {Commas.DECIMAL: "decimal commas", Commas.GROUPS: "commas at thousands"}
        return tuple(f"numbers of {label} have {words[k]}: {said}" for k, said in told.items())


def without_commas(text: str, kind: Commas) -> str:
    """A number as programs write it."""
    return text.replace(",", "." if kind is Commas.DECIMAL else "")


def plain_numbers(cells: Any, kind: Commas) -> Any:
    """The cells of a column, without commas of that kind."""
    if kind not in (Commas.DECIMAL, Commas.GROUPS):
        return cells
    return pc.replace_substring(cells, ",", "." if kind is Commas.DECIMAL else "")


def _commas(cells: Any) -> tuple[Commas, str]:
    have = pc.match_substring(cells, ",")
    if not _any(have):
        return Commas.NONE, ""
    with_comma = cells.filter(have)
    example = with_comma[0].as_py()
    pointed = _any(pc.match_substring(cells, "."))
    grouped = _all(pc.match_substring_regex(with_comma, _GROUPED))
    if grouped and _are_numbers(plain_numbers(cells, Commas.GROUPS)):
        twice = _any(pc.match_substring_regex(with_comma, ",.*,"))
        return (Commas.GROUPS if pointed or twice else Commas.EITHER), example
    decimal = not pointed and _all(pc.match_substring_regex(with_comma, _DECIMAL))
    if decimal and _are_numbers(plain_numbers(cells, Commas.DECIMAL)):
        return Commas.DECIMAL, example
    return Commas.NONE, ""


def _are_numbers(cells: Any) -> bool:
    try:
        pc.cast(cells, pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _any(mask: Any) -> bool:
    return bool(pc.any(mask).as_py())


def _all(mask: Any) -> bool:
    return bool(pc.all(mask).as_py())
