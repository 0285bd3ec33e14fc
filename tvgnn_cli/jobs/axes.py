"""The settings that a sweep goes over, and their values."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from tvgnn_cli.config import FIELDS, ClusterConfig, make_config, without_files
from tvgnn_cli.config.numbers import MOST, SPAN
from tvgnn_cli.errors import UsageError, did_you_mean
from tvgnn_cli.methods import DEFAULT, METHODS

CLUSTERS = "num_clusters"

SWEPT = [name for name in FIELDS if name not in ("restarts", "choose_from")]
"""Settings whose values are compared."""

MOST_COMBINATIONS = 10_000
"""Runs that a sweep may have."""

RESTARTS = 3
"""Restarts of each value where none are asked for: fewer say nothing of agreement."""


@dataclass(frozen=True)
class Axis:
    """A setting and the values that it takes."""

    name: str
    values: tuple[Any, ...]

    @classmethod
    def parse(cls, name: str, text: str) -> Axis:
        """`2..20` (whole numbers), `2..20..3` (each third), or `0.1,0.2,0.5`.

        Raises:
            UsageError: no such setting, or no such values.
        """
        name, span = _setting(name), SPAN.fullmatch(text.replace(" ", ""))
        if span is None:
            values: Sequence[Any] = [_value(word.strip()) for word in text.split(",")]
        else:
            low, high, step = int(span[1]), int(span[2]), int(span[3] or 1)
            values = range(low, high + 1, step) if step else ()
        if len(values) > MOST:
            raise UsageError(
                f"{_flag(name)} names {len(values):,} values; at most {MOST:,} are tried"
            )
        if not values or "" in values:
            raise UsageError(f"{_flag(name)} is '{text}'; {_form(name)}")
        return cls(name, _checked(name, values, f"'{text}'"))

    @classmethod
    def of(cls, name: str, values: str | Iterable[Any]) -> Axis:
        """Values as such, or as text that `parse` takes.

        Raises:
            UsageError: no such setting, no values, or one twice.
        """
        if isinstance(values, str):
            return cls.parse(name, values)
        name = _setting(name)
        if not isinstance(values, Iterable):
            raise UsageError(f"{_flag(name)} is {values!r}; give several values")
        # numpy's numbers are no Python numbers, which settings are checked for.
        found = [getattr(value, "item", lambda value=value: value)() for value in values]
        if not found:
            raise UsageError(f"{_flag(name)} is {found}; give different values")
        return cls(name, _checked(name, found, str(found)))


def _checked(name: str, values: Sequence[Any], told: str) -> tuple[Any, ...]:
    """The values, of which none is there twice; numbers of clusters are whole.

    Raises:
        UsageError: there is another.
    """
    if name == CLUSTERS:
        values = [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]
        if any(type(value) is not int for value in values):
            raise UsageError(f"{_flag(name)} is {told}; {_form(name)}")
    twice = next((value for at, value in enumerate(values) if value in values[:at]), None)
    if twice is not None:
        raise UsageError(f"{_flag(name)} is {told}, with {twice} twice; give different values")
    return tuple(values)


def _form(name: str) -> str:
    """Say how values are written."""
    if name == CLUSTERS:
        return "write 2..20, 2..20..3 or 2,3,5"
    return "write values between commas, or whole numbers as 2..20"


def _setting(name: str) -> str:
    """The field of the configuration that a name of an axis stands for."""
    name = {"k": CLUSTERS}.get(name, name.replace("-", "_"))
    if name == "restarts":
        raise UsageError("`over` restarts: no such setting to compare: give all values as many")
    if name not in SWEPT:
        raise UsageError(f"`over` {name}: no such setting.{did_you_mean(name, SWEPT)}")
    return name


def parse_axes(clusters: str | None, others: Iterable[str]) -> list[Axis]:
    """The axes that `-k` and each `NAME=VALUES` name.

    Raises:
        UsageError: none, or one that is no axis.
    """
    named = [("k", clusters)] if clusters is not None else []
    for text in others:
        name, sign, values = text.partition("=")
        if not sign:
            raise UsageError(f"`over` is '{text}'; write NAME=VALUES: lr=1e-4,3e-4")
        named.append((name, values))
    if not named:
        raise UsageError("nothing to sweep over: give `num_clusters` 2..20 or `over` NAME=VALUES")
    return [Axis.parse(name, values) for name, values in named]


def axes_of(
    clusters: str | Iterable[Any] | None, others: Mapping[str, str | Iterable[Any]]
) -> list[Axis]:
    """The axes of numbers of clusters and of other settings by name.

    Raises:
        UsageError: none, or one that is no axis.
    """
    if not isinstance(others, Mapping):
        raise UsageError(
            f"`over` is {others!r}; needs to be values by name, {{'lr': [1e-4, 1e-3]}}"
        )
    named = {} if clusters is None else {CLUSTERS: clusters}
    axes = [Axis.of(name, values) for name, values in (*named.items(), *others.items())]
    if not axes:
        raise UsageError("nothing to sweep over: give num_clusters=range(2, 21) or over={...}")
    return axes


def _value(word: str) -> Any:
    for read in (json.loads, float):  # which takes .5 and 1. as options do
        with suppress(ValueError):
            value = read(word)
            return word if isinstance(value, list | dict) else value
    return word


def _flag(name: str) -> str:
    return "`num_clusters`" if name == CLUSTERS else f"`over` {name}"


def configurations(settings: Mapping[str, Any], axes: Sequence[Axis]) -> list[ClusterConfig]:
    """One configuration for each combination of values.

    Raises:
        UsageError: a value that its setting cannot take, a partition beside settings.
    """
    files = without_files(settings)[1]
    if files:
        raise UsageError(f"`{next(iter(files))}`: a sweep takes no clusters beside its graph")
    return [_configuration({**settings, **values}) for values in _grid(axes)]


def variations(config: ClusterConfig, axes: Sequence[Axis]) -> list[ClusterConfig]:
    """A configuration with each combination of values in place of its own.

    Raises:
        UsageError: a value that its setting cannot take.
    """
    for axis in axes:
        if axis.name in ("method", "preset"):
            raise UsageError(f"over={axis.name}: other settings follow from it; give no config")
    return [replace(config, **values) for values in _grid(axes)]


def _grid(axes: Sequence[Axis]) -> list[dict[str, Any]]:
    """Each combination of values, by name."""
    names = [axis.name for axis in axes]
    if len(set(names)) < len(names):
        raise UsageError(f"a setting is swept twice: {', '.join(names)}")
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST_COMBINATIONS:
        raise UsageError(
            f"the settings have {count:,} combinations of values; at most {MOST_COMBINATIONS:,} "
            "are tried"
        )
    grid = itertools.product(*(axis.values for axis in axes))
    return [dict(zip(names, values, strict=True)) for values in grid]


def _configuration(settings: Mapping[str, Any]) -> ClusterConfig:
    """With `RESTARTS` where the method has any and none are asked for."""
    method = METHODS.get(str(settings.get("method") or DEFAULT))
    several = {"restarts": RESTARTS} if method is None or method.is_trained else {}
    given = {name: value for name, value in settings.items() if value is not None}
    return make_config({**several, **given})
