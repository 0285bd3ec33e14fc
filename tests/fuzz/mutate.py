"""Changes of bytes, of words and of JSON, each a small one, several at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

Mutator = Callable[[bytes, Random], bytes]
"""Makes another input of one, by what a generator draws."""

WORD = re.compile(rb"[A-Za-z_][\w.-]*|[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\s+|.", re.DOTALL)

NASTY_NUMBERS = (
    0, -1, 1, 2, 255, 2**15, 2**31 - 1, 2**31, -(2**31), 2**32, 2**53 + 1, 2**62, 2**63 - 1, 2**63,
    2**64, -(2**63) - 1, 10**12, 10**20, 0.5, -0.0, 1e-320, 1e308, 1e39,
)  # fmt: skip

NASTY_WORDS = (
    b"", b"-", b"nan", b"NaN", b"inf", b"-inf", b"1e400", b"-1", b"0", b"00", b"0x1f", b"1_000",
    b"1,5",
    b"9" * 20, b"9" * 400, b"9" * 5000, b"1" * 200, b'"', b"'", b'""', b"\\", b"\\n",
    b"\0", b"\x1b[31m", b"\x7f", b"\r", b"\r\n", b"\n\n", b"\t", b";", b",", b"#", b"%", b"*", b"<",
    b">", b"/>", b"&", b"&amp;", b"&x;", b"]]>", b"<!--", b"<![CDATA[", b"[", b"]", b"[" * 3000,
    b"{", b"}", b"{" * 200, b"(", b")", b"null", b"None", b"true", b"\xff", b"\xfe\xff",
    b"\xef\xbb\xbf",
    "\u202e".encode(), "\u2028".encode(), "\ufeff".encode(), "\U0001f600".encode(), b"a" * 70_000,
    b"id", b"label", b"cluster", b"weight", b"graph", b"\x00\x00\x00\x00", b"$", b"=", b":", b"1/0",
)  # fmt: skip


def some(*mutators: Mutator, most: int = 4) -> Mutator:
    """Several changes by any of some mutators, one after another."""

    def mutate(data: bytes, random: Random) -> bytes:
        for _ in range(min(random.choice((1, 1, 1, 2, 3, 4)), most)):
            data = random.choice(mutators)(data, random)
        return data

    return mutate


def change_bytes(data: bytes, random: Random) -> bytes:
    """Flip, set, leave out, repeat or insert some bytes."""
    if not data:
        return random.randbytes(random.randint(1, 8))
    at, length = random.randrange(len(data)), random.choice((1, 1, 2, 4, 8, 64, 1024))
    other = random.randrange(len(data))
    flipped = bytes([data[at] ^ (1 << random.randrange(8))])
    edge = random.choice((b"\0", b"\xff", b"\x7f", b"\x80"))
    number, size = int(random.choice(NASTY_NUMBERS)) % 2**64, random.choice((1, 2, 4, 8))
    middle, after = random.choice(
        (
            (flipped, at + 1),
            (edge, at + 1),
            (b"", at + length),
            (data[at : at + length] * random.choice((2, 3, 50)), at + length),
            (random.randbytes(random.choice((1, 2, 8))), at),
            ((number % 256**size).to_bytes(size, "little"), at + size),
            (b"", len(data)),
            (data[other : other + length], at + length),
        )
    )
    return data[:at] + middle + data[after:]


def change_words(data: bytes, random: Random) -> bytes:
    """Replace, leave out, repeat or exchange words, numbers, marks and lines."""
    words = WORD.findall(data)
    if not words:
        return random.choice(NASTY_WORDS)
    at, kind = random.randrange(len(words)), random.randrange(8)
    if kind <= 1:
        words[at] = random.choice(NASTY_WORDS)
    elif kind == 2:
        words[at] = str(random.choice(NASTY_NUMBERS)).encode()
    elif kind == 3:
        words[at] = random.choice(words)
    elif kind == 4:
        del words[at : at + random.choice((1, 1, 3, 20))]
    elif kind == 5:
        words[at:at] = words[at : at + random.choice((1, 4, 30))] * random.choice((1, 2, 20))
    elif kind == 6:
        other = random.randrange(len(words))
        words[at], words[other] = words[other], words[at]
    else:
        return _change_lines(data, random)
    return b"".join(words)


def _change_lines(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    at, kind = random.randrange(len(lines)), random.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines[at:at] = [random.choice(lines)] * random.choice((1, 3, 200))
    elif kind == 2:
        random.shuffle(lines)
    else:
        lines[at] = lines[at].rstrip(b"\r\n") + random.choice((b"\r", b"\r\n", b"", b"\n\n"))
    return b"".join(lines)


def change_json(data: bytes, random: Random) -> bytes:
    """Replace, leave out or add a value of JSON, or change its text."""
    if random.random() < 0.1:
        return change_words(data, random)
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return change_words(data, random)
    return dumped(change_tree(tree, random))


def dumped(tree: Any) -> bytes:
    """JSON; a marker of depth becomes lists in lists, which Python itself cannot write."""
    text = json.dumps(tree).encode()
    return text.replace(f'"{DEEP}"'.encode(), b"[" * 50_000 + b"]" * 50_000)


DEEP = "\u0001deep"


def change_tree(tree: Any, random: Random) -> Any:
    """A tree of lists and dictionaries with one node changed."""
    place, key = _anywhere([tree], random)
    kind = random.randrange(6)
    if kind == 0 and isinstance(place, dict):
        del place[key]
        return tree
    if kind == 1 and isinstance(place, dict):
        place[random.choice(("extra", "", "data", "\0", key + "x"))] = odd_value(random)
        return tree
    value = odd_value(random) if kind < 5 else _near(place[key], random)
    place[key] = value
    return value if place == [value] and key == 0 else tree


def _anywhere(root: list[Any], random: Random) -> tuple[Any, Any]:
    """A container and the key of one of its values, of all that a tree has."""
    found: list[tuple[Any, Any]] = []
    queue: list[Any] = [root]
    while queue:
        place = queue.pop()
        keys = list(place) if isinstance(place, dict) else range(len(place))
        for key in keys:
            found.append((place, key))
            if isinstance(place[key], dict | list):
                queue.append(place[key])
    return random.choice(found)


def odd_value(random: Random) -> Any:
    """A value that nobody expects."""
    return random.choice(
        (
            None, True, False, "", "x", "9" * 5000, "nan", "\x1b[0m", "a\nb", [], {}, [1], [[]],
            {"a": 1}, [None] * 5, DEEP, float("nan"), float("inf"), 10**4000,
            *NASTY_NUMBERS,
        )
    )  # fmt: skip


def _near(value: Any, random: Random) -> Any:
    """A value of the same type that is another one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        as_float = float(value) if abs(value) < 2**1000 else 0.5
        return random.choice((value + 1, value - 1, -value, value * 10**6, as_float))
    if isinstance(value, float):
        return random.choice((-value, value * 1e300, value + 1, int(value) if value < 1e9 else 0))
    if isinstance(value, str):
        return random.choice((value[:-1], value * 2, value.upper(), f"{value}\0", value[::-1]))
    if isinstance(value, list):
        return random.choice((value[:-1], value * 2, value[::-1], [value]))
    return {} if isinstance(value, dict) else 0
