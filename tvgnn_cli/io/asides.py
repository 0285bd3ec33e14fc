"""Remarks at the ends of lines: `a b # seen twice`."""

from __future__ import annotations

import re

LOOKED_AT = 2**14
"""Bytes by which they are told."""

_ASIDE = re.compile(rb"[ \t]+#[ \t][^\n]*")
_PARTS = re.compile(rb"[\s,;|]+")


def without_asides(text: bytes) -> tuple[bytes, tuple[str, ...]] | None:
    """Cut remarks behind the rows off a text; None where it has none.

    Half of the first lines have one, behind two cells or three, of which the last is mostly another
    from line to line: `Apt # 5` is an id.

    Returns:
        The text with as many lines, and what the summary says.
    """
    if b" # " not in text and b"\t# " not in text:
        return None
    lines = [line for line in text[:LOOKED_AT].split(b"\n")[:200] if line.strip(b" \t")]
    rows = [line for line in lines if line.lstrip()[:1] not in (b"#", b"%")]
    found = [line[: mark.start()] for line in rows if (mark := _ASIDE.search(line))]
    cells = [_PARTS.split(row.strip()) for row in found]
    if not cells or 2 * len(cells) < len(rows) or b'"' in b"".join(found):
        return None
    last = {row[-1] for row in cells}
    varied = 3 * len(last) > len(cells) or all(map(bytes.isdigit, last))
    if not varied or any(len(row) not in (2, 3) for row in cells):
        return None
    cut, count = re.subn(rb"(?m)^([ \t]*[^#%\s][^\n]*?)" + _ASIDE.pattern, rb"\1", text)
    return cut, (f"lines with a remark behind #, which is not read: {count:,}",)
