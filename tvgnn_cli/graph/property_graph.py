"""A graph as its file has it: ids, ends, and columns of attributes whose meaning is not settled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.errors import counted
from tvgnn_cli.graph.missing import MISSING

_CODE = re.compile(r"[-+]?0\d")
"""Beginning of codes, which would lose their zeros as numbers."""

TRUE, FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")


@dataclass(frozen=True, eq=False)
class Column:
    """The values of one attribute, for all vertices or all edges.

    Args:
        values: `[n]`: int64, float64, float32, bool, or object for text; anything where missing,
            the mark that stands for it where text has one.
        missing: bool mask `[n]`; None where every value is there. NaN is a missing number.
        kind: type that the file declares; empty where it declares none.
        written: the texts that numbers were read from, object `[n]`, "" where missing; only where
            they are names that the numbers would not tell apart.
    """

    values: np.ndarray
    missing: np.ndarray | None = None
    kind: str = ""
    written: np.ndarray | None = None

    @property
    def is_number(self) -> bool:
        """Tell whether the values are numbers, or true and false."""
        return self.values.dtype.kind in "iufb"

    @property
    def present(self) -> np.ndarray:
        """The values that are there."""
        return self.values if self.missing is None else self.values[~self.missing]

    @property
    def num_missing(self) -> int:
        return 0 if self.missing is None else int(self.missing.sum())

    @property
    def absent(self) -> np.ndarray:
        """Bool mask `[n]` of what the input does not have: all that is missing but for marks."""
        gaps = np.zeros(len(self.values), dtype=bool) if self.missing is None else self.missing
        if self.values.dtype.kind == "f":
            return np.asarray(gaps | np.isnan(self.values))
        if self.values.dtype.kind == "O" and self.missing is not None:
            nothing = np.fromiter(map(_is_nothing, self.values), bool, len(self.values))
            return np.asarray(gaps & nothing)
        return gaps

    def padded(self, total: int) -> Column:
        """With rows up to so many, without values."""
        more = total - len(self.values)
        filler = np.full(more, "" if self.values.dtype.kind == "O" else 0, self.values.dtype)
        missing = np.zeros(len(self.values), dtype=bool) if self.missing is None else self.missing
        gaps = np.concatenate([missing, np.ones(more, dtype=bool)])
        values = np.concatenate([self.values, filler])
        blank = np.full(more, "", dtype=object)
        written = None if self.written is None else np.concatenate([self.written, blank])
        return Column(values, _mask(gaps), self.kind, written)

    def take(self, rows: np.ndarray | slice) -> Column:
        """The values of those rows."""
        missing = None if self.missing is None else _mask(self.missing[rows])
        written = None if self.written is None else self.written[rows]
        return Column(self.values[rows], missing, self.kind, written)

    def without(self, rows: np.ndarray) -> Column:
        """The same but for those rows, bool `[n]`, which have no value."""
        missing = rows if self.missing is None else self.missing | rows
        values = self.values.copy()
        values[rows] = "" if values.dtype.kind == "O" else 0
        written = self.written
        if written is not None:
            written = np.where(rows, "", written)
        return Column(values, _mask(missing), self.kind, written)

    def objects(self) -> list[Any]:
        """Values as Python's; of float32 the digits that it has: 0.9, not 0.8999999761581421."""
        short = self.values.dtype == np.float32
        values = self.values.astype(str).astype(np.float64) if short else self.values
        return list(values.tolist())

    def floats(self) -> np.ndarray:
        """The numbers as float64, NaN where missing."""
        values = self.values.astype(np.float64)
        if self.missing is not None:
            values[self.missing] = np.nan
        return values

    def texts(self) -> list[str]:
        """The values as text, "" where missing; whole numbers without a fraction, unless `written`
        says how they are spelled.
        """
        if self.written is not None:
            return list(self.written.tolist())
        found = [as_text(value) for value in self.values.tolist()]
        if self.missing is None:
            return found
        return ["" if gap else text for text, gap in zip(found, self.missing.tolist(), strict=True)]


def is_gap(value: Any) -> bool:
    """Tell whether a value of Python's stands for none: None, NaN, NaT, pandas' NA."""
    if value is None:
        return True
    differs = value != value
    return bool(differs) if isinstance(differs, bool | np.bool_) else "NA" in type(value).__name__


