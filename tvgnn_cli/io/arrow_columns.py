"""Columns of pyarrow's arrays: numbers where all cells are numbers, else text."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tvgnn_cli.graph.missing import MISSING
from tvgnn_cli.graph.property_graph import FALSE, TRUE, Column
from tvgnn_cli.io.number_commas import Commas, plain_numbers

BEYOND = 2.0**63
"""Least number that int64 does not hold."""


@cache
def _texts(*values: str) -> pa.Array:
    """An array of texts, made when it is asked for: pyarrow imports pandas to make the first."""
    return pa.array(values, pa.string())


def column_of_cells(cells: pa.ChunkedArray, commas: Commas = Commas.NONE) -> Column:
    """A column of trimmed text: numbers, or true and false, where all cells are, and none is a code
    as `007`; the marks in `MISSING` are missing values.

    Args:
        cells: strings.
        commas: the meaning of commas in numbers.
    """
    there, missing = without_marks(cells)
    numbers = _numbers(plain_numbers(there, commas))
    if numbers is not None and (_are_codes(there) or _loses(there, numbers)):
        numbers = None
    if numbers is not None and not (missing is not None and bool(missing.all())):
        return Column(numbers, missing)
    found = pc.fill_null(there, "").to_numpy(zero_copy_only=False)
    return Column(np.asarray(found, dtype=object), missing)


def as_names(column: Column, cells: pa.ChunkedArray) -> Column:
    """The same column for names of groups, which stay apart where their texts differ: of numbers
    with its texts, where two are one number (`1` and `1.0`), or one is a code (`01`).

    A column that is whole numbers in floats, as pandas writes those with a gap, has none of these.

    Args:
        column: of these cells.
        cells: strings.
    """
    if not column.is_number:
        return column
    there, _ = without_marks(cells)
    texts = pc.drop_null(pc.unique(there))
    is_code = bool(pc.any(pc.match_substring_regex(texts, r"^[-+]?0[0-9]")).as_py())
    if len(texts) == len(np.unique(column.present)) and not is_code:
        return column
    written = np.array(pc.fill_null(there, "").to_numpy(zero_copy_only=False), dtype=object)
    return replace(column, written=written)


def without_marks(cells: pa.ChunkedArray) -> tuple[Any, np.ndarray | None]:
    """Cells with nulls for marks of a missing value, and the mask of these; None for no mark."""
    gaps = pc.is_in(cells, value_set=_texts(*MISSING))
    missing = _mask(gaps)
    if missing is None:
        return cells, None
    there = pc.replace_with_mask(
        cells.combine_chunks(), gaps.combine_chunks(), pa.scalar(None, pa.string())
    )
    return there, missing


def _numbers(there: Any) -> np.ndarray | None:
    for kind, filler in ((pa.int64(), 0), (pa.float64(), np.nan)):
        try:
            found = pc.fill_null(pc.cast(there, kind), pa.scalar(filler, kind))
        except pa.ArrowInvalid:
            continue
        return np.array(found.to_numpy(zero_copy_only=False))
    truth = pc.is_in(there, value_set=_texts(*TRUE))
    known = pc.or_(truth, pc.is_in(there, value_set=_texts(*FALSE)))
    if bool(pc.all(pc.or_(known, pc.is_null(there))).as_py()):
        return np.array(truth.to_numpy(zero_copy_only=False))
    return None


def _are_codes(there: Any) -> bool:
    """Tell whether a cell is a whole number with zeros before it."""
    padded = pc.and_(pc.starts_with(there, "0"), pc.greater(pc.binary_length(there), 1))
    if not bool(pc.any(padded).as_py()):
        return False
    return bool(pc.any(pc.match_substring_regex(there.filter(padded), "^0[0-9]+$")).as_py())


def _loses(there: Any, numbers: np.ndarray) -> bool:
    """Tell whether cells are all whole numbers, beyond 64 bits, that floats do not hold: codes,
    that is, of which two may be the same float.
    """
    if numbers.dtype.kind != "f":
        return False
    most = np.abs(numbers).max(initial=0, where=~np.isnan(numbers))
    if most < BEYOND or np.isinf(most):
        return False
    if not bool(pc.all(pc.match_substring_regex(there, r"^[-+]?[0-9]+$")).as_py()):
        return False
    found = zip(there.to_pylist(), numbers.tolist(), strict=True)
    return any(cell is not None and Decimal(cell) != int(number) for cell, number in found)


def column_of_array(array: pa.ChunkedArray) -> Column:
    """A column of a typed table; what is neither numbers nor text becomes text, with its kind."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = pa.chunked_array([chunk.dictionary_decode() for chunk in array.chunks])
        kind = array.type
    missing = _mask(pc.is_null(array, nan_is_null=True))
    if pa.types.is_boolean(kind):
        values = pc.fill_null(array, False).to_numpy()
        return Column(np.array(values, dtype=bool), missing)
    if kind == pa.uint64() and float(pc.max(array).as_py() or 0) >= BEYOND:
        # A float would not hold them: they are codes.
        return Column(np.array(list(map(_text, array.to_pylist())), dtype=object), missing)
    if pa.types.is_integer(kind):
        return Column(np.array(pc.fill_null(array, 0).to_numpy(), dtype=np.int64), missing)
    if pa.types.is_floating(kind):
        values = pc.fill_null(array, pa.scalar(0, kind)).to_numpy()
        return Column(np.array(values, dtype=np.float64), missing)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if not text:
        listed = list(map(_text, array.to_pylist()))
        return Column(np.array(listed, dtype=object), missing, str(kind))
    trimmed = pc.fill_null(pc.utf8_trim_whitespace(array), "")
    marks = pc.is_in(trimmed, value_set=_texts(*MISSING).cast(trimmed.type))
    values = np.array(trimmed.to_numpy(zero_copy_only=False), dtype=object)
    return Column(values, _mask(marks))


def ids_of(column: Column) -> list[str]:
    """The cells of a typed column as ids, of which `NA` and `None` are some; "" for no value."""
    if column.is_number or column.kind:
        return column.texts()
    return [str(value) for value in column.values.tolist()]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _mask(gaps: Any) -> np.ndarray | None:
    if not bool(pc.any(gaps).as_py()):
        return None
    return np.array(gaps.to_numpy(zero_copy_only=False), dtype=bool)
