"""Feature and label files that go with a graph, matched by vertex id or in vertex order."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest
from tvgnn_cli.graph import Graph, check_features, encode_labels
from tvgnn_cli.io.npz import as_features, as_labels, load_arrays
from tvgnn_cli.io.source import Source, decode_text, is_number

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Rows:
    """Values by vertex id: `ids` are distinct strings, `values` has one row for each."""

    ids: list[str]
    values: pd.DataFrame


def attach_features(graph: Graph, source: Source) -> Graph:
    """The graph with the features of a file in place of its own.

    Vertices that only the file knows are added, without edges. `.npy` and `.npz` hold rows in
    vertex order; `.csv`, `.tsv` and `.parquet` have vertex ids in their first column (or in one
    named `id` or `vertex`).

    Raises:
        InputError: vertices without a row, repeated rows, ids that match nothing, values that
            are not finite numbers.
    """
    if source.suffix in ARRAYS:
        x = as_features(_array(source, "features"), graph.ids, source.label)
        return replace(graph, x=x).with_note(f"features: {source.label}")
    rows = _read_rows(source)
    graph, order = _match(graph, rows, source)
    x = _numeric(rows, source)[order]
    check_features(x, graph.ids, source.label)
    return replace(graph, x=x).with_note(f"features: {source.label}")


def attach_labels(graph: Graph, source: Source) -> Graph:
    """The graph with the true labels of a file; the same rules as for features.

    Raises:
        InputError: as for features; more than one label column.
    """
    if source.suffix in ARRAYS:
        y, names = as_labels(_array(source, "labels"), graph.num_vertices, source.label)
        return replace(graph, y=y, class_names=names).with_note(f"true labels: {source.label}")
    rows = _read_rows(source)
    if rows.values.shape[1] != 1:
        columns = ", ".join(map(str, rows.values.columns))
        raise InputError(f"{source.label}: need one label column beside the ids, not {columns}")
    graph, order = _match(graph, rows, source)
    names_of = rows.values.iloc[:, 0].astype(str).to_numpy()[order]
    y, names = encode_labels(names_of.tolist())
    return replace(graph, y=y, class_names=names).with_note(f"true labels: {source.label}")


def read_label_table(source: Source, column: str) -> tuple[list[str], list[str]]:
    """Ids and values of the named column, or else of the second, in the file's order.

    Raises:
        InputError: no second column, repeated ids.
    """
    rows = _read_rows(source)
    if not rows.values.shape[1]:
        raise InputError(f"{source.label}: one column; need vertex ids and a label or cluster")
    names = [str(name).lower() for name in rows.values.columns]
    wanted = names.index(column) if column in names else 0
    return rows.ids, rows.values.iloc[:, wanted].astype(str).tolist()


def _array(source: Source, what: str) -> Any:
    if source.suffix == ".npz":
        arrays = load_arrays(source)
        name = what if what in arrays else next((n for n in ("x", "y") if n in arrays), None)
        if name is None and len(arrays) != 1:
            raise InputError(f"{source.label}: name the array '{what}'; there are {list(arrays)}")
        return arrays[name] if name else next(iter(arrays.values()))
    try:
        return np.load(io.BytesIO(source.read_bytes()), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(f"{source.label}: not a plain .npy array ({error})") from None


ARRAYS = (".npy", ".npz")
ID_NAMES = ("id", "vertex", "node", "")
"""First cells that tell a header; pandas writes an empty one over its index."""


def _read_rows(source: Source) -> _Rows:
    if source.suffix not in TABLES:
        known = ", ".join(TABLES)
        raise InputError(f"{source.label}: unknown suffix '{source.suffix}'; known: {known}")
    frame = TABLES[source.suffix](source)
    if not len(frame) or not len(frame.columns):
        raise InputError(f"{source.label}: holds no rows")
    named = [c for c in frame.columns if str(c).lower() in ID_NAMES[:3]]
    key = named[0] if named else frame.columns[0]
    ids = frame[key].astype(str).tolist()
    seen: set[str] = set()
    repeated = [name for name in ids if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    if repeated:
        raise InputError(f"{source.label}: more than one row for vertex {first_and_rest(repeated)}")
    return _Rows(ids, frame.drop(columns=[key]))


def _match(graph: Graph, rows: _Rows, source: Source) -> tuple[Graph, np.ndarray]:
    """The graph with vertices that only the rows have, and the row of each of its vertices."""
    row_of = {name: i for i, name in enumerate(rows.ids)}
    known = set(graph.ids.tolist())
    lacking = [name for name in graph.ids.tolist() if name not in row_of]
    if lacking:
        raise InputError(f"{source.label}: no row for vertex {first_and_rest(lacking)}")
    extra = [name for name in rows.ids if name not in known]
    if extra and not graph.explicit_ids:
        raise InputError(
            f"{source.label}: vertex {first_and_rest(extra)} is not in the graph, "
            f"whose vertices are 0 to {graph.num_vertices - 1}"
        )
    if extra:
        graph = _with_isolated(graph, extra, source)
    return graph, np.array([row_of[name] for name in graph.ids.tolist()], dtype=np.int64)


def _with_isolated(graph: Graph, extra: list[str], source: Source) -> Graph:
    if graph.x is not None or graph.y is not None:
        raise InputError(
            f"{source.label}: vertex {first_and_rest(extra)} is not in the graph, "
            "for whose vertices features or labels were given already"
        )
    ids = np.concatenate([graph.ids, np.array(extra, dtype=object)])
    note = f"{len(extra)} vertices without edges added from {source.label}"
    return replace(graph, ids=ids).with_note(note)


def _numeric(rows: _Rows, source: Source) -> np.ndarray:
    import pandas as pd

    if not rows.values.shape[1]:
        raise InputError(f"{source.label}: holds ids and no feature columns")
    columns = []
    for name in rows.values.columns:
        column = pd.to_numeric(rows.values[name], errors="coerce").to_numpy(dtype=np.float32)
        bad = np.flatnonzero(~np.isfinite(column))
        if len(bad):
            value = rows.values[name].iloc[bad[0]]
            raise InputError(
                f"{source.label}: column '{name}' of vertex '{rows.ids[bad[0]]}' is {value!r}, "
                f"not a finite number ({len(bad)} such)"
            )
        columns.append(column)
    return np.stack(columns, axis=1)


def _read_delimited(source: Source, delimiter: str) -> pd.DataFrame:
    import pandas as pd

    text = decode_text(source.read_bytes(), source.label)
    lines = [line for line in text.splitlines() if line.strip()]
    if len(next(csv.reader([lines[0]], delimiter=delimiter))) < 2:
        raise InputError(f"{source.label}: one column; need ids and values, split by {delimiter!r}")
    try:
        # Without a header of its own, pandas refuses rows that are longer than the first.
        frame = pd.read_csv(
            io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False, header=None
        )
    except (pd.errors.ParserError, ValueError) as error:
        raise InputError(f"{source.label}: {str(error).strip()}") from None
    short = frame.isna().any(axis=1)
    if short.any():
        row = frame.index[short][0]
        raise InputError(f"{source.label}: row {row + 1} has fewer columns than the first")
    return _with_header(frame)


def _with_header(frame: pd.DataFrame) -> pd.DataFrame:
    """The first row as column names, unless its values are numbers and its id is none of ours."""
    first = frame.iloc[0].tolist()
    if first[0].lower() not in ID_NAMES and all(is_number(cell) for cell in first[1:]):
        return frame
    return frame.iloc[1:].reset_index(drop=True).set_axis(first, axis=1)


def _read_parquet(source: Source) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame: pd.DataFrame = pq.read_table(pa.BufferReader(source.read_bytes())).to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{source.label}: not a Parquet file ({error})") from None
    return frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()


TABLES: dict[str, Callable[[Source], Any]] = {
    ".csv": lambda source: _read_delimited(source, ","),
    ".tsv": lambda source: _read_delimited(source, "\t"),
    ".parquet": _read_parquet,
}
