"""Numbers of values in a Parquet file, from its footer, which is in Thrift's compact protocol.

pyarrow tells them too, and ends the process where a footer is damaged in certain ways.
"""

from __future__ import annotations

from typing import Any, BinaryIO

MAGIC = b"PAR1"

DEPTH = 16
"""Structures inside each other that a footer may have; the format has half of it."""

ROW_GROUPS, COLUMNS, META_DATA, NUM_VALUES = 4, 1, 3, 5
"""Numbers of fields: of a file, a group of rows, a column in it, and what is said of that."""

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)


def value_counts(handle: BinaryIO) -> list[list[int]]:
    """Values of each column as it is stored, for each group of rows.

    Raises:
        ValueError, IndexError, KeyError, TypeError: the footer is damaged.
    """
    end = handle.seek(-8, 2)
    size = int.from_bytes(handle.read(4), "little")
    if handle.read(4) != MAGIC or size > end:
        raise ValueError("its footer does not end as one")
    handle.seek(end - size)
    described = _Compact(handle.read(size)).struct()
    return [
        [int(column[META_DATA][NUM_VALUES]) for column in group[COLUMNS]]
        for group in described[ROW_GROUPS]
    ]


class _Compact:
    """Bytes in Thrift's compact protocol, read from their beginning."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """The values of a structure by the numbers of their fields."""
        if depth > DEPTH:
            raise ValueError("its footer is too deep")
        found: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._integer()
            found[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in _INTEGERS:
            return self._integer()
        if kind in (_TRUE, _FALSE, _BYTE):  # in a list, where a truth has a byte of its own
            return self._byte()
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind == _BINARY:
            return self._bytes(self._size())
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind == _STRUCT:
            return self.struct(depth + 1)
        raise ValueError(f"its footer has a value of kind {kind}")

    def _list(self, depth: int) -> list[Any]:
        if depth > DEPTH:
            raise ValueError("its footer is too deep")
        head = self._byte()
        size = head >> 4
        size = self._size() if size == 15 else size
        if size > len(self.data) - self.at:  # each value takes a byte at least
            raise ValueError("its footer is cut short")
        return [self._value(head & 15, depth + 1) for _ in range(size)]

    def _integer(self) -> int:
        coded = self._size()
        return (coded >> 1) ^ -(coded & 1)

    def _size(self) -> int:
        found = shift = 0
        while shift < 70:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7
        raise ValueError("its footer has a number of more than 64 bits")

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _bytes(self, size: int) -> bytes:
        self.at += size
        if self.at > len(self.data):
            raise ValueError("its footer is cut short")
        return self.data[self.at - size : self.at]
