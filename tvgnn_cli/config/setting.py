"""Settings: what is known of each, the checks that are made of it, and their form in files."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import UsageError, did_you_mean

INPUT, MODEL, TRAINING = "Input", "Model", "Training"
"""Panels of help that settings stand in."""

INFINITY = float("inf")
TINY = 5e-324


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
    """

    help: str
    panel: str
    metavar: str = ""
    within: tuple[float, float] | None = None
    needs: str = ""
    choices: tuple[str, ...] = ()
    shown: str = ""
    flags: tuple[str, ...] = ()


def setting(default: Any, text: str, panel: str, metavar: str = "", **others: Any) -> Any:
    """A field of the configuration; arguments as of `Setting`."""
    return field(default=default, metadata={"setting": Setting(text, panel, metavar, **others)})


def settings_in(fields: Mapping[str, dataclasses.Field[Any]]) -> dict[str, Setting]:
    """All that is known of each field of a configuration."""
    return {name: entry.metadata["setting"] for name, entry in fields.items()}


def check(config: Any) -> None:
    """Refuse values out of their range, of a configuration whose fields are made by `setting`.

    Raises:
        UsageError: naming the setting.
    """
    for entry in dataclasses.fields(config):
        known, value = entry.metadata["setting"], getattr(config, entry.name)
        if value is None and entry.default is None:
            continue
        if value is None:
            raise UsageError(f"`{entry.name}` is None; it needs a value")
        if known.within is not None and not known.within[0] <= value <= known.within[1]:
            raise UsageError(f"`{entry.name}` is {value}; {known.needs}")
        if known.choices and value not in known.choices:
            raise UsageError(f"`{entry.name}` is '{value}'.{did_you_mean(value, known.choices)}")


def typed(entry: dataclasses.Field[Any], value: Any) -> Any:
    """Take a value for a field: an int where a float is due is fine; anything else must be what
    the field holds.

    Raises:
        UsageError: it is not.
    """
    kind = str(entry.type)
    if value is None and "None" in kind:
        return None
    wanted = next(t for t in (bool, int, float, str) if kind.startswith(t.__name__))
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise UsageError(f"setting '{entry.name}' is {value!r}, not of type {wanted.__name__}")
    return value


def read_config(path: Path) -> dict[str, Any]:
    """The settings of a TOML file.

    Raises:
        UsageError: the file cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"`config` {path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"`config` {path}: not TOML: {error}") from None


def to_toml(values: Mapping[str, Any]) -> str:
    """TOML that `read_config` reads back; settings that are None are left out."""
    # JSON's strings, numbers and booleans are TOML's.
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None]
    return "\n".join(lines) + "\n"
