"""Sets of graphs from Python: lists of networkx graphs, scipy matrices, PyTorch Geometric data."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError
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


def is_one_graph(data: Any) -> bool:
    """Tell whether an object is a single graph, which may well be a sequence of something else."""
    if isinstance(data, Mapping) or hasattr(data, "get_example"):
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
    """
    members, classes = [], []
    for i, given in enumerate(graphs):
        label = f"graph {i}"
        if isinstance(given, str | os.PathLike | GraphSet):
            raise InputError(
                f"{label}: is a {type(given).__name__}; a list has graphs that are read already, a "
                "folder or a table has files"
            )
        classes.append(_class_of(given, label))
        members.append(Member.of(str(i), label, _read(given, label, asked)))
    if not members:
        raise InputError("graphs: the list is empty")
    known = any(found is not None for found in classes)
    listed = Listed(labels=[found or "" for found in classes] if known else None)
    return joined(members, listed, "graphs", "graphs", asked).graph_set()


def _read(given: Any, label: str, asked: Asked) -> Graph:
    of_data = hasattr(given, "edge_index") and not isinstance(given, Graph)
    options = InputOptions(
        feature_attrs=NONE, label_attr=NONE, weight=asked.weight, keep_attributes=True
    )
    try:
        graph = _of_data(given, label) if of_data else as_graph(given, options)
    except InputError as error:
        said = str(error).removeprefix(f"{label}: ").removeprefix("graph ")
        raise InputError(f"{label}: {said}") from None
    return replace(graph, edge_weight=None) if asked.no_weight else graph


def _of_data(data: Any, label: str) -> Graph:
    """A graph of tensors, whose `y` of one value is its class and not that of a vertex.

    Raises:
        InputError: as `graph_from_data`.
    """
    from tvgnn_cli.io.data_object import graph_from_data

    parts = {name: getattr(data, name, None) for name in ("edge_index", "edge_weight", "x")}
    y = None if _single(data) is not None else getattr(data, "y", None)
    told = parts["x"] is not None or "num_nodes" in getattr(data, "keys", list)()
    num_nodes = getattr(data, "num_nodes", None)
    graph = graph_from_data(SimpleNamespace(**parts, y=y, num_nodes=num_nodes), label)
    return replace(graph, open_ended=not told)


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
