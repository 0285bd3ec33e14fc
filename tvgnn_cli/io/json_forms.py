"""Forms that programs give a graph in JSON, and where each has its vertices and its edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.json_neighbours import of_adjacency, of_neighbours
from tvgnn_cli.io.json_records import Network, Record, flat, is_pair, records, vertices
from tvgnn_cli.io.names import end_pairs

NODES = ("nodes", "vertices")
LINKS = ("links", "edges", "relationships")


def network_in(document: Any, label: str) -> Network | None:
    """Find a network: vertices and edges apart, or neighbours by vertex. None in other documents.

    Raises:
        InputError: several graphs; a list of vertices or edges that holds something else.
    """
    if isinstance(document, list):
        return _of_elements(document, label)
    if not isinstance(document, dict):
        return None
    inner = _inner(document, label)
    if inner is None:
        return _of_object(document, label)
    found = network_in(inner, label)
    if found is None or found.directed is not None:
        return found
    return replace(found, directed=_direction(document))


def _of_object(document: Mapping[str, Any], label: str) -> Network | None:
    """A network whose lists an object has itself."""
    if isinstance(document.get("adjacency"), list):
        return of_adjacency(document, label)
    _refuse_two(document, label)
    node_key, link_key = _key(document, NODES), _key(document, LINKS)
    if not link_key:
        return of_neighbours(document, label)
    links = records(document[link_key], label, "edge")
    nodes = vertices(document[node_key], label) if node_key else None
    return Network(nodes, links, _direction(document), notes=_left_out(document))


def _inner(document: Mapping[str, Any], label: str) -> Any:
    """The graph that a document wraps; None for none."""
    graphs = document.get("graphs")
    if isinstance(graphs, list):
        if len(graphs) != 1:
            raise InputError(f"{label}: holds {len(graphs):,} graphs; a file is one: split it")
        return graphs[0]
    if _has_lists(document):
        return None
    graph, elements = document.get("graph"), document.get("elements")
    if isinstance(graph, dict) and _has_lists(graph):
        return graph
    return elements if isinstance(elements, dict | list) else None


def _has_lists(document: Mapping[str, Any]) -> bool:
    return any(isinstance(document.get(name), list | dict) for name in (*NODES, *LINKS))


def _key(document: Mapping[str, Any], names: Sequence[str]) -> str:
    """The key of some that has a list; of several the one that is not empty, or has edges; else one
    with an object; "" for none.
    """
    lists = [name for name in names if isinstance(document.get(name), list)]
    if len(lists) > 1:
        full = [name for name in lists if document[name]]
        edges = [name for name in full if _may_be_edges(document[name])]
        found = edges if names is LINKS and edges else full
        if len(found) > 1:
            return ""
        lists = found or lists
    if lists:
        return lists[0]
    return next((name for name in names if isinstance(document.get(name), dict)), "")


def _may_be_edges(listed: Sequence[Any]) -> bool:
    first = listed[0]
    return is_pair(first) or (isinstance(first, dict) and bool(end_pairs(list(flat(first)))))


def _refuse_two(document: Mapping[str, Any], label: str) -> None:
    """Refuse two lists that both may be the edges, or the vertices.

    Raises:
        InputError: naming them.
    """
    for names in (NODES, LINKS):
        full = [name for name in names if isinstance(document.get(name), list) and document[name]]
        if len(full) > 1 and not _key(document, names):
            raise InputError(
                f"{label}: has both '{full[0]}' and '{full[1]}'; leave out the one that is not "
                "meant"
            )


def _direction(document: Mapping[str, Any]) -> bool | None:
    """Tell whether edges have directions, as networkx, JSON Graph Format and graphology say it."""
    said = document.get("directed")
    options = document.get("options")
    if said is None and isinstance(options, dict):
        said = {"directed": True, "undirected": False}.get(str(options.get("type")))
    return said if isinstance(said, bool) else None


def _left_out(document: Mapping[str, Any]) -> tuple[str, ...]:
    several = document.get("hyperedges")
    if not isinstance(several, list) or not several:
        return ()
    return (f"hyperedges, left out: {len(several):,}",)


def _of_elements(listed: Sequence[Any], label: str) -> Network | None:
    """Vertices and edges in one list: of Cytoscape.js, or of Neo4j's lines."""
    if not listed or not all(isinstance(each, dict) for each in listed):
        return None
    if any(each.get("type") == "relationship" for each in listed):
        nodes, links = (
            [_without(each, "type") for each in listed if each.get("type") == kind]
            for kind in ("node", "relationship")
        )
        found = records(nodes, label, "node")
        return Network(found or None, records(links, label, "edge"), True, ("start", "end"))
    if not any(isinstance(each.get("data"), dict) for each in listed):
        return None
    elements = records([_without(each, "group") for each in listed], label, "element")
    nodes = [each for each in elements if not {"source", "target"} <= each.keys()]
    links = [each for each in elements if {"source", "target"} <= each.keys()]
    return Network(nodes or None, links) if links else None


def _without(record: Record, key: str) -> Record:
    return {name: value for name, value in record.items() if name != key}
