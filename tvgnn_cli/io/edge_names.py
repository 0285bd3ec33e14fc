"""Tables of edges whose ends are in one column, as Cytoscape exports them: `ann (pp) bob`."""

from __future__ import annotations

import csv
import io
import re

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.names import find_ends, fold
from tvgnn_cli.io.wanted import Wanted

_NAMES = ("sharedname", "name")
_PARTED = re.compile(r"((?:(?! \().)+) \(([^()]*)\) (.+)")


def with_ends(table: Delimited, wanted: Wanted) -> tuple[bytes, str] | None:
    """The table with a column for each end, a row on each line as before, and what is said of it;
    None of any other table.

    Raises:
        InputError: a row whose name is none of an edge: naming its line.
    """
    names = table.first.cells
    asked = wanted.source is not None or wanted.target is not None or wanted.header is False
    folded = [fold(name) for name in names]
    column = next((folded.index(name) for name in _NAMES if name in folded), None)
    known = {"sharedname", "interaction", "suid"} & set(folded)
    if (
        asked
        or not known
        or column is None
        or find_ends(names) is not None
        or len(names) != table.width
    ):
        return None
    kind = folded.index("interaction") if "interaction" in folded else None
    sample = table.sample()
    if not sample or not all(
        len(row.cells) == table.width and _ends(row.cells, column, kind) for row in sample
    ):
        return None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["source", "target", *names])
    line = table.first.line
    for row in table.rows():
        if len(row.cells) != table.width:
            raise table.ragged(row)
        ends = _ends(row.cells, column, kind)
        if ends is None:
            raise InputError(
                f"{table.label}: line {row.line}: {row.cells[column]!r} in column "
                f"'{names[column]}' is not the name of an edge, 'a (kind) b'; name the columns of "
                "the ends with `source` and `target`"
            )
        text.write("\n" * (row.line - line - 1))
        writer.writerow([*ends, *(cell.replace("\n", " ") for cell in row.cells)])
        line = row.line
    shown = sample[0].cells[column]
    said = f"ends: parted from the names of edges in column '{names[column]}', such as '{shown}'"
    return b"\n" * (table.first.line - 1) + text.getvalue().encode(), said


def _ends(cells: list[str], column: int, kind: int | None) -> tuple[str, str] | None:
    """The two ids in the name of an edge; None where it is none, or may be parted in two ways."""
    name = cells[column]
    if kind is not None:
        parts = name.split(f" ({cells[kind]}) ")
        return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None
    parted = _PARTED.fullmatch(name)
    if parted is None or " (" in parted[3]:
        return None
    return parted[1], parted[3]
