"""Options for reading a graph as Python gives them, checked and in one form."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.errors import UsageError
from tvgnn_cli.io.wanted import ALL, AUTO, IMPUTED, NONE, KnownColumns, ModelFills

_NAMES = ("weight", "source", "target", "id_attr", "label_attr")
TOLD = ("features", "feature_attrs", "impute", *_NAMES, "header")
"""Options that decide what is clustered; those of true classes may keep a column from being a
feature."""
_FLAGS = ("header", "offline", "keep_attributes")


def checked_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same options, the number of a column as text, and names in a list too.

    The list stays where features are a DataFrame, whose columns keep their order.

    Raises:
        UsageError: a value of another type.
    """
    found = dict(options)
    for name in _NAMES:
        if name in found:
            found[name] = _name(name, found[name])
    for name in _FLAGS:
        flag = found.get(name)
        if not (flag is None or (isinstance(flag, int | np.bool_) and flag in (0, 1))):
            raise UsageError(f"`{name}` is {found[name]!r}; needs to be True or False")
    impute = found.get("impute")
    if not isinstance(impute, ModelFills) and impute not in (None, *IMPUTED):
        raise UsageError(f"`impute` is {impute!r}; needs to be {' or '.join(IMPUTED)}")
    root = found.get("data_root")
    if root is not None and not isinstance(root, str | os.PathLike):
        raise UsageError(f"`data_root` is {root!r}; needs to be the path of a folder")
    if found.get("feature_attrs") is not None:
        of_frame = hasattr(found.get("features"), "columns")
        found["feature_attrs"] = _names(found["feature_attrs"], of_frame)
    return found


def told_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that say what is clustered, as a record of the run has them: files without their
    folders, values in memory by their type, nothing of what was left to the reader or to a model.

    Args:
        options: as `checked_options` returns them.
    """
    given = {name: options[name] for name in TOLD if options.get(name) is not None}
    return {
        name: _told_of(name, value)
        for name, value in given.items()
        if not isinstance(value, KnownColumns | ModelFills)
    }


def _told_of(name: str, value: Any) -> str | bool:
    if name == "features":
        is_file = isinstance(value, str | os.PathLike)
        return Path(value).name if is_file else f"<{type(value).__name__}>"
    if name == "header":
        return bool(value)
    return value if isinstance(value, str) else ",".join(map(_quoted, value))


def _name(option: str, given: Any) -> str | None:
    if isinstance(given, int | np.integer) and option in ("source", "target"):
        return str(given)
    if given is None or isinstance(given, str):
        return given
    what = "a name, or a number from 1" if option in ("source", "target") else "a name"
    raise UsageError(f"`{option}` is {given!r}; needs to be {what}")


def _names(given: Any, of_frame: bool) -> str | Sequence[str]:
    if isinstance(given, str | KnownColumns):
        return given
    is_list = isinstance(given, Sequence) or hasattr(given, "tolist")
    listed = list(given) if is_list else [given]
    names = [str(name) for name in listed if isinstance(name, str)]
    if len(names) < len(listed):
        raise UsageError(f"`feature_attrs` is {given!r}; needs to be names, as text or in a list")
    if of_frame:
        return names
    return ",".join(map(_quoted, names)) or NONE


def _quoted(name: str) -> str:
    """A name as it stands among others that commas part."""
    is_plain = name == name.strip() and not set(name) & set(',"\n\r')
    if is_plain and name.lower() not in (AUTO, ALL, NONE):
        return name
    return '"' + name.replace('"', '""') + '"'
