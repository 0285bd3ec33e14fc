"""Tables that are drawn with lines, as databases print them and Markdown has them."""

from __future__ import annotations

import re
from dataclasses import dataclass

LOOKED_AT = 2**14
"""Bytes by which a drawn table is told."""

_RULE = re.compile(rb"[ \t]*[|+]?[-=:+| \t]*(?:--|==)[-=:+| \t]*")
_COUNTED = re.compile(rb"\s*\(?\d+ rows?(?: in set| affected)?\b[^|,;\t]*", re.IGNORECASE)

_NOTE = "a table drawn with lines: the first row names the columns, and the lines are left out"


@dataclass(frozen=True)
class Undrawn:
    """The rows of a drawn table, and what is known of it.

    Args:
        text: its rows, with blank lines where rules were.
        headed: whether the first row names the columns.
        told: sentences for the summary.
    """

    text: bytes
    headed: bool = True
    told: tuple[str, ...] = (_NOTE,)


def undrawn(text: bytes) -> Undrawn | None:
    """The rows of a drawn table, with blank lines where rules were and `|` between cells; None of
    any other text.

    The second of its lines, or the first and the third, are rules: `---+---`, `|---|---|`,
    `+---+---+`; or dashes below each name. Without rules, all lines have a bar at either end.
    """
    lines = text[:LOOKED_AT].split(b"\n")
    filled = [line for line in lines if line.strip()][:4]
    ruled = [_RULE.fullmatch(line) is not None for line in filled]
    if ruled[:3] == [True, False, True]:
        names, rule = filled[1], filled[2]
    elif ruled[:2] == [False, True]:
        names, rule = filled[0], filled[1]
    elif len(filled) > 1 and all(map(_is_barred, filled)):
        return Undrawn(b"\n".join(map(_bare, text.split(b"\n"))), headed=False, told=())
    else:
        return None
    barred = b"|" in names
    if not (barred and (b"|" in rule or b"+" in rule)) and not _are_underlined(names, rule):
        return None
    rows = (b"" if _is_none(line) else line for line in text.split(b"\n"))
    return Undrawn(b"\n".join(_bare(line) if barred else line for line in rows))


_FOOTER = re.compile(
    rb"\n\s*(\(\d+ rows?(?: affected)?\)|\d+ rows? in set[^\n]*|\x1a)\s*\Z", re.IGNORECASE
)


def without_footer(text: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The text without a last line in which a database counts its rows, `(40 rows)`, and what is
    said of it; also without the mark that ends files of DOS.
    """
    found = _FOOTER.search(text, max(0, len(text) - 200))
    if found is None:
        return text, ()
    told = f"the last line counts the rows, and is not read: {found[1].decode()}"
    return text[: found.start() + 1], (told,) if found[1] != b"\x1a" else ()


def _are_underlined(names: bytes, rule: bytes) -> bool:
    """Tell whether each name of a line has a run of marks below it."""
    runs = rule.split()
    alone = b"|" not in rule and b"+" not in rule and b":" not in rule
    return alone and b"|" not in names and len(runs) > 1 and len(runs) == len(names.split())


def _is_none(line: bytes) -> bool:
    return _RULE.fullmatch(line) is not None or _COUNTED.fullmatch(line) is not None


def _is_barred(line: bytes) -> bool:
    row = line.strip()
    return len(row) > 2 and row.startswith(b"|") and row.endswith(b"|") and b"|" in row[1:-1]


def _bare(line: bytes) -> bytes:
    """A row without the bars around it."""
    return line.strip()[1:-1] if _is_barred(line) else line
