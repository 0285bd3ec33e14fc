"""The settings that a sweep goes over, and their values."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from tvgnn_cli.config import FIELDS, ClusterConfig, make_config, without_files
from tvgnn_cli.errors import UsageError, did_you_mean
from tvgnn_cli.methods import DEFAULT, METHODS

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
        name = _setting(name)
        parts = text.split("..")
        try:
            if len(parts) in (2, 3):
                low, high, *step = (int(part) for part in parts)
                values: Sequence[Any] = range(low, high + 1, *step)
            else:
                values = [_value(word.strip()) for word in text.split(",")]
        except ValueError:
            values = ()
        if not values or len(set(values)) < len(values):
            raise UsageError(f"{_flag(name)} is '{text}'; write 2..20, 2..20..3 or 2,3,5")
        return cls(name, tuple(values))

    @classmethod
    def of(cls, name: str, values: str | Iterable[Any]) -> Axis:
        """Values as such, or as text that `parse` takes.

        Raises:
            UsageError: no such setting, no values, or one twice.
        """
        if isinstance(values, str):
            return cls.parse(name, values)
        if not isinstance(values, Iterable):
            raise UsageError(f"{_flag(_setting(name))} is {values!r}; give several values")
        # numpy's numbers are no Python numbers, which settings are checked for.
        found = tuple(getattr(value, "item", lambda value=value: value)() for value in values)
        if not found or len(set(found)) < len(found):
            raise UsageError(f"{_flag(_setting(name))} is {list(found)}; give different values")
        return cls(_setting(name), found)


def _setting(name: str) -> str:
    """The field of the configuration that a name of an axis stands for."""
    name = {"k": "num_clusters"}.get(name, name.replace("-", "_"))
    if name not in FIELDS or name == "restarts":
        raise UsageError(f"`over` {name}: no such setting.{did_you_mean(name, FIELDS)}")
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
    named = {} if clusters is None else {"num_clusters": clusters}
    axes = [Axis.of(name, values) for name, values in (*named.items(), *others.items())]
    if not axes:
        raise UsageError("nothing to sweep over: give num_clusters=range(2, 21) or over={...}")
    return axes


def _value(word: str) -> Any:
    if not word:
        raise ValueError
    for read in (json.loads, float):  # which takes .5 and 1. as options do
        with suppress(ValueError):
            value = read(word)
            return word if isinstance(value, list | dict) else value
    return word


def _flag(name: str) -> str:
    return "`num_clusters`" if name == "num_clusters" else f"`over` {name}"


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
    grid = itertools.product(*(axis.values for axis in axes))
    return [dict(zip(names, values, strict=True)) for values in grid]


def _configuration(settings: Mapping[str, Any]) -> ClusterConfig:
    """With `RESTARTS` where the method has any and none are asked for."""
    method = METHODS.get(str(settings.get("method") or DEFAULT))
    several = {"restarts": RESTARTS} if method is None or method.is_trained else {}
    given = {name: value for name, value in settings.items() if value is not None}
    return make_config({**several, **given})
