"""Sets of graphs in a table with a row for each: `.parquet`, `.jsonl`, as Hugging Face has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, shown
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.graph.property_graph import as_text, is_gap
from tvgnn_cli.io.graph_sets.asked import Asked
from tvgnn_cli.io.graph_sets.edge_shapes import edges_of_rows
from tvgnn_cli.io.graph_sets.found import Found, as_attributes, refuse_twice, refuse_unusable
from tvgnn_cli.io.graph_sets.records import Records, read_records
from tvgnn_cli.io.graph_sets.row_features import RowFeatures, features_of_rows, odd_one
from tvgnn_cli.io.graph_sets.words import part_of
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.sparse_arrays import most_vertices

WEIGHTS = ("edge_weight", "edge_attr")
"""Columns that may be the weight."""


def read_rows(source: Source, asked: Asked) -> GraphSet:
    """Read a table with a row for each graph.

    Raises:
        InputError: a row that is no graph, or whose values do not fit each other.
        UsageError: a `weight` that is none.
    """
    records = read_records(source)
    edges, told = edges_of_rows(records.columns["edge_index"], records.where)
    features = features_of_rows(records)
    sizes, unsaid = _sizes(records, edges, features)
    shift = np.concatenate([[0], np.cumsum(sizes)])
    ends = np.concatenate([e + first for e, first in zip(edges, shift, strict=False)], axis=1)
    attributes = None
    if features.attributes is not None and asked.attributes:
        attributes = as_attributes(
            features.attributes,
            lambda row: records.where(int(np.searchsorted(shift, row, side="right")) - 1),
        )
    ids = _ids(records)
    return Found(
        label=records.label,
        name=source.stem,
        ids=ids,
        sizes=sizes,
        tail=ends[0],
        head=ends[1],
        weight=_weight(records, asked, edges),
        attributes=attributes,
        categories=features.categories if asked.categories else (),
        labels=_classes(records),
        split=_split(records),
        notes=(*told, *features.notes, *unsaid, *_notes(records, asked)),
    ).graph_set()


def _sizes(
    records: Records, edges: Sequence[np.ndarray], features: RowFeatures
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Vertices of each graph, by `num_nodes`, by its features, or else by its edges."""
    told = records.columns.get("num_nodes", [None] * len(edges))
    sizes, unsaid = np.zeros(len(edges), dtype=np.int64), 0
    for row, (ends, given) in enumerate(zip(edges, told, strict=True)):
        high, rows = int(ends.max(initial=-1)), features.lengths[row]
        number = _number(given, records, row)
        if number is not None and rows is not None and number != rows:
            raise InputError(
                f"{records.where(row)}: num_nodes is {number}, but there are features or labels "
                f"of {rows} vertices"
            )
        known = rows if number is None else number
        unsaid += known is None
        sizes[row] = high + 1 if known is None else known
        if high >= sizes[row]:
            raise InputError(
                f"{records.where(row)}: an edge names vertex {high}, but the vertices are 0 to "
                f"{sizes[row] - 1}"
            )
        if rows is None and sizes[row] > most_vertices(ends.shape[1]):
            raise InputError(
                f"{records.where(row)}: {sizes[row]} vertices of {ends.shape[1]} edges in all; "
                "number vertices from 0"
            )
    if int(sizes.sum()) > most_vertices(sum(e.size for e in edges)) + features.num_rows:
        raise InputError(f"{records.label}: num_nodes are {sizes.sum():,} in all, of far less")
    if not unsaid:
        return sizes, ()
    note = (
        f"num_nodes: not given for {unsaid:,} of {len(edges):,} graphs; vertices after the last "
        "that has an edge are not known"
    )
    first = min((int(ends.min()) for ends in edges if ends.size), default=0)
    from_one = ("vertex 0 has no edge in any graph: where numbers begin with 1, take 1 off",)
    return sizes, (note, *(from_one if first == 1 else ()))


