"""Names that are empty, as a shell leaves them where a variable was not set: `-o "$OUT"`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from tvgnn_cli.errors import UsageError

PLACES = ("FILE", "DIR", "MODEL", "PREVIOUS", "GRAPH")
"""Parts of what stands for the values of options that are names of files and folders."""


def refuse_empty_names(params: Iterable[Any], words: Sequence[str]) -> None:
    """Refuse an empty name of a file or folder, which would stand for the default or for the
    current folder.

    Args:
        params: those that a command has.
        words: the command line after its name.

    Raises:
        UsageError: naming the option.
    """
    valued = {flag: each for each in params for flag in each.opts if _takes_a_value(each)}
    for before, word in pairwise(["", *words]):
        if word and not word.endswith("="):
            continue
        flag = word.removesuffix("=") or before
        if flag in valued and not any(each in str(valued[flag].metavar) for each in PLACES):
            continue
        if flag in valued or not word:
            named = flag if flag in valued else "an argument"
            raise UsageError(f"{named} is empty; give a name (a shell variable may not be set)")


def _takes_a_value(param: Any) -> bool:
    return param.param_type_name == "option" and not getattr(param, "is_flag", False)
