"""Facts of a file as the dataclass that declares them: all fields there, of their types and ranges.

    @dataclass(frozen=True)
    class Facts:
        steps: Annotated[int, Within(0, 1000)]
        names: tuple[str, ...]

    facts = declared(Facts, {"steps": 8, "names": []})

Types are `bool`, `int`, `float`, `str`, `None`, `Cell`, unions, `dict[str, T]`, `tuple[T, ...]`,
`tuple[A, B]`, dataclasses, and any of them `Annotated` with `Within`, `OneOf` or `Matching`.
Numbers are finite.
"""

from __future__ import annotations

import dataclasses
import math
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar, Union

from tvgnn_cli.config.setting import LATER
from tvgnn_cli.errors import UsageError

MOST = 2**63 - 1
"""Largest whole number that a file may hold."""

if TYPE_CHECKING:
    Cell = Any
else:
    Cell = bool | int | float | str | None
"""Type of a metric or of a setting's value: a single value of any type, NaN among them."""

T = TypeVar("T")


class MisfitError(ValueError):
    """A value that is not what is declared: where it is, what it is, and what is needed."""


class Rule(Protocol):
    """A rule for values of one type."""

    def lack(self, value: Any) -> str:
        """Say what a value would need; "" where it is fine."""


@dataclass(frozen=True)
class Within:
    """A smallest and a largest value."""

    low: float
    high: float

    def lack(self, value: Any) -> str:
        fits = self.low <= value <= self.high
        return "" if fits else f"needs to be from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class OneOf:
    """A few values."""

    values: tuple[str, ...]

    def lack(self, value: Any) -> str:
        return "" if value in self.values else f"known: {', '.join(self.values)}"


@dataclass(frozen=True)
class Matching:
    """A pattern, and what a text that has it is called."""

    pattern: str
    what: str

    def lack(self, value: Any) -> str:
        return "" if re.fullmatch(self.pattern, value, re.ASCII) else f"needs to be {self.what}"


def declared(kind: type[T], facts: Any, rest: Any = None) -> T:
    """The facts as an instance of a dataclass.

    Args:
        kind: the dataclass.
        facts: values by the names of its fields, in JSON's types.
        rest: type of values under other names, which are left out; None where there must be none.

    Raises:
        MisfitError: a field is missing, unknown, of another type or out of its range.
    """
    return typing.cast("T", _instance(kind, facts, "", rest))


def conform(kind: Any, value: Any, place: str = "") -> Any:
    """A value as a type; `place` is where it stands.

    Raises:
        MisfitError: it is none of that type.
    """
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return _ruled(kind, value, place)
    if kind == Cell or kind is Any:  # Any is what another declaration is compared with later
        return value if kind is Any else _cell(value, place)
    if origin in (Union, types.UnionType, dict, tuple):
        return COMPOSED[origin](typing.get_args(kind), value, place)
    is_declared = dataclasses.is_dataclass(kind)
    return _instance(kind, value, place) if is_declared else _plain(kind, value, place)


def _ruled(kind: Any, value: Any, place: str) -> Any:
    inner, *rules = typing.get_args(kind)
    found = conform(inner, value, place)
    for rule in rules:
        lack = "" if found is None else rule.lack(found)
        if lack:
            raise _misfit(place, value, lack)
    return found


def _one_of(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    others = [kind for kind in kinds if kind is not type(None)]
    if value is None and len(others) < len(kinds):
        return None
    if len(others) == 1:
        return conform(others[0], value, place)
    for kind in sorted(others, key=lambda kind: kind is float):  # an int stays one
        try:
            return conform(kind, value, place)
        except MisfitError:
            continue
    raise _misfit(place, value, f"needs to be {' or '.join(NAMES[kind] for kind in others)}")


def _mapping(kinds: tuple[Any, ...], value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _misfit(place, value, "needs to be an object")
    return {name: conform(kinds[1], each, _under(place, name)) for name, each in value.items()}


def _row(kinds: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _misfit(place, value, "needs to be a list")
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise _misfit(place, value, f"needs {len(kinds)} values")
    pairs = enumerate(zip(kinds, value, strict=True))
    return tuple(conform(kind, each, f"{place}[{i}]") for i, (kind, each) in pairs)


COMPOSED: dict[Any, Callable[[tuple[Any, ...], Any, str], Any]] = {
    Union: _one_of,
    types.UnionType: _one_of,
    dict: _mapping,
    tuple: _row,
}

NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def _plain(kind: Any, value: Any, place: str) -> Any:
    if isinstance(value, int) and not -MOST <= value <= MOST:
        raise _misfit(place, value, "needs to be a smaller number")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    is_other = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
    if is_other or (isinstance(value, float) and not math.isfinite(value)):
        raise _misfit(place, value, f"needs to be {NAMES[kind]}")
    return value


def _cell(value: Any, place: str) -> Any:
    is_large = isinstance(value, int) and not -MOST <= value <= MOST
    if is_large or not isinstance(value, bool | int | float | str | None):
        raise _misfit(place, value, "needs to be a single value")
    return value


def _instance(kind: Any, facts: Any, place: str, rest: Any = None) -> Any:
    if not isinstance(facts, dict):
        raise _misfit(place, facts, "needs to be an object")
    hints, later = _hints(kind), _later(kind)
    for name in hints:
        if name not in facts and name not in later:
            raise MisfitError(f"it has no {_shown(_under(place, name))}")
    for name in facts:
        if name in hints:
            continue
        if rest is None:
            raise MisfitError(f"it has {_shown(_under(place, name))}, which is unknown")
        conform(rest, facts[name], _under(place, name))
    values = {
        name: conform(hint, facts[name], _under(place, name))
        for name, hint in hints.items()
        if name in facts
    }
    try:
        return kind(**values)
    except UsageError as error:  # a configuration checks itself
        raise MisfitError(_shown(str(error), 120)) from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return {entry.name: hints[entry.name] for entry in dataclasses.fields(kind)}


@cache
def _later(kind: Any) -> frozenset[str]:
    """Fields that files of before may lack, which then have their default."""
    return frozenset(each.name for each in dataclasses.fields(kind) if each.metadata.get(LATER))


def _under(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _misfit(place: str, value: Any, need: str) -> MisfitError:
    return MisfitError(f"{_shown(place or 'what it holds')} is {_brief(value)}; {need}")


def _brief(value: Any) -> str:
    """A value in a few printable characters."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else f"a list of {len(value):,}"
    if isinstance(value, int) and not -MOST <= value <= MOST:
        return "a whole number of more than 63 bits"  # whose digits may be too many to be written
    return _shown(repr(value[:60] if isinstance(value, str) else value))


def _shown(text: str, most: int = 60) -> str:
    plain = "".join(c if c.isprintable() else "?" for c in text[: most + 1])
    return plain if len(plain) <= most else f"{plain[: most - 3]}..."
