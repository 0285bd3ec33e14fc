"""Tables of values by vertex id: `.csv`, `.tsv` and `.parquet`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph import class_texts
from tvgnn_cli.io.source import KEY_NAMES, Source, decode_text, is_number

if TYPE_CHECKING:
    import pandas as pd

ID_NAMES = (*KEY_NAMES, "")
"""First cells that tell a header; pandas writes an empty one over its index."""


@dataclass(frozen=True)
class Rows:
    """Values by vertex id: `ids` are distinct strings, `values` has one row for each."""

    ids: list[str]
    values: pd.DataFrame

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns of values; empty where the file has no header."""
        names = list(self.values.columns)
        return tuple(names) if all(isinstance(name, str) for name in names) else ()


def read_label_table(
    source: Source, column: str, known: Iterable[str] = ()
) -> tuple[list[str], list[str]]:
    """Ids and values of the named column, or else of the second, in the file's order.

    Args:
        source: the table.
        column: name of the wanted column, in lower case.
        known: vertex ids that the table may hold; a first line with one of them is no header.

    Raises:
        InputError: no second column, repeated ids.
    """
    rows = read_rows(source, known)
    if not rows.values.shape[1]:
        raise InputError(f"{source.label}: one column; need vertex ids and a label or cluster")
    names = [str(name).lower() for name in rows.values.columns]
    wanted = names.index(column) if column in names else 0
    return rows.ids, texts(rows.values.iloc[:, wanted])


def read_rows(source: Source, known: Iterable[str] = ()) -> Rows:
    if source.suffix not in TABLES:
        known = ", ".join(TABLES)
        raise InputError(f"{source.label}: unknown suffix '{source.suffix}'; known: {known}")
    frame = TABLES[source.suffix](source, set(known))
    if not len(frame) or not len(frame.columns):
        raise InputError(f"{source.label}: holds no rows")
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{source.label}: more than one column is named {first_and_rest(twice)}")
    named = [c for c in frame.columns if str(c).lower() in KEY_NAMES]
    key = named[0] if named else frame.columns[0]
    ids = distinct(frame[key].astype(str).str.strip().tolist(), source)
    return Rows(ids, frame.drop(columns=[key]))


def distinct(ids: list[str], source: Source) -> list[str]:
    seen: set[str] = set()
    repeated = [name for name in ids if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    if repeated:
        raise InputError(f"{source.label}: more than one row for vertex {first_and_rest(repeated)}")
    return ids


def texts(column: Any) -> list[str]:
    """Cells as text without blanks around, "" for missing ones; whole numbers that a gap made
    fractional stay whole.
    """
    gaps = column.isna()
    return class_texts("" if gap else cell for cell, gap in zip(column.tolist(), gaps, strict=True))


def numeric(rows: Rows, source: Source) -> np.ndarray:
    import pandas as pd

    if not rows.values.shape[1]:
        raise InputError(f"{source.label}: holds ids and no feature columns")
    columns = []
    for name in rows.values.columns:
        kind = rows.values[name].dtype
        if not (
            pd.api.types.is_numeric_dtype(kind)
            or pd.api.types.is_object_dtype(kind)
            or pd.api.types.is_string_dtype(kind)
        ):
            raise InputError(
                f"{source.label}: column '{name}' has type {kind}, not numbers; leave it out"
            )
        column = pd.to_numeric(rows.values[name], errors="coerce").to_numpy(dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(column))
        if len(bad):
            value = rows.values[name].iloc[bad[0]]
            raise InputError(
                f"{source.label}: column '{name}' of vertex '{rows.ids[bad[0]]}' is {value!r}, "
                f"not a finite number ({len(bad)} such)"
            )
        columns.append(column)
    return np.stack(columns, axis=1)


def _read_delimited(source: Source, delimiter: str, known: set[str]) -> pd.DataFrame:
    import pandas as pd

    text = decode_text(source.read_bytes(), source.label)
    fault = _ragged(text, delimiter)
    if fault is not None:
        raise InputError(f"{source.label}: {fault}")
    try:
        # Without a header of its own, pandas refuses rows that are longer than the first.
        frame = pd.read_csv(
            io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False, header=None
        )
    except (pd.errors.ParserError, ValueError) as error:
        raise InputError(f"{source.label}: {str(error).strip()}") from None
    return _with_header(frame, known)


def _ragged(text: str, delimiter: str) -> str | None:
    """What is wrong with the first line that has another number of cells than the first one."""
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    width = None
    try:
        for row in rows:
            if not row or (len(row) == 1 and not row[0].strip()):
                continue
            width = width or len(row)
            if width < 2:
                return f"one column; need ids and values, split by {delimiter!r}"
            if len(row) != width:
                return f"line {rows.line_num}: {len(row)} columns where the first line has {width}"
    except csv.Error as error:
        return f"line {rows.line_num}: {error}"
    return None


def _with_header(frame: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    """The first row as column names, unless it looks like the data below it.

    It does if its id is one of the graph's, if its values are all numbers, or if its last value,
    a class say, occurs again. Numbers from 0 on, as pandas writes them over columns without names,
    are no values where the id is no vertex and the ids below are.
    """
    first = frame.iloc[0].tolist()
    counted = first[1:] == [str(i) for i in range(len(first) - 1)] and first[0] not in known
    written_by_pandas = counted and len(frame) > 1 and set(frame.iloc[1:, 0]) <= known
    if first[0].lower() not in ID_NAMES and not written_by_pandas:
        again = bool((frame.iloc[1:, -1] == first[-1]).any())
        if first[0] in known or again or all(is_number(cell) for cell in first[1:]):
            return frame
    return frame.iloc[1:].reset_index(drop=True).set_axis(first, axis=1)


def _read_parquet(source: Source, _: set[str]) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame: pd.DataFrame = pq.read_table(pa.BufferReader(source.read_bytes())).to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{source.label}: not a Parquet file ({error})") from None
    return frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()


TABLES: dict[str, Callable[[Source, set[str]], Any]] = {
    ".csv": lambda source, known: _read_delimited(source, ",", known),
    ".tsv": lambda source, known: _read_delimited(source, "\t", known),
    ".parquet": _read_parquet,
}
