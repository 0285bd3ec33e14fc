"""JSON documents of any size that memory has room for, with the line of each fault."""

from __future__ import annotations

import json
import re
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.json_text import once_each, whole
from tvgnn_cli.io.source import Source
from tvgnn_cli.machine.free_memory import available_memory_mb

TIMES = 20
"""Bytes of memory that a byte of JSON takes, about, once it is parsed."""

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escaped half of a character, which alone is none."""


def parse(source: Source) -> Any:
    """The value that a file holds; lines with one value each are a list of them.

    Raises:
        InputError: text that is no JSON, with its line; a key twice, nesting that is too deep,
            text that is no Unicode, more than memory has room for.
    """
    text = source.read_text()
    if len(text) * TIMES > available_memory_mb() * 1e6:
        raise InputError(
            f"{source.label}: is JSON of {len(text):,} bytes, which take some {TIMES} times as "
            "much memory; write the edges to a .csv or .parquet, which are read as they are"
        )
    found = _parsed(text.decode(), source.label)
    if _HALF.search(text):
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeError:
            raise InputError(f"{source.label}: holds text that is not Unicode") from None
    return found


def _parsed(text: str, label: str) -> Any:
    decoder = json.JSONDecoder(object_pairs_hook=once_each, parse_int=whole)
    try:
        found, end = decoder.raw_decode(text, len(text) - len(text.lstrip()))
        rest = text[end:].lstrip()
        return found if not rest else _lines(decoder, text, label)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{label}: line {error.lineno}: is no JSON from column {error.colno} on ({error.msg})"
        ) from None
    except ValueError as error:
        raise InputError(f"{label}: holds {error}") from None
    except RecursionError:
        raise InputError(f"{label}: is JSON that is nested too deeply") from None


def _lines(decoder: json.JSONDecoder, text: str, label: str) -> list[Any]:
    """The values of lines of JSON."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(decoder.decode(line))
        except json.JSONDecodeError as error:
            raise InputError(
                f"{label}: line {number}: is no JSON from column {error.colno} on ({error.msg})"
            ) from None
    return found


def is_plain(value: Any) -> bool:
    """Tell whether a value may be an id: text or a number."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def plain_text(value: Any) -> str:
    """A text or number as an id; 1.0 is 1."""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole else str(value)


IDS = ("id", "key", "@id", "_id", "identity")
"""Keys of the ids of vertices."""


def unwrapped(value: Any) -> Any:
    """Id that an object in its place stands for: that of the vertex that it is, as d3 has it, or
    its only value, as `$oid` of MongoDB; anything else as it is.
    """
    if not isinstance(value, dict):
        return value
    inner = next((value[name] for name in (*IDS, "index") if name in value), None)
    if inner is None and len(value) == 1:
        (inner,) = value.values()
    return inner if is_plain(inner) else value
