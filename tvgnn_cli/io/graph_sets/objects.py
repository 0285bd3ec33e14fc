"""Sets of graphs from Python: lists of networkx graphs, scipy matrices, PyTorch Geometric data."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, shown, some_of
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.graph.property_graph import as_text, is_gap
from tvgnn_cli.io.classes import are_whole
from tvgnn_cli.io.graph_sets.asked import Asked
from tvgnn_cli.io.graph_sets.member import Member
from tvgnn_cli.io.graph_sets.members import Listed, joined
from tvgnn_cli.io.names import GUESSED_CLASSES
from tvgnn_cli.io.read import InputOptions, as_graph
from tvgnn_cli.io.wanted import NONE

OF_DATA = ("edge_weight", "edge_attr")
"""Attributes of PyTorch Geometric data that may be the weight."""

READ = frozenset({"edge_index", "edge_weight", "x", "y", "num_nodes"})
"""Attributes of PyTorch Geometric data that are read."""


def refuse_no_list(data: Any) -> None:
    """Refuse what holds several graphs and is no list of them.

    Raises:
        InputError: a dictionary of graphs, a batch, or a single graph.
    """
    values = data.values() if isinstance(data, Mapping) else ()
    if any(is_one_graph(value) for value in values if not isinstance(value, Mapping)):
        raise InputError("graphs: are a dictionary of graphs; a set is a list, as of its values()")
    _refuse_batch(data, "graphs")
    if is_one_graph(data):
        raise InputError("graphs: this is one graph; a set is a list of them")


def _refuse_batch(data: Any, label: str) -> None:
    """Refuse graphs that PyTorch Geometric has joined to one."""
    if hasattr(data, "get_example"):
        raise InputError(
            f"{label}: is a batch of {getattr(data, 'num_graphs', 'several')} graphs; give a list "
            "of single ones, as its to_data_list() does"
        )


def is_one_graph(data: Any) -> bool:
    """Tell whether an object is a single graph, which may well be a sequence of something else."""
    if isinstance(data, Mapping):
        return True
    module = type(data).__module__
    array = module.startswith("scipy.sparse") or (
        isinstance(data, np.ndarray) and (data.dtype != object or data.ndim != 1)
    )
    of_edges = hasattr(data, "nodes") and hasattr(data, "edges")
    is_graph = isinstance(data, Graph) or module.startswith("torch_geometric.data.data")
    return array or of_edges or is_graph


def read_objects(graphs: Sequence[Any], asked: Asked) -> GraphSet:
    """A list of graphs. Classes are in `y` of a PyTorch Geometric `Data` that has one value, and in
    the attribute `label`, `y` or `class` of a networkx graph.

    Raises:
        InputError: no graphs, or something among them that is none, features that differ.
        UsageError: a `weight` that is none.
    """
    members, classes = [], []
    for i, given in enumerate(graphs):
        label = f"graph {i}"
        if isinstance(given, str | os.PathLike | GraphSet):
            raise InputError(
                f"{label}: is a {type(given).__name__}; a list has graphs that are read already, a "
                "folder or a table has files"
            )
        _refuse_batch(given, label)
        classes.append(_class_of(given, label))
        members.append(Member.of(str(i), label, _read(given, label, asked)))
    if not members:
        raise InputError("graphs: the list is empty")
    known = any(found is not None for found in classes)
    listed = Listed(labels=[found or "" for found in classes] if known else None)
    return joined(members, listed, "graphs", "graphs", asked).graph_set()


def _read(given: Any, label: str, asked: Asked) -> Graph:
    of_data = hasattr(given, "edge_index") and not isinstance(given, Graph)
    nameless = isinstance(given, Graph) or type(given).__module__.startswith("scipy.sparse")
    if nameless and asked.weight is not None and not asked.no_weight:
        raise UsageError(f"`weight`: {label} has no names to choose from; leave it out")
    unread = None if nameless else NONE
    options = InputOptions(
        feature_attrs=unread, label_attr=unread, weight=asked.weight, keep_attributes=True
    )
    try:
        graph = _of_data(given, label, asked) if of_data else as_graph(given, options)
    except InputError as error:
        said = str(error).removeprefix(f"{label}: ").removeprefix("graph ")
        raise InputError(f"{label}: {said.removeprefix('(networkx): ')}") from None
    return replace(graph, edge_weight=None) if asked.no_weight else graph


def _of_data(data: Any, label: str, asked: Asked) -> Graph:
    """A graph of tensors, whose `y` of one value is its class and not that of a vertex.

    Raises:
        InputError: as `graph_from_data`; the weight that is asked for is not there.
        UsageError: a `weight` that is none.
    """
    from tvgnn_cli.io.data_object import graph_from_data

    parts = {name: getattr(data, name, None) for name in ("edge_index", "x")}
    y = None if _single(data) is not None else getattr(data, "y", None)
    names = list(getattr(data, "keys", list)())
    told = parts["x"] is not None or "num_nodes" in names
    weight = _weight_of(data, asked)
    num_nodes = getattr(data, "num_nodes", None)
    tensors = SimpleNamespace(**parts, edge_weight=weight, y=y, num_nodes=num_nodes)
    graph = graph_from_data(tensors, label)
    unread = sorted(set(names) - READ - {asked.weight})
    notes = graph.notes
    if unread:
        way = "; `weight` edge_attr takes it where it is one number" * ("edge_attr" in unread)
        notes += (f"attributes that are not read: {some_of([shown(n, 20) for n in unread])}{way}",)
    return replace(graph, open_ended=not told, notes=notes)


def _weight_of(data: Any, asked: Asked) -> Any:
    """The tensor with the weight of each edge; None for none.

    Raises:
        InputError: the one that is asked for is not there, or has several numbers for an edge.
        UsageError: it has another name.
    """
    if asked.weight is None or asked.no_weight:
        return getattr(data, "edge_weight", None)
    if asked.weight not in OF_DATA:
        raise UsageError(
            f"`weight` is {shown(asked.weight)}; of PyTorch Geometric data it is edge_weight or "
            "edge_attr"
        )
    weight = getattr(data, asked.weight, None)
    if weight is None:
        raise InputError(f"has no {asked.weight} (`weight`)")
    shape = tuple(getattr(weight, "shape", ()))
    if len(shape) != 1 and shape[1:] != (1,):
        raise InputError(f"{asked.weight} has shape {shape}; `weight` needs a number for each edge")
    return weight


def _single(data: Any) -> Any:
    """The only value of a `y`, which is the class of the graph; None where there is another."""
    y = getattr(data, "y", None)
    if y is None or isinstance(y, int | float | str):
        return y
    values = np.asarray(y.detach().cpu() if hasattr(y, "detach") else y)
    return values.reshape(-1)[0].item() if values.size == 1 else None


def _class_of(given: Any, label: str) -> str | None:
    """The class of a graph as text; None where it has none."""
    if isinstance(given, Graph):
        return None
    attributes = getattr(given, "graph", None)
    if isinstance(attributes, Mapping):
        value = next((attributes[name] for name in GUESSED_CLASSES if name in attributes), None)
    else:
        value = _single(given)
    if is_gap(value):
        return None
    if not isinstance(value, int | float | str | np.integer | np.floating):
        raise InputError(f"{label}: its class is of type {type(value).__name__}; need one value")
    if isinstance(value, float | np.floating) and not are_whole(np.array([value])):
        raise InputError(f"{label}: its class is {value:g}; classes are whole numbers or words")
    return as_text(value)
