"""Settings: what is known of each, the checks that are made of it, and their form in files."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, UsageError, did_you_mean
from tvgnn_cli.machine.small_files import read_small_text

INPUT, MODEL, TRAINING, SHAPE = "Input", "Model", "Training", "Shape"
"""Panels of help that settings stand in."""

TINY = 5e-324

ONE_SIDED = ("needs to be positive", "needs to be at least")
"""Beginnings of what a value out of range is told that name its lower end alone."""

FLOAT_MAX = 2**1023
"""A whole number that a float still holds."""

MOST = 2**20
"""Bytes of a file of settings, at most."""


@dataclass(frozen=True)
class Setting:
    """All that is known of a setting beside its type: checks and options are made of it.

    Args:
        help: what the command line says of it.
        panel: where it stands there.
        metavar: of its value; empty where choices stand.
        within: smallest and largest value.
        needs: what a value out of that range is told.
        choices: of a text.
        shown: what stands for the default where that is None.
        flags: of the option, where they are others than its name.
        pattern: of other texts than the choices that are fine too.
        is_open: whether the command line takes other texts, which it keeps apart.
    """

    help: str
    panel: str
    metavar: str = ""
    within: tuple[float, float] | None = None
    needs: str = ""
    choices: tuple[str, ...] = ()
    shown: str = ""
    flags: tuple[str, ...] = ()
    pattern: str = ""
    is_open: bool = False


LATER = "later"
"""Metadata of a field that came later than files which lack it."""


def setting(default: Any, text: str, panel: str, metavar: str = "", **others: Any) -> Any:
    """A field of the configuration; arguments as of `Setting`, and whether it came `later`."""
    later = others.pop(LATER, False)
    known = Setting(text, panel, metavar, **others)
    return field(default=default, metadata={"setting": known, LATER: later})


def without_later(config: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without those that came later and have their default, so that what is made of them
    is as before.
    """
    later = {e.name: e.default for e in dataclasses.fields(config) if e.metadata.get(LATER)}
    return {n: v for n, v in values.items() if n not in later or later[n] != v}


def settings_in(fields: Mapping[str, dataclasses.Field[Any]]) -> dict[str, Setting]:
    """All that is known of each field of a configuration."""
    return {name: entry.metadata["setting"] for name, entry in fields.items()}


def check(config: Any) -> None:
    """Refuse values of another type or out of their range, of a configuration whose fields are made
    by `setting`; numbers of other libraries become Python's.

    Raises:
        UsageError: naming the setting.
    """
    for entry in dataclasses.fields(config):
        known, value = entry.metadata["setting"], getattr(config, entry.name)
        if value is None and entry.default is None:
            continue
        if value is None:
            raise UsageError(f"`{entry.name}` is None; it needs a value")
        value = typed(entry, value)
        object.__setattr__(config, entry.name, value)  # it is frozen, and being made
        if known.within is not None and not known.within[0] <= value <= known.within[1]:
            above = _above(known, value)
            raise UsageError(f"`{entry.name}` is {_told(value)}{above}; {known.needs}")
        is_other = known.pattern and re.fullmatch(known.pattern, str(value))
        if known.choices and value not in known.choices and not is_other:
            raise UsageError(f"`{entry.name}` is '{value}'.{did_you_mean(value, known.choices)}")


def _above(known: Setting, value: float) -> str:
    """Text on the largest value, where one is above it and what is needed does not name it."""
    high = known.within[1] if known.within is not None else value
    is_silent = known.needs.startswith(ONE_SIDED)
    return f", above {high:,.0f}, the largest" if value > high and is_silent else ""


def typed(entry: dataclasses.Field[Any], value: Any) -> Any:
    """Take a value for a field: numpy's numbers, and an int where a float is due, are fine; all
    else must be what the field holds.

    Raises:
        UsageError: it is not.
    """
    kind = str(entry.type)
    if value is None and "None" in kind:
        return None
    wanted = next(t for t in (bool, int, float, str) if kind.startswith(t.__name__))
    value = _plain(value)
    if wanted is float and type(value) is int and abs(value) < FLOAT_MAX:
        return float(value)
    if type(value) is not wanted:
        raise UsageError(f"setting '{entry.name}' is {_told(value)}, not of type {wanted.__name__}")
    return value


def _plain(value: Any) -> Any:
    """Turn a number, truth value or text of another library into Python's own."""
    if isinstance(value, bool | str):
        return value if isinstance(value, bool) else str(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    return bool(value) if type(value).__name__ in ("bool_", "bool") else value


def _told(value: Any) -> str:
    """A value as messages show it."""
    try:
        return repr(value)
    except ValueError:  # Python's own, of a number of more than 4,300 digits
        return "a number of thousands of digits"


def differing(config: Any, start: Any) -> dict[str, Any]:
    """The settings that are not those of another configuration of the same kind."""
    names = (entry.name for entry in dataclasses.fields(config))
    return {n: getattr(config, n) for n in names if getattr(config, n) != getattr(start, n)}


def as_arguments(values: Mapping[str, Any]) -> str:
    """Values by name as arguments in Python: `impute='median', hidden=64`."""
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def arguments_in(text: str) -> dict[str, Any]:
    """The values by name of what `as_arguments` gives, of plain types; {} for something else."""
    try:
        (call,) = ast.parse(f"f({text})").body
        assert isinstance(call, ast.Expr)
        assert isinstance(call.value, ast.Call)
        return {str(each.arg): ast.literal_eval(each.value) for each in call.value.keywords}
    except (SyntaxError, ValueError, AssertionError):
        return {}


def read_config(path: Path) -> dict[str, Any]:
    """The settings of a TOML file.

    Raises:
        UsageError: the file cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(read_small_text(path, MOST))
    except InputError as error:
        raise UsageError(f"`config` {error}") from None
    except RecursionError:
        raise UsageError(f"`config` {path}: not TOML: lists in lists are too deep") from None
    except ValueError as error:  # also of numbers with too many digits
        raise UsageError(f"`config` {path}: not TOML: {error}") from None


def to_toml(values: Mapping[str, Any]) -> str:
    """TOML that `read_config` reads back; settings that are None are left out."""
    # JSON's strings, numbers and booleans are TOML's.
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None]
    return "\n".join(lines) + "\n"
