"""Ids that look like two spellings of one vertex: `1` and `1.0`, `A B` with one blank or two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal

import numpy as np

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PLAIN = re.compile(r"-?[1-9]\d*|0", re.ASCII)
_FIRST = frozenset("+-.0123456789")
_BLANKS = re.compile(r"\s+")

SAMPLED = 1000
"""Ids by which upper and lower case are looked at."""

MOST_DIGITS = 400
"""Digits up to which a whole number is written out: no number of a computer has more."""


def spelling_notes(ids: np.ndarray) -> tuple[str, ...]:
    """A note where ids are alike but for how they are written, with an example.

    Args:
        ids: distinct strings, object array `[n]`.
    """
    names = ids.tolist()
    odd = [
        name
        for name in names
        if name[:1] in _FIRST and _NUMBER.fullmatch(name) and not _PLAIN.fullmatch(name)
    ]
    alike = _alike(odd, names, _whole)
    spaced = [
        name
        for name in names
        if not name.isascii() or "  " in name or "\t" in name or name != name.strip()
    ]
    alike += _alike(spaced, names, _plain_text)
    return (*_note(alike), *_cases(names), *_lists(names), *_odd(names))


def _note(alike: list[tuple[str, str]]) -> tuple[str, ...]:
    if not alike:
        return ()
    one, other = alike[0]
    return (
        f"vertices that another id spells in a different way: {len(alike):,}, such as {one!r} and "
        f"{other!r}; each is a vertex of its own: write them alike to make them one",
    )


def _alike(
    odd: Iterable[str], names: list[str], key_of: Callable[[str], str]
) -> list[tuple[str, str]]:
    """Pairs of ids with one key: of each odd one, and the one that is written as the key is, or
    the first odd one of that key.
    """
    listed = list(odd)
    if not listed:
        return []
    known = set(names)
    first: dict[str, str] = {}
    found = []
    for name in listed:
        key = key_of(name)
        other = key if key != name and key in known else first.setdefault(key, name)
        if other != name:
            found.append((other, name))
    return found


def _whole(name: str) -> str:
    """A whole number in its plainest digits; any other number as it is."""
    if name.isdigit():
        return name.lstrip("0") or "0"
    value = Decimal(name)
    if value.adjusted() > MOST_DIGITS:
        return name
    return str(int(value)) if value == value.to_integral_value() else name


def _plain_text(name: str) -> str:
    """Text with one blank for each run of white space, composed letters and no invisible marks."""
    seen = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) != "Cf")
    return _BLANKS.sub(" ", seen).strip()


def _cases(names: list[str]) -> tuple[str, ...]:
    """A note where nearly all ids come in upper and in lower case."""
    sample = [name for name in names[:SAMPLED] if len(name) > 1]
    if len(sample) < 4 or not any(name != name.lower() for name in sample):
        return ()
    known = set(names)
    pairs = [
        (name, other)
        for name in sample
        for other in (name.lower(), name.upper(), name.capitalize())
        if other != name and other in known
    ]
    if 10 * len({name for name, _ in pairs}) < 9 * len(sample):
        return ()
    one, other = pairs[0]
    return (
        f"nearly all ids come in upper and in lower case, such as '{one}' and '{other}'; each is a "
        "vertex of its own: write them alike to make them one",
    )


def _lists(names: list[str]) -> tuple[str, ...]:
    """A note on ids that are made of other ids, as lists of neighbours in one cell are."""
    joined = [name for name in names if ";" in name or "," in name or "|" in name]
    if not joined:
        return ()
    known = set(names)
    whole = [name for name in joined if known.issuperset(map(str.strip, _PARTS.split(name)))]
    if not whole:
        return ()
    return (
        f"ids that hold several others: {len(whole):,}, such as {whole[0]!r}; each is a vertex of "
        "its own: write a line for each edge where they are lists",
    )


_PARTS = re.compile(r"[;,|]")


def _odd(names: list[str]) -> tuple[str, ...]:
    """Notes on ids that another program may have spoiled."""
    return (*_long(names), *_rounded(names), *_quoted(names))


def _rounded(names: list[str]) -> tuple[str, ...]:
    """A note on whole numbers of which only the first digits are left: `1.23457E+11`."""
    found = [
        name for name in names if (parts := _SHORT.fullmatch(name)) and _is_cut(*parts.groups())
    ]
    if not found:
        return ()
    return (
        f"ids that are rounded numbers: {len(found):,}, such as '{found[0]}', as spreadsheets and "
        "floats write long ones; different ids may have become one: write them as text",
    )


_SHORT = re.compile(r"-?\d\.(\d{5,})[eE]\+?(\d{1,3})", re.ASCII)


def _is_cut(digits: str, exponent: str) -> bool:
    return int(exponent) > len(digits)


def _long(names: list[str]) -> tuple[str, ...]:
    """A note on ids that go over several lines, as where a quote is open by mistake."""
    long = [name for name in names if "\n" in name]
    if not long:
        return ()
    return (f"ids over several lines: {len(long):,}, such as {long[0][:60]!r}",)


def _quoted(names: list[str]) -> tuple[str, ...]:
    """A note where all ids are between single quotes, which are part of them."""
    if not names or not all(len(n) > 1 and n[0] == n[-1] == "'" for n in names):
        return ()
    return (f'single quotes are part of the ids, such as {names[0]}; cells are quoted by " alone',)