def _number(given: Any, records: Records, row: int) -> int | None:
    """A number of vertices; None where there is none."""
    value = given[0] if isinstance(given, list) and len(given) == 1 else given
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise InputError(f"{records.where(row)}: num_nodes is {shown(given)}, not a number from 0")
    return value


def _ids(records: Records) -> list[str]:
    """The ids of the graphs; their positions from 0 where they have none."""
    found = records.columns.get("id")
    if found is None:
        return [str(row) for row in range(len(records.places))]
    for row, value in enumerate(found):
        if not isinstance(value, int | float | str) or is_gap(value) or value == "":
            raise InputError(f"{records.where(row)}: id is {shown(value)}; need text or a number")
    ids = [as_text(value) for value in found]
    refuse_twice(ids, records.where)
    return ids


def _classes(records: Records) -> list[str] | None:
    """The class of each graph as text, "" for none."""
    found = records.columns.get("y")
    return None if found is None else [_class(v, records, row) for row, v in enumerate(found)]


def _class(given: Any, records: Records, row: int) -> str:
    name = records.names["y"]
    value = given.tolist() if isinstance(given, np.ndarray) else given
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value == []:
        return ""
    if isinstance(value, list | dict):
        raise InputError(f"{records.where(row)}: {name} is {shown(value)}; a graph has one class")
    if is_gap(value):
        return ""
    if isinstance(value, bytes) or (isinstance(value, float) and not value.is_integer()):
        said = f"{value:g}" if isinstance(value, float) else shown(value)
        raise InputError(
            f"{records.where(row)}: {name} is {said}; classes are whole numbers or words"
        )
    return as_text(value)


def _split(records: Records) -> list[str] | None:
    found = records.columns.get("split")
    if found is None:
        return None
    words = [
        word if isinstance(word, str) else "" if word is None else repr(word) for word in found
    ]
    return [part_of(word, records.where(row)) for row, word in enumerate(words)]


def _weight(records: Records, asked: Asked, edges: Sequence[np.ndarray]) -> np.ndarray | None:
    """The weights of all edges `[m]`: `edge_weight`, or the column that is asked for."""
    if asked.no_weight:
        return None
    name = "edge_weight" if asked.weight is None else asked.weight.lower()
    if name not in WEIGHTS:
        raise UsageError(
            f"`weight` is {shown(asked.weight)}; in a table of graphs it is edge_weight or "
            "edge_attr"
        )
    found = records.columns.get(name)
    if found is None:
        if asked.weight is not None:
            raise InputError(f"{records.label}: has no column '{name}' (`weight`)")
        return None
    parts = [
        _weights_of_row(value, ends.shape[1], f"{records.where(row)}: {records.names[name]}")
        for row, (value, ends) in enumerate(zip(found, edges, strict=True))
    ]
    for row, part in enumerate(parts):
        refuse_unusable(part, lambda i, row=row: f"{records.where(row)}: edge {i + 1}")  # type: ignore[misc]
    return np.concatenate(parts)


def _weights_of_row(value: Any, count: int, where: str) -> np.ndarray:
    """The weights of one graph, a number or a list of one for each edge."""
    try:
        array = np.asarray([] if value is None else value)
    except (ValueError, OverflowError):
        raise InputError(f"{where} has lists of different lengths") from None
    array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if array.shape != (count,) and not (array.size == 0 and count == 0):
        raise InputError(f"{where} has shape {array.shape}, not ({count},): one for each edge")
    if array.size and array.dtype.kind not in "iufb":
        raise InputError(f"{where} is not of numbers: {odd_one(array, 'edge', 'iufb', 1)}")
    return array.reshape(-1).astype(np.float64)


def _notes(records: Records, asked: Asked) -> tuple[str, ...]:
    """Lines of the summary on what is not read."""
    said = list(records.notes)
    taken = (asked.weight or "edge_weight").lower()
    for name in WEIGHTS:
        if name in records.columns and name != taken and not asked.no_weight:
            said.append(f"{name}: not read; `weight` {name} takes it where it is one number")
    if "y" not in records.columns:
        said.append(f"classes: {records.label} has no column 'y' or 'label'")
    return tuple(said)
