"""Every setting of a run as an option, made of what `config` knows of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tvgnn_cli.cli.completion import methods
from tvgnn_cli.cli.groups import Given
from tvgnn_cli.config import FIELDS, read_config
from tvgnn_cli.config import SETTINGS as KNOWN

COMPLETED = {"method": methods}
"""Settings whose values are too many to be listed as choices, and what completes them."""

TYPES = {"bool": bool, "int": int, "float": float, "str": str}


def _option(name: str) -> Any:
    """An option for a field of the configuration, whose default the preset decides."""
    known = KNOWN[name]
    listed = bool(known.choices) and name not in COMPLETED
    kind: Any = Literal[known.choices] if listed else TYPES[str(FIELDS[name].type).split(" | ")[0]]
    default = FIELDS[name].default
    declared = typer.Option(
        *(known.flags or (f"--{name.replace('_', '-')}",)),
        metavar=known.metavar or None,
        rich_help_panel=known.panel,
        help=known.help,
        show_default=known.shown if default is None else str(default),
        autocompletion=COMPLETED.get(name),
    )
    return Annotated[kind | None, declared]


SETTINGS: dict[str, Any] = {name: _option(name) for name in KNOWN}
"""By field of `ClusterConfig`, in the order of the help text."""


def with_file(settings: Given, file: Path | None) -> dict[str, Any]:
    """Join the settings that are given to those of a file, over which they win.

    Raises:
        UsageError: the file cannot be read or is not TOML.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    return given if file is None else {**read_config(file), **given}
