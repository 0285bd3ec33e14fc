"""JSON of files that anybody may have written: one object, neither too deep nor too large."""

from __future__ import annotations

import hashlib
import json
import stat
from collections import Counter
from pathlib import Path
from typing import Any

MOST_BYTES = 2**26
"""Bytes of a text, at most: what is made of it takes some twenty times as much."""

MOST_DIGITS = 400
"""Digits of a whole number, at most: what a float can say has fewer."""

CHECKSUM = "checksum"


def parse_object(text: str | bytes) -> dict[str, Any]:
    """The object that a text is.

    Raises:
        ValueError: it is none, too large or too deep, names a key twice, or holds half a character.
    """
    if len(text) > MOST_BYTES:
        raise ValueError(f"JSON of more than {MOST_BYTES:,} bytes")
    try:
        found = json.loads(text, object_pairs_hook=once_each, parse_int=whole)
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None
    except UnicodeError:
        raise ValueError("text that is not Unicode") from None
    if not isinstance(found, dict):
        raise ValueError("JSON that is no object")
    return found


def read_object(path: Path) -> dict[str, Any]:
    """The object that a file holds.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
        ValueError: it is no object; see `parse_object`.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("no regular file")
    with path.open("rb") as file:
        return parse_object(file.read(MOST_BYTES + 1))


def whole(digits: str) -> int:
    """A whole number, of digits that a float can say.

    Raises:
        ValueError: it has more.
    """
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, each key of which comes once.

    Raises:
        ValueError: naming one that comes again.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice!r:.40} more than once")
    return found


def signed(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts with their checksum."""
    return {**facts, CHECKSUM: _digest(facts)}


def unsigned(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts without their checksum.

    Raises:
        ValueError: it is missing, or that of other facts.
    """
    bare = {name: value for name, value in facts.items() if name != CHECKSUM}
    if facts.get(CHECKSUM) != _digest(bare):
        raise ValueError("its checksum is not that of what it holds")
    return bare


def _digest(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
