"""Vertices and edges as JSON lists them, each with its values by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.json_document import is_plain

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


def vertices(listed: Any, label: str) -> list[Record]:
    """Values by name of each vertex in a list of them or of their ids, or in an object by id.

    Raises:
        InputError: something else, with its place.
    """
    if isinstance(listed, dict):  # JSON Graph Format, by id
        listed = [
            {"id": key, **({"label": value} if is_plain(value) else flat(value))}
            for key, value in listed.items()
        ]
    of_ids = [{"id": v} if is_plain(v) else v for v in _listed(listed, label, "node")]
    return records(of_ids, label, "node")


def _listed(listed: Any, label: str, what: str) -> list[Any]:
    if not isinstance(listed, list | dict):
        raise InputError(f"{label}: {str(listed)[:40]!r} is in the place of a list of {what}s")
    return listed if isinstance(listed, list) else list(listed.values())


def records(listed: Any, label: str, what: str) -> list[Record]:
    """Values by name of each vertex, or edge, of a list; of pairs their ends.

    Raises:
        InputError: something else, with its place.
    """
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


def is_pair(value: Any) -> bool:
    """Tell whether a value is two ends of an edge, or these and its weight."""
    return isinstance(value, list) and len(value) in (2, 3) and all(map(is_plain, value))
