"""Every setting of a run as an option, made of what `config` knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tvgnn_cli.cli.completion import methods
from tvgnn_cli.cli.groups import Given
from tvgnn_cli.config import FIELDS, Setting, read_config
from tvgnn_cli.config import SETTINGS as KNOWN
from tvgnn_cli.errors import UsageError

COMPLETED = {"method": methods}
"""Settings whose values are too many to be listed as choices, and what completes them."""

NUMBER, SEVERAL = "num_clusters", "choose_from"
"""Fields of one option: a number of clusters, or a text that names several."""

TYPES = {"bool": bool, "int": int, "float": float, "str": str}


def options_of(
    fields: Mapping[str, Field[Any]], known: Mapping[str, Setting], completed: Mapping[str, Any]
) -> dict[str, Any]:
    """An option for each field of a configuration, whose default the preset decides.

    Args:
        fields: of the configuration, by name.
        known: what is known of each.
        completed: what completes those whose values are too many to be listed as choices.
    """
    return {name: _option(fields[name], known[name], completed.get(name)) for name in known}


def _option(entry: Field[Any], known: Setting, completed: Any, shown: str | None = None) -> Any:
    listed = bool(known.choices) and completed is None and not known.is_open
    kind: Any = Literal[known.choices] if listed else TYPES[str(entry.type).split(" | ")[0]]
    kind = str if entry.name == NUMBER else kind
    declared = typer.Option(
        *(known.flags or (f"--{entry.name.replace('_', '-')}",)),
        metavar=known.metavar or _open_metavar(known),
        rich_help_panel=known.panel,
        help=known.help,
        show_default=shown or (known.shown if entry.default is None else str(entry.default)),
        autocompletion=completed,
    )
    return Annotated[kind | None, declared]


def _open_metavar(known: Setting) -> str | None:
    """Choices, and a file beside them, where one is taken."""
    return "|".join((*known.choices, "FILE")) if known.is_open else None


SETTINGS = options_of(FIELDS, {n: each for n, each in KNOWN.items() if n != SEVERAL}, COMPLETED)
"""By field of `ClusterConfig`, in the order of the help text."""


def defaulting(name: str, shown: str) -> Any:
    """Make the option of a setting for a command that has a default of its own."""
    return _option(FIELDS[name], KNOWN[name], COMPLETED.get(name), shown)


def with_file(settings: Given, file: Path | None) -> dict[str, Any]:
    """Join the settings that are given to those of a file, over which they win.

    Raises:
        UsageError: the file cannot be read, is not TOML, or has no name where a file is due.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    if file is None:
        return given
    read = read_config(file)
    for name, value in read.items():
        is_open = name in KNOWN and KNOWN[name].is_open
        if is_open and not (isinstance(value, str) and value):
            raise UsageError(f"`config` {file}: setting '{name}' is {value!r:.40}, no file's name")
    return {**read, **given}
