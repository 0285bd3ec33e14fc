"""Names 0, 1, 2, ... that pandas writes over columns without names, told from a row of data."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.encoding import Ends
from tvgnn_cli.io.id_match import are_ids, rows_by_number
from tvgnn_cli.io.source import is_number


def are_default(cells: Sequence[str]) -> bool:
    """Tell whether cells count from 0: 0, 1, 2, ..."""
    return list(cells) == [str(i) for i in range(len(cells))]


def name_ends(
    first: Sequence[str], ends: Ends, weights: Sequence[str], may_be_written: bool
) -> tuple[bool, tuple[str, ...]]:
    """Tell whether a first row 0, 1 or 0, 1, 2 names the columns of an edge list, and what is said.

    It does if neither 0 nor 1 is in another line, as the ends of every other edge are; or if its 2
    stands over weights that are all written with a point. Where ids are 1, 2, 3, ..., it may be
    names or the only edge of a vertex 0.

    Args:
        first: the row.
        ends: of the other rows.
        weights: cells of the third column below it; none where there is no such column.
        may_be_written: whether cells are parted as pandas parts them.
    """
    shown = "'0' and '1'"
    known = ends.places(("0", "1"))
    degree = np.bincount(np.concatenate([ends.tail, ends.head]), minlength=len(ends.ids))
    alone = bool(((degree[ends.tail] == 1) & (degree[ends.head] == 1)).any())
    over_fractions = len(weights) > 9 and all(map(_is_fraction, weights))
    if over_fractions or (not known and not alone and len(ends.tail) > 2):
        names = ", ".join(first)
        return True, (
            f"the first line is read as a header: {names}, as pandas names columns without names "
            "(`header=False` reads it as an edge)",
        )
    rows = rows_by_number(ends.ids.tolist(), len(ends.ids))
    numbered = "0" not in known and rows is not None and rows[0] == "1"
    if (numbered and may_be_written) or not known:
        return False, (
            f"the first line, {shown}, is read as an edge (`header=True` reads it as names)",
        )
    return False, ()


def name_columns(
    first: Sequence[str], columns: Sequence[Sequence[str]], known: Collection[str], where: str
) -> bool:
    """Tell whether a first row 0, 1, 2, ... names the columns of a table of vertices.

    It does over words; where the rows below it have each id of the graph in their first column, and
    0 too, or where it is no id; and where they have no ids and are as many as the graph's vertices.

    Args:
        first: the row.
        columns: cells of the rows below, by column.
        known: ids of the graph.
        where: file and line of the row, for messages.

    Raises:
        InputError: one column of whole numbers may begin with a name or with a value.
    """
    ids, values = columns[0], columns[1:] or columns
    if not len(ids):
        return False
    if any(not any(map(is_number, cells)) for cells in values):
        return True
    fractions = any(_are_fractions(cells) for cells in values)
    there = set(ids)
    if len(first) > 1 and len(there) == len(ids) and there.issuperset(known):
        words = not any(map(is_number, there))
        return "0" in there or ("0" not in known and (words or len(first) > 2 or fractions))
    if rows_by_number(known, len(ids)) is None or are_ids(ids, known):
        return False
    if len(ids) != len(known):
        return len(ids) > len(known) and len(first) > 2 and fractions
    if len(first) > 1 or fractions or "0" not in there:
        return True
    raise InputError(
        f"{where}: '0' may name the column, as pandas does, or be the value of the first "
        f"vertex of {len(ids) + 1}: write the name 'label' or 'value' there, or above it"
    )


def _are_fractions(cells: Sequence[str]) -> bool:
    """Tell whether most cells are written with a point."""
    return 2 * sum(map(_is_fraction, cells)) > len(cells)


def _is_fraction(cell: str) -> bool:
    return "." in cell and is_number(cell)
