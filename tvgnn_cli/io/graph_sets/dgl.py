"""Sets of graphs as DGL's CSVDataset has them: `meta.yaml` and tables of nodes, edges, graphs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, shown
from tvgnn_cli.graph.graph import index_ids
from tvgnn_cli.graph.graph_set import SPLITS, GraphSet
from tvgnn_cli.io.graph_sets.asked import Asked
from tvgnn_cli.io.graph_sets.dgl_cells import floats_of, lists_of_floats, truths_of
from tvgnn_cli.io.graph_sets.dgl_meta import META, Meta, read_meta
from tvgnn_cli.io.graph_sets.found import (
    Found,
    as_attributes,
    grouped,
    placed,
    refuse_twice,
    refuse_unusable,
)
from tvgnn_cli.io.graph_sets.headed import Headed, read_headed
from tvgnn_cli.io.graph_sets.words import category_of, part_of
from tvgnn_cli.io.places import resolved
from tvgnn_cli.io.source import Source

MASKS = ("train_mask", "val_mask", "test_mask")


@dataclass(frozen=True, eq=False)
class Vertices:
    """The rows of the table of vertices.

    Args:
        table: of them.
        ids: in their graph, pyarrow text `[n]`.
        graph: position of the graph of each `[n]`.
        names: distinct ids over all graphs.
        keys: a number for each pair of graph and id, sorted `[n]`.
        rows: of the sorted keys.
    """

    table: Headed
    ids: Any
    graph: np.ndarray
    names: Any
    keys: np.ndarray
    rows: np.ndarray


def read_dgl(folder: Path, asked: Asked) -> GraphSet:
    """Read a folder with `meta.yaml` and the tables that it names.

    Raises:
        InputError: a table that is missing, or whose rows do not fit those of the others.
        UsageError: a `weight` that is none.
    """
    path = folder / META
    meta = read_meta(path)
    nodes, edges = (_table(folder, meta, section, path) for section in ("node_data", "edge_data"))
    if nodes is None or edges is None:
        raise InputError(f"{path}: needs node_data and edge_data, each with a file_name")
    graphs = _table(folder, meta, "graph_data", path)
    ids = _graph_ids(graphs, nodes)
    vertices = _vertices(nodes, ids)
    graph = _positions(edges, edges.need("graph_id"), ids, "graph")
    tail, head = (_ends(edges, name, graph, vertices, ids) for name in ("src_id", "dst_id"))
    weight, told = _weight(edges, asked)
    sizes, order = grouped(vertices.graph, len(ids))
    if order is not None:
        tail, head = placed(order)[tail], placed(order)[head]
    order = np.arange(len(vertices.graph)) if order is None else order
    label, feat = nodes.find("label"), nodes.find("feat")
    attributes = None
    if feat is not None and asked.attributes:
        attributes = as_attributes(lists_of_floats(feat, nodes), nodes.where)[order]
    kind = None if label is None or not asked.categories else np.array(label.to_pylist(), object)
    labels = None if graphs is None else graphs.find("label")
    names = np.array(vertices.ids.to_pylist(), dtype=object)[order]
    counted = np.concatenate([names[:0], *map(index_ids, sizes.tolist())])
    return Found(
        label=str(folder),
        name=meta.plain.get("dataset_name", resolved(folder).name),
        ids=ids.to_pylist(),
        sizes=sizes,
        tail=tail,
        head=head,
        weight=weight,
        attributes=attributes,
        categories=() if kind is None else (category_of("label", kind[order]),),
        labels=None if labels is None else labels.to_pylist(),
        split=None if graphs is None else _split(graphs),
        vertex_ids=None if bool((names == counted).all()) else names,
        notes=(*told, *_notes(nodes, edges, graphs, path)),
    ).graph_set()


def _table(folder: Path, meta: Meta, section: str, path: Path) -> Headed | None:
    name = meta.file_name(section, str(path))
    if name is None:
        return None
    separator = meta.plain.get("separator", ",").replace("\\t", "\t")
    if len(separator) != 1:
        raise InputError(f"{path}: separator is {shown(separator)}, not a single character")
    return read_headed(Source(str(folder / name)), separator)


def _graph_ids(graphs: Headed | None, nodes: Headed) -> Any:
    """The ids of all graphs: those of the table of graphs, or else of the vertices, as they come.

    Raises:
        InputError: one that is empty, or there twice.
    """
    if graphs is None:
        return nodes.need("graph_id").unique()
    ids = graphs.need("graph_id")
    for row, name in enumerate(ids.to_pylist()):
        if not name:
            raise InputError(f"{graphs.where(row)}: graph_id is empty")
    refuse_twice(ids.to_pylist(), graphs.where)
    return ids


def _positions(table: Headed, cells: Any, known: Any, what: str) -> np.ndarray:
    """The position of each cell among the known ones.

    Raises:
        InputError: the first that is none of them.
    """
    import pyarrow.compute as pc

    found = pc.index_in(cells, value_set=known)
    if found.null_count:
        row = int(np.asarray(found.is_null()).argmax())
        value = cells[row].as_py()
        raise InputError(f"{table.where(row)}: there is no {what} {shown(value)}")
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def _vertices(nodes: Headed, graphs: Any) -> Vertices:
    """The vertices, each of which is once in its graph."""
    graph = _positions(nodes, nodes.need("graph_id"), graphs, "graph")
    ids = nodes.need("node_id")
    names = ids.unique()
    keys = graph * len(names) + _positions(nodes, ids, names, "vertex")
    rows = np.argsort(keys, kind="stable")
    keys = keys[rows]
    twice = np.flatnonzero(keys[1:] == keys[:-1])
    if len(twice):
        row = int(rows[twice[0] + 1])
        raise InputError(
            f"{nodes.where(row)}: vertex {shown(ids[row].as_py())} of graph "
            f"{shown(graphs[int(graph[row])].as_py())} is listed twice"
        )
    return Vertices(nodes, ids, graph, names, keys, rows)


def _ends(
    edges: Headed, column: str, graph: np.ndarray, vertices: Vertices, graphs: Any
) -> np.ndarray:
    """The row of the vertex at one end of each edge.

    Raises:
        InputError: one that is not in the table of vertices, or in another graph.
    """
    cells = edges.need(column)
    place = _positions(edges, cells, vertices.names, f"vertex ({vertices.table.label})")
    keys = graph * len(vertices.names) + place
    found = np.searchsorted(vertices.keys, keys)
    bad = np.flatnonzero(vertices.keys[np.minimum(found, len(vertices.keys) - 1)] != keys)
    if len(bad):
        row = int(bad[0])
        raise InputError(
            f"{edges.where(row)}: {column} {shown(cells[row].as_py())} is no vertex of graph "
            f"{shown(graphs[int(graph[row])].as_py())}; an edge between two graphs is none"
        )
    return np.asarray(vertices.rows[found])


def _weight(edges: Headed, asked: Asked) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The weights of edges `[m]`: `weight`, or the column that is asked for."""
    if asked.no_weight:
        edges.find("weight")
        return None, ()
    cells = edges.find(asked.weight or "weight")
    if cells is None and asked.weight is None:
        return None, ()
    if cells is None:
        raise InputError(f"{edges.label}: has no column {shown(asked.weight)} (`weight`)")
    name = asked.weight or "weight"
    if name.lower() in ("graph_id", "src_id", "dst_id"):
        raise UsageError(f"`weight`: {name} is an id")
    weight = floats_of(cells, edges, name)
    refuse_unusable(weight, edges.where)
    return weight, (f"weights: column {shown(name)} of {edges.label}",)


def _split(graphs: Headed) -> list[str] | None:
    """The part of each graph, by a column `split` or by masks.

    Raises:
        InputError: a graph of two parts.
    """
    words = graphs.find("split")
    if words is not None:
        return [part_of(word, graphs.where(row)) for row, word in enumerate(words.to_pylist())]
    split = [""] * graphs.num_rows
    cells = [graphs.find(mask) for mask in MASKS]
    for mask, column, part in zip(MASKS, cells, SPLITS, strict=True):
        if column is None:
            continue
        for row in np.flatnonzero(truths_of(column, graphs, mask)).tolist():
            if split[row]:
                raise InputError(f"{graphs.where(row)}: is of two parts, {split[row]} and {part}")
            split[row] = part
    return split if any(column is not None for column in cells) else None


def _notes(nodes: Headed, edges: Headed, graphs: Headed | None, path: Path) -> tuple[str, ...]:
    """Lines of the summary on what is not read."""
    said = [*nodes.unread(), *edges.unread()]
    if graphs is None:
        said.append(f"classes: {path} names no graph_data")
    else:
        if graphs.find("label") is None:
            said.append(f"classes: {graphs.label} has no column 'label'")
        said += graphs.unread()
    return tuple(said)
