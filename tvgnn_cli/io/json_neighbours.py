"""Lists of neighbours in JSON: beside a list of vertices, or by vertex."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.json_document import is_plain
from tvgnn_cli.io.json_records import Network, Record, flat, records, vertices
from tvgnn_cli.io.names import end_pairs


def of_adjacency(document: Mapping[str, Any], label: str) -> Network | None:
    """Lists of neighbours beside the list of vertices, as networkx's `adjacency_data` makes them;
    each edge without a direction is in two of them.
    """
    nodes = vertices(document.get("nodes", []), label)
    ids = [node.get("id") for node in nodes]
    lists = document["adjacency"]
    if len(lists) != len(ids):
        raise InputError(f"{label}: {len(lists):,} lists of neighbours, of {len(ids):,} nodes")
    links = [
        {**flat(each), "source": one, "target": each.get("id")} | {"id": None, "key": None}
        for one, listed in zip(ids, lists, strict=True)
        for each in records(listed, label, "neighbour")
    ]
    return Network(nodes, links, True, ("source", "target"))


def of_neighbours(document: Mapping[str, Any], label: str) -> Network | None:
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
