"""Tables that lie beside graph files and are none: of their classes, or results of tvgnn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.io.content import first_bytes
from tvgnn_cli.io.names import fold
from tvgnn_cli.io.source import Source

USUAL = (".predicted.csv", ".metrics.csv", ".cv.csv", ".embedding.parquet", ".clusters.csv")
"""Ends of the names that results have where none was asked for."""

HEADS = re.compile(
    r"graph,(class,confidence|vertex,cluster_1|x_0)\b|class,as_|fold,run,seed,acc\b"
    r"|acc,(input|acc_sd)\b|acc_train,acc_validation\b|vertex,cluster\b"
)
"""Beginnings of the first lines of results, whatever the files are called."""

TEXT = (".csv", ".tsv", ".txt")
PARQUET = ".parquet"

WAY = "as `labels`, or in place of the folder"
"""Ways to give a table of graphs."""

_MARKS = re.compile(r"[,;\t]")


def is_result(path: Path) -> bool:
    """Tell whether a file is a table that tvgnn wrote of graphs or vertices, by its name or by the
    names of its columns.
    """
    if path.name.lower().endswith(USUAL):
        return True
    rows = _first_rows(path)
    return bool(rows) and HEADS.match(",".join(rows[0])) is not None


def refuse_tables(folder: Path, graphs: Sequence[str]) -> None:
    """Refuse a table of graphs under a name of its own, which would be read as edges.

    Args:
        folder: that the files are in.
        graphs: their names.

    Raises:
        InputError: naming the first of them whose columns are `graph` and `label`, or which names
            another of the files.
    """
    names = set(graphs)
    for name in graphs:
        path, rows = folder / name, _first_rows(folder / name)
        if rows and {"graph", "label"} <= {fold(word) for word in rows[0]}:
            of_text = Source(name).suffix != PARQUET
            what = "line 1 is that" if of_text else "its columns are those"
            way = "give it" if of_text else "write it as .csv, and give that"
            raise InputError(f"{path}: {what} of a table of graphs; {way} {WAY}")
        found = next((word for row in rows for word in row if word in names - {name}), None)
        if found is not None:
            raise InputError(
                f"{path}: names {shown(found, 60)}, a file of this folder: it is a table of "
                f"graphs, and no graph; name its columns graph,label and give it {WAY}, or move it"
            )


def _first_rows(path: Path) -> list[list[str]]:
    """The words of the first two rows of a table; fewer where there are none, or where it cannot be
    read, which is for its reader to say.
    """
    suffix = Source(path.name).suffix
    try:
        if suffix == PARQUET:
            return _rows_of_parquet(Source(str(path)))
        text = first_bytes(Source(str(path))) if suffix in TEXT else b""
    except InputError:
        return []
    lines = text.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").split("\n")
    there = [line for line in lines if line.strip()][:2]
    return [[word.strip().strip('"') for word in _MARKS.split(line)] for line in there]


def _rows_of_parquet(source: Source) -> list[list[str]]:
    """The names of the columns, and the first row of those of them that come first."""
    from tvgnn_cli.io.parquet_file import ParquetFile

    with ParquetFile(source) as file:
        names, some = list(file.names), list(file.names)[:8]
        for batch in file.batches(some, 1):
            for row in file.values(batch):
                return [names, [value for value in row.values() if isinstance(value, str)]]
    return [names]
