"""Tables of values by vertex: text of cells, and `.parquet`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.io.arrow_columns import column_of_array, column_of_cells
from tvgnn_cli.io.delimited import Delimited, is_empty, look
from tvgnn_cli.io.edge_header import has_row_names
from tvgnn_cli.io.names import CLASSES, KEY_NAMES, fold
from tvgnn_cli.io.source import Source, is_number
from tvgnn_cli.io.wanted import NONE, find_named
from tvgnn_cli.property_graph import Column

REFUSED = (".json", ".xlsx", ".xls", ".ods", ".pkl", ".pt", ".rds", ".feather", ".h5")
"""Suffixes of tables that are not read; others are taken for text of cells."""


@dataclass(frozen=True)
class Rows:
    """Values by vertex id.

    Args:
        ids: distinct strings, one for each row; None where rows come in the order of vertices.
        columns: the values by name; by "column 2" where the table has no header.
        named: whether the names are those of a header.
        notes: sentences that the summary shows.
        looked_at: where the ids were looked for, for messages.
    """

    ids: list[str] | None
    columns: Mapping[str, Column]
    named: bool
    notes: tuple[str, ...] = ()
    looked_at: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns; empty where the table has no header."""
        return tuple(self.columns) if self.named else ()


def read_label_table(
    source: Source, column: str, known: Collection[str] = (), asked: str | None = None
) -> tuple[list[str], list[str]]:
    """Ids and values of the named column, or else of the first beside the ids, in the file's order.

    Args:
        source: the table.
        column: name of the wanted column.
        known: vertex ids that the table may hold; a first line with one of them is no header.
        asked: name that a user gives (`--label-attr`).

    Raises:
        InputError: no second column, repeated ids.
    """
    rows = read_rows(source, known)
    if rows.ids is None or not rows.columns:
        raise InputError(f"{source.label}: one column; need vertex ids and a label or cluster")
    names = list(rows.columns)
    if asked is not None:
        name = names[find_named(asked, names, "--label-attr", source.label, "column")]
    else:
        folded = [fold(name) for name in names]
        name = names[folded.index(column)] if column in folded else names[0]
    return rows.ids, rows.columns[name].texts()


def class_column(rows: Rows, asked: str | None, label: str) -> str:
    """The column with the true class: the one that is asked for, the only one, or the only one that
    is named as classes are and has two vertices a class on average.

    Raises:
        InputError: there is none, or there are several.
    """
    names = list(rows.columns)
    if asked is not None and (asked.lower() != NONE or asked in names):
        return names[find_named(asked, names, "--label-attr", label, "column")]
    if len(names) == 1:
        return names[0]
    likely = [
        name for name in names
        if fold(name) in CLASSES and 1 < 2 * _num_distinct(rows.columns[name]) <= _size(rows)
    ]  # fmt: skip
    if len(likely) == 1:
        return likely[0]
    raise InputError(
        f"{label}: need one label column beside the ids, not {', '.join(names)}; name it with "
        "--label-attr"
    )


def _num_distinct(column: Column) -> int:
    return len({text for text in column.texts() if text})


def _size(rows: Rows) -> int:
    return len(next(iter(rows.columns.values())).values)


def read_rows(source: Source, known: Collection[str] = ()) -> Rows:
    """Read a table, and find out which column has the ids.

    That is one named `id`, `vertex` or `node`; else one that has all the ids of the graph; else the
    first. A table without ids has a row for each of the vertices 0, 1, 2, ...

    Raises:
        InputError: lines of different lengths, two columns of one name, repeated ids.
    """
    ids = set(known)
    table = _of_parquet(source) if source.suffix == ".parquet" else _of_text(source, ids)
    names = table.names
    _refuse_twins(names, source)
    key, told = table.index, tuple[str, ...]()
    if key is None:
        key, told = _key_column(table, ids)
    # A column without a name that is not the ids is one of row numbers.
    columns = {name: table.column(i) for i, name in enumerate(names) if i != key and name}
    if key is None:
        if not _fit_numbers(ids, table.num_rows):
            raise InputError(f"{source.label}: one column; need vertex ids and values beside them")
        note = f"rows of {source.label} are taken in the order of the vertices 0, 1, 2, ..."
        return Rows(None, columns, table.named, (*table.told, note))
    found = distinct(table.texts(key), source, names[key])
    return Rows(found, columns, table.named, (*table.told, *told), names[key])


@dataclass(frozen=True)
class _Table:
    """Cells by column, and what each of them may be.

    Args:
        names: of the columns.
        cells: pyarrow's arrays.
        named: whether a header gives the names.
        typed: whether values have types of their own, or are text.
        commas: whether `0,5` is a number.
        index: column that pandas had as its index.
        told: what was left out of the file.
    """

    names: list[str]
    cells: list[Any]
    named: bool
    typed: bool
    commas: bool = False
    index: int | None = None
    told: tuple[str, ...] = ()

    @property
    def num_rows(self) -> int:
        return len(self.cells[0])

    def column(self, i: int) -> Column:
        return column_of_array(self.cells[i]) if self.typed else column_of_cells(
            self.cells[i], self.commas
        )  # fmt: skip

    def texts(self, i: int) -> list[str]:
        """The cells as they are written."""
        if not self.typed:
            return [str(cell) for cell in self.cells[i].to_pylist()]
        return self.column(i).texts()


