"""Sizes of pyarrow's arrays, at any depth, once no text is shared; and whether times are some."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

OF_TEXT = 64
"""Bytes that a text takes beside its letters, once it is one of Python's."""


def longest_shared(array: Any) -> int:
    """Bytes of the longest text in the dictionaries of an array, at any depth."""
    if pa.types.is_dictionary(array.type):
        found = pc.max(pc.binary_length(array.dictionary)).as_py()
        return int(found or 0)
    return max(map(longest_shared, _children(array)), default=0)


def unpacked_size(array: Any) -> int:
    """Bytes that an array takes once each of its texts is one of its own."""
    if pa.types.is_dictionary(array.type):
        lengths = pc.binary_length(array.dictionary).cast(pa.int64()).take(array.indices)
        return int(pc.sum(lengths).as_py() or 0) + OF_TEXT * len(array)
    children = _children(array)
    return sum(map(unpacked_size, children)) if children else int(array.nbytes)


def look_at_times(array: Any) -> None:
    """Look whether each time of an array, at any depth, is one that Python has.

    Raises:
        ValueError, OverflowError: one of them is of the year 300,000, say.
    """
    if pa.types.is_temporal(array.type) and not pa.types.is_duration(array.type):
        pc.min_max(array).as_py()
    for child in _children(array):
        look_at_times(child)


def _children(array: Any) -> list[Any]:
    """The arrays that a nested one is made of."""
    kind = array.type
    if pa.types.is_struct(kind):
        return list(array.flatten())
    if pa.types.is_map(kind):
        return [array.keys, array.items]
    if pa.types.is_nested(kind) and hasattr(array, "values"):
        return [array.values]
    return []
