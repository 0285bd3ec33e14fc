"""Files that go with a graph: their rows matched with its vertices, by id or in order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, counted, first_and_rest
from tvgnn_cli.graph import stored_features as stored
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.io.archive import Archive
from tvgnn_cli.io.classes import classes_of
from tvgnn_cli.io.id_match import count_from_other_ends, difference, rows_by_number
from tvgnn_cli.io.npy import NpyFile, can_stay, read_npy
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.sparse_arrays import read_sparse
from tvgnn_cli.io.tables import Rows, distinct, in_order, read_rows
from tvgnn_cli.io.vertex_arrays import LATER_CLASSES, find_classes, find_features, find_ids

ARRAYS = (".npy", ".npz")


def where_ids_are(rows: Rows) -> str:
    """For messages: the column that ids are taken from."""
    return f" (ids are taken from column '{rows.looked_at}')" if rows.looked_at else ""


def rows_of_table(graph: Graph, source: Source, groups: bool = False) -> Rows:
    """Read a table whose ids are the graph's; or, where none of these is there, the names that
    people know its vertices by, no two of which are the same.

    Raises:
        InputError: as `read_rows`.
    """
    rows = read_rows(source, graph.ids, groups)
    if graph.names is None or not set(rows.ids).isdisjoint(graph.ids.tolist()):
        return rows
    id_of = dict(zip(graph.names.tolist(), graph.ids.tolist(), strict=True))
    named = read_rows(source, list(id_of), groups)
    if len(id_of) < graph.num_vertices or set(named.ids).isdisjoint(id_of):
        return rows
    note = f"ids of {source.label}: the names of the vertices"
    ids = [id_of.get(name, name) for name in named.ids]
    return replace(named, ids=ids, notes=(*named.notes, note))


def rows_of_array(graph: Graph, count: int, ids: list[str] | None, source: Source) -> Rows | None:
    """The ids of an array's rows, and what is said of them; None where rows are those of the
    graph's vertices in their order and nobody could think otherwise.
    """
    own = graph.ids.tolist()
    if ids is not None and _name_vertices(ids, own, graph.explicit_ids):
        note = f"ids of rows: the array of ids in {source.label}"
        return Rows(distinct(ids, source), {}, True, (note,), "")
    if not graph.explicit_ids or not count:
        return None
    numbered = rows_by_number(own, count)
    if numbered is not None:
        if numbered == own:
            return None
        return Rows(numbered, {}, False, (in_order(source.label, numbered),))
    if count != len(own):
        return None  # refused by its shape
    return Rows(own, {}, False, (in_order(source.label, own),))


def _name_vertices(ids: list[str], own: list[str], explicit: bool) -> bool:
    """Tell whether an array of ids has all those of the graph, or some where these came with its
    input, and not names of another kind.
    """
    there = set(ids)
    return there.issuperset(own) or (explicit and not there.isdisjoint(own))


def array_of(source: Source, what: str) -> tuple[Any, list[str] | None]:
    """The values of a `.npy` or `.npz` file, `[n, f]` or `[n]`: dense, CSR or left in their file;
    and the ids of their rows, where an array beside them has these.

    Raises:
        InputError: a damaged file, none of that name, or no values.
    """
    ids = None
    if source.suffix == ".npz":
        arrays = Archive(source)
        found = _of_archive(arrays, what)
        ids = find_ids(arrays, found.shape[0] if found.ndim else 0)
    elif source.is_plain_file and what == "features" and can_stay(file := NpyFile.look(source)):
        found = file if file.num_values * 4 >= stored.STORED_BYTES else read_npy(source)
    else:
        found = read_npy(source)
    if 0 in found.shape:
        raise InputError(f"{source.label}: {what} have shape {found.shape}: there are none")
    return found, ids


def _of_archive(arrays: Archive, what: str) -> Any:
    """The array of that name, what `scipy.sparse.save_npz` wrote, or the only array."""
    found = None
    if what == "labels":
        found = find_classes(arrays)
    elif "format" in arrays:
        found = read_sparse(arrays, arrays.label)
    else:
        found = find_features(arrays, arrays.label)
    if found is None and len(arrays) != 1:
        raise InputError(f"{arrays.label}: name the array '{what}'; there are {list(arrays)}")
    return arrays[next(iter(arrays))] if found is None else found


def num_rows(array: Any, dimensions: int) -> int:
    """Number of vertices that an array is for; 0 for one of another number of dimensions."""
    return int(array.shape[0]) if len(array.shape) == dimensions else 0


def match_rows(
    graph: Graph, ids: list[str], source: Source, where: str = "", gaps: bool | None = None
) -> tuple[Graph, np.ndarray]:
    """The graph with vertices that only the rows have, and the row of each of its vertices; where
    there may be gaps, -1 for one without a row, unless ids are of another kind.

    Args:
        graph: whose vertices have rows.
        ids: of the rows.
        source: of them.
        where: ids are taken from, for messages.
        gaps: whether vertices may lack a row; None where nothing can fill it.

    Raises:
        InputError: vertices without a row; rows of vertices that the graph cannot have.
    """
    if graph.open_ended and set(ids) == set(index_ids(len(ids)).tolist()):
        graph = with_the_last(graph, len(ids), source)
    row_of = {name: i for i, name in enumerate(ids)}
    known = set(graph.ids.tolist())
    lacking = [name for name in graph.ids.tolist() if name not in row_of]
    if lacking:
        differ = difference(graph.ids.tolist(), ids, source.label)
        if differ or not gaps:
            remedy = "" if differ or gaps is None else "; `impute` fills in its features"
            raise InputError(
                f"{source.label}: no row for vertex {first_and_rest(lacking)}{where}{differ}"
                f"{remedy}"
            )
    extra = [name for name in ids if name not in known]
    if extra and not graph.explicit_ids:
        raise InputError(
            f"{source.label}: vertex {first_and_rest(extra)} is not in the graph, "
            f"whose vertices are 0 to {graph.num_vertices - 1}"
        )
    if extra:
        told = count_from_other_ends(known, ids, source.label)
        graph = _with_isolated(graph, extra, source)
        graph = replace(graph, notes=(*graph.notes, *told))
    return graph, np.array([row_of.get(name, -1) for name in graph.ids.tolist()], dtype=np.int64)


def with_the_last(graph: Graph, count: int, source: Source) -> Graph:
    """With vertices up to so many, if the graph's input does not say how many there are."""
    more = count - graph.num_vertices
    if not graph.open_ended or more <= 0 or graph.x is not None:
        return graph
    note = f"{counted(more, 'vertex')} without edges added from {source.label}"
    later = [*graph.later_classes[:more], *[""] * (more - len(graph.later_classes))]
    found = classes_of([*graph.class_texts.tolist(), *later])
    grown = replace(
        graph, ids=index_ids(count), y=found.codes, class_names=found.names, open_ended=False,
        later_classes=(), notes=tuple(n for n in graph.notes if not n.startswith(LATER_CLASSES)),
    )  # fmt: skip
    return grown.with_note(note)


def _with_isolated(graph: Graph, extra: list[str], source: Source) -> Graph:
    if graph.x is not None or graph.y is not None:
        raise InputError(
            f"{source.label}: vertex {first_and_rest(extra)} is not in the graph, "
            "for whose vertices features or labels were given already"
        )
    ids = np.concatenate([graph.ids, np.array(extra, dtype=object)])
    note = f"{counted(len(extra), 'vertex')} without edges added from {source.label}"
    return replace(graph, ids=ids).with_note(note)
