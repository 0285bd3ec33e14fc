"""Header of an `.npy` array: the shape and type of its values; and whether its texts are some."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import IO

import numpy as np

READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True)
class NpyHeader:
    """Shape and type of an array.

    Args:
        shape: of the array.
        dtype: of its values.
        by_columns: whether it is stored column by column (Fortran order).
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    by_columns: bool

    @property
    def nbytes(self) -> int:
        """Bytes that the values take."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_npy_header(handle: IO[bytes]) -> NpyHeader:
    """Read the header that a file begins with; what follows are the values.

    Raises:
        ValueError: there is none, or it cannot be of an array; the text says why.
    """
    try:
        read = READERS[np.lib.format.read_magic(handle)]
        shape, by_columns, dtype = read(handle)
    except KeyError as error:
        raise ValueError(f"its version is {error}") from None
    except (EOFError, ValueError, OSError) as error:
        raise ValueError(str(error)[:80]) from None
    except Exception:
        # The header is a Python literal; parsing a wrong one fails in as many ways as Python has.
        raise ValueError("its header cannot be read") from None
    if any(type(size) is not int or not 0 <= size < 2**63 for size in shape):
        raise ValueError(f"its shape is {shape}")
    if not dtype.itemsize and not dtype.hasobject:
        raise ValueError(f"its values, of type {dtype}, take no bytes")
    if dtype.subdtype is not None:
        raise ValueError(f"its values, of type {dtype}, are arrays themselves")
    return NpyHeader(shape, dtype, by_columns)


NO_TEXTS = "its texts hold numbers that are no characters"
"""Reason against an array that does not hold texts."""


def holds_texts(values: np.ndarray) -> bool:
    """Tell whether each text of an array is one; true for an array of numbers."""
    if values.dtype.kind != "U" or not values.dtype.itemsize:
        return True
    marks = np.ascontiguousarray(values).reshape(-1).view(values.dtype.byteorder + "u4")
    surrogate = (marks >= 0xD800) & (marks < 0xE000)
    return not bool((surrogate | (marks > sys.maxunicode)).any())
