"""Forms that programs give a graph in JSON, and where each has its vertices and its edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.json_document import is_plain
from tvgnn_cli.io.names import end_pairs

NODES = ("nodes", "vertices")
LINKS = ("links", "edges", "relationships")

WRAPS = ("data", "attributes", "metadata", "properties", "params")
"""Keys under which programs put what they know of a vertex or an edge: Cytoscape.js, graphology and
Gephi, JSON Graph Format, Neo4j."""

Record = dict[str, Any]


@dataclass(frozen=True)
class Network:
    """Vertices and edges as a document lists them.

    Args:
        nodes: what is said of each vertex, one after another; None where only edges are listed.
        links: what is said of each edge.
        directed: whether edges have directions; None where the document does not say.
        ends: keys of the two ends of an edge; None for those that are named as ends are.
        notes: sentences for the summary.
    """

    nodes: list[Record] | None
    links: list[Record]
    directed: bool | None = None
    ends: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()


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
        return _of_adjacency(document, label)
    _refuse_two(document, label)
    node_key, link_key = _key(document, NODES), _key(document, LINKS)
    if not link_key:
        return _of_neighbours(document, label)
    links = _records(document[link_key], label, "edge")
    nodes = _vertices(document[node_key], label) if node_key else None
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


def _vertices(listed: Any, label: str) -> list[Record]:
    if isinstance(listed, dict):  # JSON Graph Format, by id
        listed = [
            {"id": key, **({"label": value} if is_plain(value) else flat(value))}
            for key, value in listed.items()
        ]
    of_ids = [{"id": v} if is_plain(v) else v for v in _listed(listed, label, "node")]
    return _records(of_ids, label, "node")


def _listed(listed: Any, label: str, what: str) -> list[Any]:
    if not isinstance(listed, list | dict):
        raise InputError(f"{label}: {str(listed)[:40]!r} is in the place of a list of {what}s")
    return listed if isinstance(listed, list) else list(listed.values())


def _records(listed: Any, label: str, what: str) -> list[Record]:
    listed = _listed(listed, label, what)
    if what == "edge" and listed and all(is_pair(each) for each in listed):
        return [dict(zip(("source", "target", "weight"), each, strict=False)) for each in listed]
    for place, each in enumerate(listed, start=1):
        if not isinstance(each, dict):
            raise InputError(f"{label}: {what} {place:,} is {str(each)[:40]!r}, and no object")
    return [flat(each) for each in listed]


def flat(record: Any) -> Record:
    """Values of a vertex or an edge by name, with those in its wraps beside them; those of names
    that come twice with the name of the wrap before them.
    """
    if not isinstance(record, dict):
        return {}
    wraps = [name for name in WRAPS if isinstance(record.get(name), dict)]
    if not wraps:
        return record
    found = {name: value for name, value in record.items() if name not in wraps}
    for wrap in wraps:
        for name, value in record[wrap].items():
            found[f"{wrap}.{name}" if name in found else name] = value
    return found


def _of_elements(listed: Sequence[Any], label: str) -> Network | None:
    """Vertices and edges in one list: of Cytoscape.js, or of Neo4j's lines."""
    if not listed or not all(isinstance(each, dict) for each in listed):
        return None
    if any(each.get("type") == "relationship" for each in listed):
        nodes, links = (
            [_without(each, "type") for each in listed if each.get("type") == kind]
            for kind in ("node", "relationship")
        )
        found = _records(nodes, label, "node")
        return Network(found or None, _records(links, label, "edge"), True, ("start", "end"))
    if not any(isinstance(each.get("data"), dict) for each in listed):
        return None
    elements = _records([_without(each, "group") for each in listed], label, "element")
    nodes = [each for each in elements if not {"source", "target"} <= each.keys()]
    links = [each for each in elements if {"source", "target"} <= each.keys()]
    return Network(nodes or None, links) if links else None


def _without(record: Record, key: str) -> Record:
    return {name: value for name, value in record.items() if name != key}


def _of_adjacency(document: Mapping[str, Any], label: str) -> Network | None:
    """Lists of neighbours beside the list of vertices, as networkx's `adjacency_data` makes them;
    each edge without a direction is in two of them.
    """
    nodes = _vertices(document.get("nodes", []), label)
    ids = [node.get("id") for node in nodes]
    lists = document["adjacency"]
    if len(lists) != len(ids):
        raise InputError(f"{label}: {len(lists):,} lists of neighbours, of {len(ids):,} nodes")
    links = [
        {**flat(each), "source": one, "target": each.get("id")} | {"id": None, "key": None}
        for one, listed in zip(ids, lists, strict=True)
        for each in _records(listed, label, "neighbour")
    ]
    return Network(nodes, links, True, ("source", "target"))


def _of_neighbours(document: Mapping[str, Any], label: str) -> Network | None:
    """Neighbours by vertex: a list of them, or an object with a weight or attributes of each. Some
    of them are vertices with neighbours too, or these are groups and their members.
    """
    lists = document.values()
    if not document or not all(
        isinstance(each, dict) or (isinstance(each, list) and all(map(is_plain, each)))
        for each in lists
    ):
        return None
    lengths = {len(each) for each in lists if isinstance(each, list)}
    if len(lengths) == 1 and end_pairs(list(document)):
        return None  # columns
    if _are_numbered(document):
        raise InputError(
            f"{label}: may be a table without names of columns, or neighbours by vertex; write a "
            'list of pairs, [["a", "b"], ...], as pandas does with orient="values"'
        )
    links: list[Record] = []
    for one, listed in document.items():
        for other in listed:
            said = listed[other] if isinstance(listed, dict) else {}
            known = said if isinstance(said, dict) else {"weight": said}
            links.append({**known, "source": one, "target": other})
    if not any(str(each["target"]) in document for each in links):
        return None
    nodes = [{"id": key} for key in document]
    note = "neighbours by vertex: an edge to each"
    return Network(nodes, links, True, ("source", "target"), (note,))


def _are_numbered(document: Mapping[str, Any]) -> bool:
    """Tell whether an object holds objects of the same keys, which count from 0 in both."""
    rows = list(document.values())
    if len(rows) < 2 or not all(isinstance(row, dict) and row.keys() == rows[0].keys()
                                for row in rows):  # fmt: skip
        return False
    counted = all(
        list(keys) == [str(number) for number in range(len(keys))] for keys in (document, rows[0])
    )
    return counted and document.keys() != rows[0].keys()


def is_pair(value: Any) -> bool:
    """Tell whether a value is two ends of an edge, or these and its weight."""
    return isinstance(value, list) and len(value) in (2, 3) and all(map(is_plain, value))
