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
    POINTS = "a decimal mark, with points at thousands: 1.234 or 1.234,5"
    EITHER = "a decimal mark or one of thousands: 1,234"


_GROUPED = r"^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+([.][0-9]+)?$"
_POINTED = r"^[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+(,[0-9]+)?$"
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
        if any(kind in (Commas.DECIMAL, Commas.POINTS) for kind, _ in found):
            found = [
                (told if told[0] is not Commas.NONE else _points(cells) or told)
                for told, cells in zip(found, columns, strict=True)
            ]
        sure = {kind for kind, _ in found} - {Commas.NONE, Commas.EITHER}
        sure = {Commas.DECIMAL if kind is Commas.POINTS else kind for kind in sure}
        agreed = sure.pop() if len(sure) == 1 else Commas.EITHER
        kinds = tuple(agreed if kind is Commas.EITHER else kind for kind, _ in found)
        return cls(kinds, tuple(example for _, example in found))

    def told(self, label: str) -> tuple[str, ...]:
        """Lines of the summary on numbers that are read so."""
        told = dict[Commas, str]()
        for kind, example in zip(self.of_column, self.example, strict=True):
            if kind not in (Commas.NONE, Commas.EITHER):
                told.setdefault(kind, f"'{example}' is read as {without_commas(example, kind)}")
        words = {
            Commas.DECIMAL: "decimal commas",
            Commas.GROUPS: "commas at thousands",
            Commas.POINTS: "points at thousands",
        }
        return tuple(f"numbers of {label} have {words[k]}: {said}" for k, said in told.items())


def without_commas(text: str, kind: Commas) -> str:
    """A number as programs write it."""
    if kind is Commas.POINTS:
        text = text.replace(".", "")
    return text.replace(",", "" if kind is Commas.GROUPS else ".")


def plain_numbers(cells: Any, kind: Commas) -> Any:
    """The cells of a column, without commas of that kind."""
    if kind in (Commas.NONE, Commas.EITHER):
        return cells
    if kind is Commas.POINTS:
        cells = pc.replace_substring(cells, ".", "")
    return pc.replace_substring(cells, ",", "" if kind is Commas.GROUPS else ".")


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
    return _points(cells) or (Commas.NONE, "")


def _points(cells: Any) -> tuple[Commas, str] | None:
    """The meaning of the points of a column that has them at thousands, and the first cell with
    one; None for other columns.
    """
    if cells is None:
        return None
    have = pc.match_substring(cells, ".")
    if not _any(have) or not _all(pc.match_substring_regex(cells.filter(have), _POINTED)):
        return None
    are_numbers = _are_numbers(plain_numbers(cells, Commas.POINTS))
    return (Commas.POINTS, str(cells.filter(have)[0].as_py())) if are_numbers else None


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
