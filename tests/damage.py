"""Damage to the files that tests write: values changed at a place, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tvgnn_cli.errors import InputError

SMALL = {"hidden": 4, "mlp_hidden": 4, "epochs": 4, "threads": 1, "init": "random",
         "balance_coeff": 0.5, "view": "both", "encoder": "mixed", "components": 2}  # fmt: skip
"""Settings of a network that is trained in no time."""


def drop(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def changed(facts: Any, place: tuple[str, ...], value: Any) -> Any:
    """The facts with another value at a place, or with what a function makes of that."""
    if not place:
        return value(facts) if callable(value) else value
    return {**facts, place[0]: changed(facts.get(place[0]), place[1:], value)}


def is_refused(path: Path, said: str, read: Callable[[Path], object]) -> None:
    """Assert that a file is refused by name, in one short line that says so much."""
    with pytest.raises(InputError) as caught:
        read(path)
    told = str(caught.value)
    assert told.startswith(f"{path}: is damaged: ")
    assert said in told
    assert told.isprintable()
    assert len(told.removeprefix(str(path))) < 200
