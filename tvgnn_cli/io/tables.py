"""Tables of values by vertex: text of cells, and `.parquet`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.id_match import are_fractions, are_ids, rows_by_number
from tvgnn_cli.io.names import CLASSES, INDEX_NAMES, KEY_NAMES, fold, twice
from tvgnn_cli.io.number_commas import Commas
from tvgnn_cli.io.source import Source, is_natural
from tvgnn_cli.io.table_cells import Table, table_of_parquet, table_of_text
from tvgnn_cli.io.wanted import NONE, find_named
from tvgnn_cli.io.written_numbers import with_numbers


@dataclass(frozen=True)
class Rows:
    """Values by vertex id.

    Args:
        ids: distinct strings, one for each row.
        columns: the values by name; by "column 2" where the table has no header.
        named: whether the names are those of a header.
        notes: sentences that the summary shows.
        looked_at: where the ids were looked for, for messages.
        unclear: the first cell of each column whose commas may be decimal or mark thousands.
        numbered: whether the table has no ids, and its rows are in the order of vertex numbers.
    """

    ids: list[str]
    columns: Mapping[str, Column]
    named: bool
    notes: tuple[str, ...] = ()
    looked_at: str = ""
    numbered: bool = False
    unclear: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns; empty where the table has no header."""
        return tuple(self.columns) if self.named else ()


def class_column(rows: Rows, asked: str | None, label: str) -> str:
    """The column with the true class: the one that is asked for, the only one, or the only one that
    is named as classes are, or without names the only one of words, as in Cora's `cora.content`;
    and has two vertices a class on average.

    Raises:
        InputError: there is none, or there are several.
    """
    names = list(rows.columns)
    if not names:
        raise InputError(f"{label}: one column: ids and no classes")
    if asked is not None and (asked.lower() != NONE or asked in names):
        return names[find_named(asked, names, "`label_attr`", label, "column")]
    if len(names) == 1:
        return names[0]
    likely = [
        name for name in names
        if (fold(name) in CLASSES if rows.named else not with_numbers(rows.columns[name]).is_number)
        and 1 < 2 * _num_distinct(rows.columns[name]) <= _size(rows)
    ]  # fmt: skip
    if len(likely) == 1:
        return likely[0]
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")
    raise InputError(
        f"{label}: need one label column beside the ids, not {shown}; name it with `label_attr`"
    )


def _num_distinct(column: Column) -> int:
    return len({text for text in column.texts() if text})


def _size(rows: Rows) -> int:
    return len(next(iter(rows.columns.values())).values)


def read_rows(source: Source, known: Collection[str] = (), groups: bool = False) -> Rows:
    """Read a table, and find out which column has the ids.

    That is one named `id`, `vertex` or `node`; else one that has all the ids of the graph; else the
    first. A table without ids has a row for each of the vertices 0, 1, 2, ..., or 1, 2, 3, ...
    Rows that are the same in all columns count once.

    Args:
        source: the file.
        known: vertex ids that it may hold.
        groups: whether a column is looked for that has names of groups, clusters or classes, not
            numbers.

    Raises:
        InputError: lines of different lengths, two columns of one name, an id in rows that differ,
            two columns that may be the ids.
    """
    ids = set(known)
    table = table_of_parquet(source) if source.suffix == ".parquet" else table_of_text(source, ids)
    names = table.names
    _refuse_twins(names, source)
    key, told = _key_column(table, ids, source)
    # A column without a name that is not the ids is one of row numbers.
    commas = table.read_commas(key)
    places = {name: i for i, name in enumerate(names) if i != key and name}
    columns = {name: table.column(i, commas.of_column[i], groups) for name, i in places.items()}
    unclear = {
        name: commas.example[i]
        for name, i in places.items()
        if commas.of_column[i] is Commas.EITHER
    }
    told = (*table.told, *told, *commas.told(source.label))
    if key is None:
        numbered = rows_by_number(ids, table.num_rows)
        if numbered is None:
            raise InputError(f"{source.label}: one column; need vertex ids and values beside them")
        note = in_order(source.label, numbered)
        return Rows(numbered, columns, table.named, (note, *told), numbered=True, unclear=unclear)
    found = table.texts(key)
    kept = _once(found, table, key, groups)
    if len(kept) < len(found):
        columns = {name: column.take(kept) for name, column in columns.items()}
        told += (f"repeated rows of {source.label}, left out: {len(found) - len(kept):,}",)
        found = [found[i] for i in kept.tolist()]
    found = distinct(found, source, names[key])
    return Rows(found, columns, table.named, told, names[key], unclear=unclear)


def lacking_rows(lacking: Sequence[str], count: int, label: str) -> str:
    """Say that these of `count` vertices are of unknown class, since labels have no row of them."""
    shown = f"{len(lacking):,} of {count:,} ('{lacking[0]}', say)"
    return f"vertices without a row in {label}: {shown}; their class is unknown"