def as_text(value: Any) -> str:
    """A value as text without blanks around; a whole number that became fractional is whole."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def column_of(values: Iterable[Any], kind: str = "") -> Column:
    """A column of Python's values: numbers, true and false, text; None and NaN are missing.

    Values of several types are text together, but whole numbers and fractions are numbers. Whole
    numbers that neither int64 nor a float holds are codes, and text.
    """
    listed = list(values)
    gaps = np.array([is_gap(v) for v in listed], dtype=bool)
    there = [v for v, gap in zip(listed, gaps.tolist(), strict=True) if not gap]
    if there and all(isinstance(v, bool | np.bool_) for v in there):
        return Column(_filled(listed, gaps, False, bool), _mask(gaps), kind)
    if there and all(isinstance(v, int | float | np.number | np.bool_) for v in there):
        whole = all(isinstance(v, int | np.integer) and abs(int(v)) < 2**63 for v in there)
        if whole:
            return Column(_filled(listed, gaps, 0, np.int64), _mask(gaps), kind)
        if not _loses(there):
            floats = _filled(list(map(_float, listed)), gaps, 0.0, np.float64)
            return Column(floats, _mask(gaps), kind)
    text = [None if gap else str(v) for v, gap in zip(listed, gaps.tolist(), strict=True)]
    return Column(_filled(text, gaps, "", object), _mask(gaps), kind)


def column_of_texts(cells: Sequence[str], kind: str = "") -> Column:
    """A column of cells of text: numbers or true and false where all are that, else text.

    The marks in `MISSING` are missing values.
    """
    stripped = [cell.strip() for cell in cells]
    there = [cell for cell in stripped if cell not in MISSING]
    read = parser_of(there)
    if read is None:
        gaps = np.array([cell in MISSING for cell in stripped], dtype=bool)
        return Column(_filled(stripped, gaps, "", object), _mask(gaps), kind)
    return column_of((None if cell in MISSING else read(cell) for cell in stripped), kind)


def parser_of(cells: Sequence[str]) -> Any:
    """The function that reads all of these cells as numbers, or as true and false; None where they
    are text, or one is a code such as `007`.
    """
    if any(_CODE.match(cell) for cell in cells):
        return None
    for read in (int_of, float_of, bool_of):
        try:
            for cell in cells:
                read(cell)
        except ValueError:
            continue
        return read if cells else None
    return None


def int_of(cell: str) -> int:
    """A whole number.

    Raises:
        ValueError: it is none.
    """
    if "_" in cell:
        raise ValueError(cell)
    return int(cell)


def float_of(cell: str) -> float:
    """A number, NaN and infinity included; hexadecimal ones as graph-tool writes them.

    Raises:
        ValueError: it is none.
    """
    if "_" in cell:
        raise ValueError(cell)
    return float.fromhex(cell) if "0x" in cell[:4].lower() else float(cell)


def bool_of(cell: str) -> bool:
    """A truth value.

    Raises:
        ValueError: it is none.
    """
    if cell not in TRUE + FALSE:
        raise ValueError(cell)
    return cell in TRUE


def _loses(numbers: Sequence[Any]) -> bool:
    """Tell whether all numbers are whole, and two of them may be the same float."""
    if not all(isinstance(v, int | np.integer) for v in numbers):
        return False
    floats = list(map(_float, numbers))
    return not any(v is None or np.isinf(v) for v in floats) and any(
        int(number) != int(v) for number, v in zip(numbers, floats, strict=True) if v is not None
    )


def _float(value: Any) -> float | None:
    """As a float; infinite beyond its range."""
    try:
        return None if value is None else float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _filled(values: list[Any], gaps: np.ndarray, filler: Any, dtype: Any) -> np.ndarray:
    array = np.empty(len(values), dtype=dtype)
    for i, (value, gap) in enumerate(zip(values, gaps.tolist(), strict=True)):
        array[i] = filler if gap else value
    return array


def _mask(gaps: np.ndarray) -> np.ndarray | None:
    return gaps if gaps.any() else None


def _is_nothing(value: Any) -> bool:
    return value is None or value == "" or value != value


@dataclass(frozen=True, eq=False)
class PropertyGraph:
    """Vertices, edges and their attributes in the order and the form of the input.

    Args:
        ids: vertex ids as strings, object array `[n]`, distinct.
        tail: first vertex of each edge, integers `[m]`, as positions in `ids`.
        head: second vertex of each edge, `[m]`.
        directed: whether each edge has a direction: one value, or a mask `[m]`.
        vertex_attributes: columns `[n]` by name.
        edge_attributes: columns `[m]` by name.
        graph_attributes: columns `[1]` by name.
        edge_ids: of the edges as strings, object array `[m]`, "" for none; None where they have
            none, or nobody asked for them.
        file: that it was read from; None for an object.
        network: the networkx graph that it was made of; None for others.
        label: name of the input in messages.
        name: stem that output files are named after.
        notes: sentences that the summary shows.
        explicit_ids: whether ids came with the input.
    """

    ids: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    directed: bool | np.ndarray = True
    vertex_attributes: Mapping[str, Column] = field(default_factory=dict)
    edge_attributes: Mapping[str, Column] = field(default_factory=dict)
    graph_attributes: Mapping[str, Column] = field(default_factory=dict)
    edge_ids: np.ndarray | None = None
    file: Path | None = None
    network: Any = None
    label: str = "graph"
    name: str = "graph"
    notes: tuple[str, ...] = ()
    explicit_ids: bool = True

    def __repr__(self) -> str:
        """Name the input, its size and its attributes, in one line."""
        of_vertices, of_edges = list(self.vertex_attributes), list(self.edge_attributes)
        return (
            f"<PropertyGraph {self.label!r}: {counted(self.num_vertices, 'vertex')} with "
            f"{of_vertices}, {counted(self.num_edges, 'edge')} with {of_edges}>"
        )

    @property
    def num_vertices(self) -> int:
        return len(self.ids)

    @property
    def num_edges(self) -> int:
        return len(self.tail)

    @property
    def is_directed(self) -> bool:
        """Tell whether any edge has a direction."""
        return bool(np.any(self.directed))

    @property
    def is_mixed(self) -> bool:
        """Tell whether some edges have a direction and others have none."""
        return self.is_directed and not bool(np.all(self.directed))

    def with_vertices(self, ids: np.ndarray) -> PropertyGraph:
        """With vertices after its own, without edges and attributes.

        Args:
            ids: its own and those that come after them.
        """
        added = np.concatenate([self.ids, ids[self.num_vertices :]])
        columns = {n: column.padded(len(ids)) for n, column in self.vertex_attributes.items()}
        return replace(self, ids=added, vertex_attributes=columns)
