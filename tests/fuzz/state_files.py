"""Changes of state files: of their tensors and facts, signed again, so that what stands behind the
checksums is met; and of their bytes.
"""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from random import Random
from typing import Any

import numpy as np

from tests.fuzz.containers import change_array
from tests.fuzz.mutate import change_bytes, change_tree, dumped
from tvgnn_cli.io import state_file
from tvgnn_cli.io.json_text import signed

TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "I64": "<i8",
    "I32": "<i4",
    "U8": "u1",
    "BOOL": "?",
    "I8": "i1",
}
NAMES = {np.dtype(kind): name for name, kind in TYPES.items()}


def change_state(data: bytes, random: Random) -> bytes:
    """Change a state file of safetensors."""
    if random.randrange(5) == 0:
        return change_bytes(data, random)
    try:
        header, arrays = _opened(data)
        facts = json.loads(header["__metadata__"][state_file.KEY])
    except Exception:
        return change_bytes(data, random)
    kind = random.randrange(4)
    for _ in range(random.choice((1, 1, 2))):
        if kind == 0 and arrays:
            _change_tensors(arrays, random)
        elif kind == 1:
            header = change_tree(header, random)
        else:
            facts = change_tree(facts, random)
    if kind == 1:
        payload = data[8 + struct.unpack("<Q", data[:8])[0] :]
        return _packed(dumped(header), payload)
    return _signed(facts, arrays)


def _opened(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    size = struct.unpack("<Q", data[:8])[0]
    header, payload = json.loads(data[8 : 8 + size]), data[8 + size :]
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            array = np.frombuffer(payload[first:last], TYPES[entry["dtype"]])
            arrays[name] = array.reshape(entry["shape"])
    return header, arrays


def _change_tensors(arrays: dict[str, np.ndarray], random: Random) -> None:
    name = random.choice(list(arrays))
    kind = random.randrange(6)
    if kind == 0:
        del arrays[name]
    elif kind == 1:
        arrays[random.choice(("x", f"{name}x", ""))] = arrays.pop(name)
    elif kind == 2:
        arrays[name] = arrays[random.choice(list(arrays))]
    else:
        changed = change_array(arrays[name], random)
        arrays[name] = changed if changed.dtype in NAMES else arrays[name]


def _signed(facts: Any, arrays: dict[str, np.ndarray]) -> bytes:
    """A file whose checksums are right, whatever it holds."""
    entries: dict[str, Any] = {}
    payload = b""
    for name, array in sorted(arrays.items(), key=lambda each: -each[1].dtype.itemsize):
        raw = np.ascontiguousarray(array).tobytes()
        entries[name] = {
            "dtype": NAMES[array.dtype], "shape": list(array.shape),
            "data_offsets": [len(payload), len(payload) + len(raw)],
        }  # fmt: skip
        payload += raw
    if isinstance(facts, dict):
        if state_file.TENSORS in facts:
            facts = {**facts, state_file.TENSORS: state_file._digest(arrays)}
        with suppress(ValueError, TypeError, RecursionError):
            facts = signed(facts)
    entries["__metadata__"] = {state_file.KEY: dumped(facts).decode()}
    return _packed(json.dumps(entries).encode(), payload)


def _packed(header: bytes, payload: bytes) -> bytes:
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + payload
