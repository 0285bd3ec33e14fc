"""A view as a short text: numbers byte plane by byte plane, compressed, in letters.

The text is JSON. `data` is all arrays one after another, through gzip and base64; a `[first, count,
width]` elsewhere is one of them: `count` numbers of `width` bytes, first the lowest byte of each.
`assets/panel.js` reads it.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from typing import Any

import numpy as np

from tvgnn_cli.plots.palette import cluster_hues
from tvgnn_cli.report.attributes import Attribute
from tvgnn_cli.report.view import GraphView

FEW = 256
"""Different values up to which a column is codes and a list of them."""

LONGEST = 200
"""Letters of a text that are kept, but for ids."""

AIM = 1_350_000
"""Letters that attributes may fill the text up to."""

LEAST = 150_000
"""Letters that attributes may take in any case."""

DIGITS = 12
"""Bits of a fraction that are kept: three digits, and a little for colours."""

GROUPS = 30
"""Values of an attribute that have colours of their own."""

Place = list[int]


class Packer:
    """Arrays one after another."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.first = 0

    def numbers(self, values: np.ndarray) -> Place:
        """Add numbers of any width; float32 stays what it is."""
        little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        width = little.itemsize
        planes = little.view(np.uint8).reshape(-1, width).T
        return self._add(planes.tobytes(), len(values), width)

    def texts(self, values: list[str]) -> Place:
        """Add texts, as JSON."""
        written = json.dumps(values, separators=(",", ":")).encode()
        return self._add(written, len(written), 1)

    def _add(self, data: bytes, count: int, width: int) -> Place:
        self.parts.append(data)
        self.first += len(data)
        return [self.first - len(data), count, width]

    def letters(self) -> str:
        """All of it, compressed; the same for the same arrays."""
        packed = gzip.compress(b"".join(self.parts), 9, mtime=0)
        return base64.b64encode(packed).decode()


def pack(view: GraphView) -> tuple[str, tuple[str, ...]]:
    """A view as JSON that may stand in a script element, and notes on attributes left out."""
    packer = Packer()
    n, (tail, head) = len(view.ids), view.edges
    order = np.lexsort((head, tail))
    tail, head = tail[order], head[order]
    facts: dict[str, Any] = {
        "vertices": n,
        "edges": len(tail),
        "total": list(view.total),
        "clusters": {
            "names": packer.texts(list(view.cluster_names)),
            "sizes": packer.numbers(view.cluster_sizes.astype(np.uint32)),
            "colours": packer.texts(list(view.colours)),
        },
        "palette": cluster_hues(GROUPS),
        "ids": packer.texts(view.ids.tolist()),
        "positions": [packer.numbers(axis) for axis in quantised(view.positions).T],
        "labels": packer.numbers(_codes(view.labels, len(view.cluster_names))),
        # The lower end of each edge as the step from that of the one before, the higher one as
        # the step from the lower.
        "tails": packer.numbers(np.diff(tail, prepend=0).astype(np.uint32)),
        "heads": packer.numbers((head - tail).astype(np.uint32)),
    }
    columns = [_column(packer, each) for each in _own_columns(view)]
    more, notes = _attributes(packer, view.attributes)
    facts["columns"] = columns + more
    return in_script({**facts, "data": packer.letters()}), notes


def in_script(facts: Any) -> str:
    """JSON, in ASCII, in which nothing ends or begins an element or a comment."""
    text = json.dumps(facts, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def quantised(positions: np.ndarray) -> np.ndarray:
    """Places as uint16 `[n, 2]`, to scale, the longer side from 0 to 65,535."""
    low = positions.min(axis=0).astype(np.float64)
    side = float((positions.max(axis=0) - low).max())
    scaled = (positions - low) * (65535 / side if side > 0 else 0)
    return np.asarray(np.rint(scaled), dtype=np.uint16)


def _own_columns(view: GraphView) -> list[tuple[str, Attribute]]:
    """Columns that every picture has, each with what it is to the script."""
    found = []
    if view.names is not None:
        found.append(("name", Attribute("name", view.names)))
    if view.classes is not None:
        texts = np.array([*view.class_names, ""], dtype=object)[view.classes]
        found.append(("class", Attribute("class", texts)))
    for name, values in (("confidence", view.confidence), ("stability", view.stability)):
        if values is not None:
            found.append((name, Attribute(name, values.round(4))))
    return [*found, ("degree", Attribute("degree", view.degrees.astype(float)))]


def _attributes(
    packer: Packer, attributes: tuple[Attribute, ...]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Columns of the attributes as far as there is room."""
    room = max(AIM - _size(packer.parts), LEAST)
    columns, left_out = [], []
    for attribute in attributes:
        apart = Packer()
        _column(apart, ("attribute", attribute))
        size = _size(apart.parts)
        if size > room:
            left_out.append(attribute.name)
            continue
        room -= size
        columns.append(_column(packer, ("attribute", attribute)))
    if not left_out:
        return columns, ()
    return columns, (
        f"attributes: {len(left_out)} of {len(attributes)} are not in the panel, as they would "
        "make the file too large",
    )


def _size(parts: list[bytes]) -> int:
    """Letters that parts will take, nearly."""
    return sum(len(zlib.compress(part, 6)) for part in parts) * 4 // 3


def _column(packer: Packer, what: tuple[str, Attribute]) -> dict[str, Any]:
    """One column: by codes where values repeat, as numbers, or as texts."""
    role, attribute = what
    about = {"role": role, "name": attribute.name[:LONGEST], "number": attribute.is_number}
    packed = _numbers if attribute.is_number else _texts
    return {**about, **packed(packer, attribute.values)}


def _texts(packer: Packer, values: np.ndarray) -> dict[str, Any]:
    texts = [text[:LONGEST] for text in values.tolist()]
    distinct = sorted(set(texts))
    if len(distinct) > FEW:
        return {"texts": packer.texts(texts)}
    code = {text: i for i, text in enumerate(distinct)}
    codes = np.array([code[text] for text in texts], dtype=np.uint8)
    return {"values": distinct, "codes": packer.numbers(codes)}


def _numbers(packer: Packer, values: np.ndarray) -> dict[str, Any]:
    distinct, codes = np.unique(values, return_inverse=True)
    if len(distinct) <= FEW:
        written = [_number(value) for value in distinct.tolist()]
        return {"values": written, "codes": packer.numbers(codes.astype(np.uint8))}
    short, exact = _short(values)
    return {"numbers": packer.numbers(short), "exact": exact}


def _number(value: float) -> float | int | None:
    """A number as JSON has it; whole ones short, a missing one as null."""
    if value != value:
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _short(values: np.ndarray) -> tuple[np.ndarray, bool]:
    """Numbers as float32 `[n]`, and whether they are still the same: whole ones that fit are;
    fractions are rounded to so many bits that they compress.
    """
    largest = float(np.finfo(np.float32).max)
    clipped = np.clip(values, -largest, largest)
    whole = np.where(np.isnan(values), 0, values)
    if bool((whole == np.rint(whole)).all() and (np.abs(whole) < 2**24).all()):
        return clipped.astype(np.float32), True
    mantissa, exponent = np.frexp(clipped)
    rounded = np.ldexp(np.rint(mantissa * 2.0**DIGITS) / 2.0**DIGITS, exponent)
    return np.clip(rounded, -largest, largest).astype(np.float32), False


def _codes(labels: np.ndarray, k: int) -> np.ndarray:
    """Codes below `k` in as few bytes as they need."""
    return labels.astype(np.uint8 if k <= 2**8 else np.uint16 if k <= 2**16 else np.uint32)