def extra_rows(count: int, label: str) -> str:
    """Say how many rows are left out, since they are of no vertex of the graph."""
    return f"rows of {label} for vertices that the graph lacks, left out: {count:,}"


def in_order(label: str, ids: Sequence[str]) -> str:
    """The note on rows without ids."""
    shown = ", ".join(ids[:3])
    return f"rows of {label} are taken in the order of the vertices {shown}, ..."


def _once(ids: list[str], table: Table, key: int, groups: bool) -> np.ndarray:
    """Positions of the rows, without those that are the same in all columns as an earlier one."""
    first = {name: i for i, name in reversed(list(enumerate(ids)))}
    if len(first) == len(ids):
        return np.arange(len(ids))
    places = [i for i in range(len(table.names)) if i != key]
    others = [table.column(i, names=groups).texts() for i in places]
    return np.array([
        i for i, name in enumerate(ids)
        if first[name] == i or any(column[i] != column[first[name]] for column in others)
    ])  # fmt: skip


def _refuse_twins(names: Sequence[str], source: Source) -> None:
    repeated = twice(names)
    if repeated:
        raise InputError(
            f"{source.label}: more than one column is named {first_and_rest(repeated)}"
        )


def _key_column(
    table: Table, known: set[str], source: Source
) -> tuple[int | None, tuple[str, ...]]:
    """The column of ids, and what is said of a choice by values; None where there are no ids."""
    if table.named:
        folded = list(map(fold, table.names))
        named = [i for known_as in KEY_NAMES for i, n in enumerate(folded) if n == known_as]
        if named:
            covering = [i for i in named if _covers(table, i, known)]
            others = [i for i in range(len(table.names)) if i not in named]
            covering = covering or [i for i in others if _covers(table, i, known)]
            chosen = covering[0] if covering else named[0]
            return chosen, () if chosen == named[0] else (f"ids: column '{table.names[chosen]}'",)
    first = table.index or 0
    name = table.names[first]
    covered = [first] if _covers(table, first, known) else []
    if known and (not covered or (table.named and _is_of_row_numbers(name))):
        others = [i for i in range(len(table.names)) if i != first]
        covered += [i for i in others if _covers(table, i, known)]
    if first in covered[:1] and any(table.texts(first) != table.texts(i) for i in covered):
        raise InputError(
            f"{source.label}: row numbers and column '{table.names[covered[1]]}' both have all ids "
            "of the graph: name the column of ids 'id'"
        )
    if covered:
        told = () if covered[0] == first else (f"ids: column '{table.names[covered[0]]}'",)
        return covered[0], told
    if table.index is not None:
        return table.index, ()
    if len(table.names) == 1 or _are_numbered(table, known):
        return None, ()
    return 0, ()


def _is_of_row_numbers(name: str) -> bool:
    """Tell whether a name is that of row numbers, or the one that pandas gives an index without a
    name.
    """
    return fold(name) in INDEX_NAMES or name.startswith("__index_level_")


def _are_numbered(table: Table, known: set[str]) -> bool:
    """Tell whether rows without ids are in the order of the vertices: those of a table without a
    header, or one row for each vertex, whose first column has a value twice, or fractions, and is
    no id.
    """
    if rows_by_number(known, table.num_rows) is None:
        return False
    values = table.texts(0)
    if table.named:
        no_ids = len(set(values)) < len(values) or are_fractions(values)
        return table.num_rows == len(known) and no_ids
    return not are_ids(values, known) and not _are_triplets(table, known)


def _are_triplets(table: Table, known: set[str]) -> bool:
    """Tell whether rows of three cells, more than the vertices, are entries of a sparse matrix: two
    whole numbers, the first of which comes again, and a value.
    """
    if len(table.names) != 3 or table.num_rows <= len(known):
        return False
    rows, columns = table.texts(0), table.texts(1)
    whole = all(map(is_natural, rows)) and all(map(is_natural, columns))
    return whole and len(set(zip(rows, columns, strict=True))) == len(rows)


def _covers(table: Table, i: int, known: set[str]) -> bool:
    """Tell whether a column holds every id, and none twice. One that does has an id among its first
    rows, as many as there are rows too many and one: few columns are looked at whole.
    """
    others = table.num_rows - len(known)
    if not known or others < 0 or known.isdisjoint(table.texts(i, others + 1)):
        return False
    cells = table.texts(i)
    found = set(cells)
    return known <= found and len(found) == len(cells)


def distinct(ids: list[str], source: Source, column: str = "") -> list[str]:
    """The ids, none of them twice.

    Raises:
        InputError: one of them is repeated.
    """
    seen: set[str] = set()
    repeated = [name for name in ids if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    if repeated:
        where = f" (ids are taken from column '{column}')" if column else ""
        listed = "; rows of a vertex, a value and its place are a matrix: scipy.sparse.save_npz"
        way = listed if 2 * len(repeated) > len(ids) else ""
        raise InputError(
            f"{source.label}: more than one row for vertex {first_and_rest(repeated)}{where}{way}"
        )
    return ids
