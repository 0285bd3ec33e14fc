"""Tensors and JSON in one safetensors file, written whole or not at all. No pickle.

A file carries two checksums: one of its tensors, which is a fact like others, and one of its facts.
Facts that are read alone are then known to be what was written.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.json_text import parse_object, signed, unsigned
from tvgnn_cli.io.schema import declared

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")

KEY = "tvgnn"
TENSORS = "tensors"

DTYPES = ("F64", "F32", "F16", "I64", "I32", "I16", "I8", "U8", "BOOL")
"""Types of tensors that numpy and torch have both, by safetensors' names."""


KINDS = {
    "tvgnn-model": "a model of clusters, which tvgnn predict takes",
    "tvgnn-classifier": "a classifier of graphs, which tvgnn classify predict takes",
    "tvgnn-shard": "a part of a run, which tvgnn merge takes",
    "tvgnn-checkpoint": "a state of a run that was interrupted",
}
"""Files of tvgnn by the beginning of their format, for those that are taken for another."""


@dataclass(frozen=True, eq=False)
class State:
    """Tensors by name, all that JSON can say, and the file that they were read from."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    path: Path | None = None

    def under(self, prefix: str) -> dict[str, Tensor]:
        """The tensors of names that start so, without it."""
        return {n.removeprefix(prefix): v for n, v in self.tensors.items() if n.startswith(prefix)}

    def refusal(self, said: object) -> InputError:
        """Error for a file that holds something which its kind never does."""
        return refusal(self.path, said)

    @contextmanager
    def checked(self) -> Iterator[None]:
        """While facts and tensors are compared with what they have to be.

        Raises:
            InputError: for a ValueError, which says what they are not.
        """
        try:
            yield
        except ValueError as error:
            raise self.refusal(error) from None

    def declared(self, kind: type[T]) -> T:
        """The facts as an instance of a dataclass.

        Raises:
            InputError: they are none.
        """
        with self.checked():
            return declared(kind, self.facts)


def refusal(path: Path | None, said: object) -> InputError:
    """Error for a file that holds something which its kind never does."""
    return InputError(f"{path}: is damaged: {said}; make it anew")


def prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors, under names that start so."""
    return {f"{prefix}{name}": value for name, value in tensors.items()}


def write_state(path: Path, kind: str, state: State) -> None:
    """Write a file of that kind.

    Raises:
        UsageError: the target cannot be written.
    """
    from safetensors.torch import save

    tensors = {name: value.detach().cpu().contiguous() for name, value in state.tensors.items()}
    digest = _digest({name: value.numpy() for name, value in tensors.items()})
    # One key only: the order of several is not fixed, and the file should be.
    facts = json.dumps(signed({"format": kind, TENSORS: digest, **state.facts}), sort_keys=True)
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

    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError("no regular file")
        # Not by torch's reader, which opens the file twice: the second time it may be another one,
        # since while a run goes on each of its states takes the place of the one before.
        with safe_open(str(path), framework="np") as file:
            facts = parse_object((file.metadata() or {}).get(KEY, "{}"))
            arrays = _arrays(file) if tensors else {}
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (SafetensorError, OSError, ValueError, OverflowError) as error:
        raise InputError(f"{path}: is not {what} ({_line(error)})") from None
    _check_format(path, str(facts.get("format", "")), kind, what)
    try:
        facts = unsigned(facts)
    except ValueError as error:
        raise refusal(path, error) from None
    digest = facts.pop(TENSORS, None)
    if tensors and digest != _digest(arrays):
        raise refusal(path, "the checksum of its tensors is not that of those it holds")
    del facts["format"]
    return State(_tensors(arrays), facts, path)


def _check_format(path: Path, found: str, kind: str, what: str) -> None:
    if found == kind:
        return
    found = found[:40] if found.isprintable() else ""
    family = found.rpartition("-")[0]
    if family == kind.rpartition("-")[0]:
        said = f"is {what} of another version ({found}, not {kind}); make it anew"
    elif family in KINDS:
        said = f"is {KINDS[family]}, and not {what}"
    else:
        said = f"is not {what} ({kind})"
    raise InputError(f"{path}: {said}")


def _arrays(file: Any) -> dict[str, np.ndarray]:
    """All tensors of an open file.

    Raises:
        ValueError: one of a type that no file of ours has.
    """
    names = file.keys()
    for name in names:
        dtype = file.get_slice(name).get_dtype()
        if dtype not in DTYPES:
            raise ValueError(f"tensor {name!r:.60} is of type {dtype:.20}")
    return {name: file.get_tensor(name) for name in names}


def _tensors(arrays: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
    if not arrays:
        return {}
    from torch import from_numpy

    return {name: from_numpy(array) for name, array in arrays.items()}


def _digest(arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 over names, types, shapes and values, some 1 GB in a second."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name}\0{array.dtype.str}\0{array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _line(error: Exception) -> str:
    """The first line of an error, in printable characters."""
    line = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return "".join(c if c.isprintable() else "?" for c in line)
