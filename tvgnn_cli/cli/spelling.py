"""Spelling of settings: what lies below the command line names them, here they become options.

A message says "`num_clusters` is needed" or "`header=False` reads it as an edge", which is what a
caller from Python writes; on the command line it says "-k is needed" and "--no-header reads ...".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tvgnn_cli.errors import LONGEST, one_line

NAMED = re.compile(r"`([a-z_]+)(=False)?(?:=True)?`")
"""A setting in a message."""


def spelled(text: str) -> str:
    """Spell the settings of a message as the options that set them."""
    return NAMED.sub(_option, text) if "`" in text else text


def line_of(text: str, lead: str = "") -> str:
    """A message as the command line shows it: settings as options, one line, no control characters.

    Args:
        text: the message, which may hold text of a user's files.
        lead: what stands before it.
    """
    return f"{lead}{one_line(spelled(text), LONGEST)}"


def _option(found: re.Match[str]) -> str:
    on, off = _options().get(found[1], (found[0], found[0]))
    return off if found[2] else on


@cache
def _options() -> dict[str, tuple[str, str]]:
    """Options by the name of a setting: the one that sets it, and the one that turns it off."""
    from typer.main import get_command

    from tvgnn_cli.cli.main import app

    known: dict[str, tuple[str, str]] = {}
    for parameter in _parameters(get_command(app)):
        # Flags say on and off; where there is no flag for off, a message does not ask for it.
        shortest = min(parameter.opts, key=len)
        known.setdefault(parameter.name, (shortest, (*parameter.secondary_opts, "")[0]))
    return known


def _parameters(command: Any) -> Iterator[Any]:
    """The options of a command and of all below it."""
    yield from (each for each in command.params if each.opts[0].startswith("-"))
    for below in getattr(command, "commands", {}).values():
        yield from _parameters(below)
