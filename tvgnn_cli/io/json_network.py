"""Networks that a JSON document lists, as a graph with the attributes of its vertices and edges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.graph.property_graph import Column, PropertyGraph, column_of_texts
from tvgnn_cli.io.builder import GraphBuilder
from tvgnn_cli.io.json_document import IDS, is_plain, plain_text, unwrapped
from tvgnn_cli.io.json_records import Network, Record
from tvgnn_cli.io.names import end_pairs
from tvgnn_cli.io.networkx_form import columns_of
from tvgnn_cli.io.source import Source

NAMES = ("name", "label")
"""Keys that stand for ids where there are none, and no two vertices have the same."""

DRAWN = ("position", "viz")
"""Keys of records that say how something is drawn."""


def property_graph(found: Network, source: Source, with_edge_ids: bool = False) -> PropertyGraph:
    """The vertices with their ids, the edges, and what is said of both.

    Ends of edges are ids; or else, as d3 has them, places in the list of vertices, from 0.

    Raises:
        InputError: two vertices of one id, an edge without an end, ends that may be ids as well as
            places; each with its place in the list.
    """
    label = source.label
    one, other = _keys_of_ends(found, label)
    ends = [
        [_end(link, key, place, label) for key in (one, other)]
        for place, link in enumerate(found.links, start=1)
    ]
    nodes = found.nodes
    if nodes is None:
        nodes = [{"id": end} for end in dict.fromkeys(plain_text(e) for pair in ends for e in pair)]
    key, ids = _ids(nodes, label)
    other_key = _key_of_ends(nodes, ids, ends)
    if other_key:
        key, ids = other_key, [plain_text(node[other_key]) for node in nodes]
    builder = GraphBuilder()
    builder.edge_ids = [] if with_edge_ids else None
    for place, name in enumerate(ids, start=1):
        builder.declare(name, place, f"{label}: node {place:,}", "node")
    are_places = bool(nodes) and _are_places(ends, ids, key, label)
    texts = [[ids[end] if are_places else plain_text(end) for end in pair] for pair in ends]
    directed = _directions(found)
    for (tail, head), link, way in zip(texts, found.links, directed, strict=True):
        builder.add_edge(tail, head, way, _edge_id(link))
    notes = list(found.notes)
    if other_key:
        notes.append(f"ids of vertices are their '{key}', which edges end at")
    if are_places:
        notes.append("ends of edges are places in the list of vertices, from 0")
    if not key and nodes:
        notes.append("vertices have no ids: they are numbered from 0")
    return builder.found(
        _columns(nodes, (key,), len(builder.number_of)),
        _columns(found.links, (one, other, "id", "key", "directed", "undirected"), len(ends)),
        by_default=bool(found.directed),
        label=label,
        name=source.stem,
        notes=tuple(notes),
    )


def _keys_of_ends(found: Network, label: str) -> tuple[str, str]:
    """The keys of the two ends of an edge."""
    if found.ends is not None:
        return found.ends
    names = list(dict.fromkeys(name for link in found.links[:100] for name in link))
    pairs = end_pairs(names)
    if found.links and not pairs:
        raise InputError(
            f"{label}: edge 1 has no ends: its keys are {', '.join(names)[:80] or 'none'}; they "
            "are called 'source' and 'target'"
        )
    one, other = pairs[0] if pairs else (0, 0)
    return (names[one], names[other]) if pairs else ("source", "target")


def _end(link: Record, key: str, place: int, label: str) -> Any:
    """One end of an edge; d3 puts the vertex itself there, once it has drawn."""
    value = unwrapped(link.get(key))
    if not is_plain(value) or value == "" or value != value:
        raise InputError(f"{label}: edge {place:,} has no '{key}'")
    return value


def _ids(nodes: Sequence[Record], label: str) -> tuple[str, list[str]]:
    """The key of the ids of vertices, and these; "" where they are numbered from 0."""
    for key in IDS:
        if nodes and key in nodes[0]:
            for place, node in enumerate(nodes, start=1):
                if not is_plain(node.get(key)) or node[key] != node[key]:
                    raise InputError(f"{label}: node {place:,} has no '{key}'")
            return key, [plain_text(node[key]) for node in nodes]
    for key in NAMES:
        names = [plain_text(node[key]) for node in nodes if is_plain(node.get(key))]
        if nodes and len(set(names)) == len(nodes) and "" not in names:
            return key, names
    return "", [str(place) for place in range(len(nodes))]


def _key_of_ends(nodes: Sequence[Record], ids: Sequence[str], ends: Sequence[Sequence[Any]]) -> str:
    """The key whose values all ends are, where none is an id and no two vertices share one; else
    "".
    """
    known = {plain_text(end) for pair in ends for end in pair}
    if not known or not known.isdisjoint(ids):
        return ""
    for key in (*NAMES, *IDS):
        values = {plain_text(node[key]) for node in nodes if is_plain(node.get(key))}
        if known <= values and len(values) == len(nodes):
            return key
    return ""


def _are_places(ends: Iterable[Sequence[Any]], ids: Sequence[str], key: str, label: str) -> bool:
    """Tell whether ends are places in the list of vertices: whole numbers that are no ids.

    Raises:
        InputError: some are ids, and others may be places; or none is either.
    """
    flat = [end for pair in ends for end in pair]
    known = set(ids)
    unknown = next((end for end in flat if plain_text(end) not in known), None)
    whole = all(isinstance(end, int) and 0 <= end < len(ids) for end in flat)
    if whole and flat and key in NAMES:
        return True  # numbers are no names
    if unknown is None:
        return False
    are_ids = any(plain_text(end) in known for end in flat)
    if not whole and not are_ids:
        raise InputError(
            f"{label}: no edge ends at a vertex of the list: ends are as {shown(unknown)}, "
            f"vertices have '{key}' {shown(ids[0])}"
        )
    if not whole:
        return False
    if are_ids:
        raise InputError(
            f"{label}: the ends of edges may be places in the list of vertices, from 0, or values "
            f"of '{key}', which no vertex has as {shown(unknown)}; write ids as text, in edges too"
        )
    return True


def _directions(found: Network) -> list[bool]:
    """Tell of each edge whether it has a direction; graphology says it of edges too."""
    usual = bool(found.directed)
    said = []
    for link in found.links:
        own, against = link.get("directed"), link.get("undirected")
        way = own if isinstance(own, bool) else usual
        said.append(not against if isinstance(against, bool) else way)
    return said


def _edge_id(link: Record) -> str:
    value = link.get("id", link.get("key"))
    return plain_text(value) if is_plain(value) else ""


def _columns(records: Sequence[Record], taken: Sequence[str], total: int) -> dict[str, Column]:
    """Attributes by name, without keys that say something else."""
    rows = [
        {k: v for k, v in record.items()
         if k not in taken and not (k in DRAWN and isinstance(v, dict))}
        for record in records
    ]  # fmt: skip
    found = columns_of([*rows, *({} for _ in range(total - len(rows)))], {}, texts=False)
    return {name: _with_numbers(column) for name, column in found.items()}


def _with_numbers(column: Column) -> Column:
    """A column of text in which all values are numbers as these; another as it is."""
    if column.is_number or column.kind:
        return column
    numbers = column_of_texts(column.texts())
    return numbers if numbers.is_number else column