def _of_parquet(source: Source) -> _Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(source.read_bytes()))
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{source.label}: not a Parquet file ({error})") from None
    names = list(table.column_names)
    if not table.num_rows or not names:
        raise InputError(f"{source.label}: holds no rows")
    index = (table.schema.pandas_metadata or {}).get("index_columns", [])
    written = [names.index(name) for name in index if isinstance(name, str) and name in names]
    named = any(fold(name) in KEY_NAMES for name in names)
    return _Table(
        names, list(table.columns), named=True, typed=True,
        index=written[0] if written and not named else None,
    )  # fmt: skip


def _of_text(source: Source, known: set[str]) -> _Table:
    if source.suffix in REFUSED:
        raise InputError(
            f"{source.label}: unknown suffix '{source.suffix}'; known: .csv .tsv .txt .parquet "
            ".npy .npz"
        )
    table = look(source.read_text(), source.label, "rows")
    header = _header(table, known)
    lead = [] if header is not None else [table.first]
    for row in lead:
        if len(row.cells) != table.width:
            raise table.ragged(row)
    titles = header or [f"column {i + 1}" for i in range(table.width)]
    cells = table.columns(range(table.width), [row.cells for row in lead])
    if not len(cells[0]):
        raise InputError(f"{table.label}: holds a header and no rows")
    kept = [i for i in range(table.width) if titles[i] or not is_empty(cells[i]).all()]
    return _Table(
        [titles[i] for i in kept], [cells[i] for i in kept], named=header is not None, typed=False,
        commas=table.delimiter != ",", told=table.told,
    )  # fmt: skip


def _refuse_twins(names: Sequence[str], source: Source) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{source.label}: more than one column is named {first_and_rest(twice)}")


def _key_column(table: _Table, known: set[str]) -> tuple[int | None, tuple[str, ...]]:
    """The column of ids, and what is said of a choice by values; None where there are no ids."""
    if table.named:
        named = [i for name in KEY_NAMES for i, n in enumerate(table.names) if fold(n) == name]
        if named:
            covering = [i for i in named if _covers(table, i, known)]
            others = [i for i in range(len(table.names)) if i not in named]
            covering = covering or [i for i in others if _covers(table, i, known)]
            chosen = covering[0] if covering else named[0]
            return chosen, () if chosen == named[0] else (f"ids: column '{table.names[chosen]}'",)
    covered = [0] if _covers(table, 0, known) else []
    if not covered and known:
        covered = [i for i in range(1, len(table.names)) if _covers(table, i, known)]
    if covered:
        told = () if covered[0] == 0 else (f"ids: column '{table.names[covered[0]]}'",)
        return covered[0], told
    if (not table.named and _fit_numbers(known, table.num_rows)) or len(table.names) == 1:
        return None, ()
    return 0, ()


def _covers(table: _Table, i: int, known: set[str]) -> bool:
    """Whether a column holds every id, and none twice."""
    cells = table.texts(i)
    found = set(cells)
    return bool(known) and known <= found and len(found) == len(cells)


def _fit_numbers(known: set[str], num_rows: int) -> bool:
    """Whether the ids are numbers of rows, counted from 0."""
    return bool(known) and all(
        name.isdecimal() and (name == "0" or name[0] != "0") and int(name) < num_rows
        for name in known
    )


def distinct(ids: list[str], source: Source, column: str = "") -> list[str]:
    """The ids, none of them twice.

    Raises:
        InputError: one of them is repeated.
    """
    seen: set[str] = set()
    repeated = [name for name in ids if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    if repeated:
        where = f" (ids are taken from column '{column}')" if column else ""
        raise InputError(
            f"{source.label}: more than one row for vertex {first_and_rest(repeated)}{where}"
        )
    return ids


def _header(table: Delimited, known: set[str]) -> list[str] | None:
    """The names that the first row gives the columns; None where it looks like the data below it.

    It does if it holds one of the graph's ids, if its values are all numbers, or if its last value,
    a class say, occurs again. Numbers from 0 on, as pandas writes them over columns without names,
    are no values where the first cell is no id and the cells below it are.
    """
    first = table.first.cells
    if table.headed and len(first) == table.width:
        return first
    rows = [row.cells for row in table.sample() if len(row.cells) == table.width]
    if len(first) == table.width - 1 and rows and all(not row[-1] for row in rows):
        return [*first, ""]
    if len(first) == table.width - 1 and has_row_names(first, rows):
        return ["", *first]
    if len(first) == table.width + 1 and not first[-1]:
        return first[:-1]
    if len(first) == table.width and (any(fold(c) in KEY_NAMES for c in first) or not first[0]):
        return first
    counted = first[1:] == [str(i) for i in range(len(first) - 1)] and first[0] not in known
    if counted and rows and len(first) > 1 and {row[0] for row in rows} <= known:
        return first
    if any(cell in known for cell in first):
        return None
    if all(is_number(cell) or not cell for cell in (first[1:] or first)):
        return None
    again = any(row[-1] == first[-1] for row in rows)
    return None if again else first
