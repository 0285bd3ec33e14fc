"""Tensors and JSON in one safetensors file, written whole or not at all. No pickle."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.atomic import write_atomically

if TYPE_CHECKING:
    from torch import Tensor

KEY = "tvgnn"


@dataclass(frozen=True, eq=False)
class State:
    """Tensors by name, and all that JSON can say."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def under(self, prefix: str) -> dict[str, Tensor]:
        """The tensors of names that start so, without it."""
        return {n.removeprefix(prefix): v for n, v in self.tensors.items() if n.startswith(prefix)}


def prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors, under names that start so."""
    return {f"{prefix}{name}": value for name, value in tensors.items()}


def write_state(path: Path, kind: str, state: State) -> None:
    """Write a file of that kind.

    Raises:
        UsageError: the target cannot be written.
    """
    from safetensors.torch import save

    tensors = {name: value.detach().contiguous() for name, value in state.tensors.items()}
    # One key only: the order of several is not fixed, and the file should be.
    facts = json.dumps({"format": kind, **state.facts}, sort_keys=True)
    write_atomically(path, save(tensors, {KEY: facts}))


def read_facts(path: Path, kind: str, what: str) -> dict[str, Any]:
    """Read the JSON of a state file, and leave its tensors unread.

    Raises:
        InputError: the file is missing, damaged or no `what`.
    """
    return _read(path, kind, what, tensors=False).facts


def read_state(path: Path, kind: str, what: str) -> State:
    """Read what `write_state` wrote.

    Raises:
        InputError: the file is missing, damaged or no `what`.
    """
    return _read(path, kind, what, tensors=True)


def _read(path: Path, kind: str, what: str, tensors: bool) -> State:
    from safetensors import SafetensorError, safe_open

    if tensors:
        from torch import from_numpy as as_tensor
    try:
        # Not by torch's reader, which opens the file twice: the second time it may be another one,
        # since while a run goes on each of its states takes the place of the one before.
        with safe_open(str(path), framework="np") as file:
            facts = json.loads((file.metadata() or {}).get(KEY, "{}"))
            names = file.keys() if tensors else ()
            read = {name: as_tensor(file.get_tensor(name)) for name in names}
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{path}: is not {what} ({error})") from None
    found = str(facts.pop("format", ""))
    if found != kind and found.rpartition("-")[0] == kind.rpartition("-")[0]:
        raise InputError(
            f"{path}: is {what} of another version ({found}, not {kind}); make it anew"
        )
    if found != kind:
        raise InputError(f"{path}: is not {what} ({kind})")
    return State(read, facts)
