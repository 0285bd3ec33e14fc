"""Graphs that were read one by one, as one set: their features have to be the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from tvgnn_cli.graph.edges import EdgeCounts
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.io.graph_sets.asked import Asked
from tvgnn_cli.io.graph_sets.found import Found
from tvgnn_cli.io.graph_sets.member import Member
from tvgnn_cli.io.graph_sets.vertex_columns import columns_of_all
from tvgnn_cli.io.graph_sets.vertex_matrices import matrices_of_all

MOST_NOTES = 8
"""Different notes on single graphs that are shown."""

ELSEWHERE = ("true labels", "classes", "features", "vertex attributes", "names")
"""Subjects of notes on single graphs that mean nothing in a set."""

_OF_ONE = re.compile(r" \([^()]*`(?!weight`)[a-z_]+(=\w+)?`[^()]*\)")
"""Brackets in notes on a single graph, on options that a set does not have."""


@dataclass(frozen=True)
class Listed:
    """Classes and parts of graphs, which are beside their vertices and edges.

    Args:
        labels: class of each as text; None where there are none.
        split: part of each; None where none is said.
        notes: sentences that the summary shows.
    """

    labels: Sequence[str] | None = None
    split: Sequence[str] | None = None
    notes: tuple[str, ...] = ()


def joined(members: Sequence[Member], listed: Listed, label: str, name: str, asked: Asked) -> Found:
    """The graphs one after another.

    Args:
        members: the graphs.
        listed: their classes.
        label: of the set, for messages.
        name: the stem that output files are named after.
        asked: which features are wanted.

    Raises:
        InputError: features that differ from graph to graph.
    """
    graphs = [member.graph for member in members]
    sizes = np.array([graph.num_vertices for graph in graphs], dtype=np.int64)
    shift = np.concatenate([[0], np.cumsum(sizes)])
    ends = np.concatenate(
        [np.zeros((2, 0), dtype=np.int64)]
        + [graph.edge_index + first for graph, first in zip(graphs, shift, strict=False)],
        axis=1,
    )
    weight, weight_notes = _weights(graphs)
    as_matrix = any(member.has_matrix for member in members)
    of_vertices = (matrices_of_all if as_matrix else columns_of_all)(members, asked)
    ids = np.concatenate([np.array([], dtype=object), *(graph.ids for graph in graphs)])
    counted = np.concatenate([ids[:0], *(index_ids(n) for n in sizes.tolist())])
    return Found(
        label=label,
        name=name,
        ids=[member.name for member in members],
        sizes=sizes,
        tail=ends[0],
        head=ends[1],
        weight=weight,
        attributes=of_vertices.attributes,
        attribute_names=of_vertices.names,
        categories=of_vertices.categories,
        labels=listed.labels,
        split=listed.split,
        vertex_ids=None if bool((ids == counted).all()) else ids,
        counts=_counts(graphs),
        notes=(*listed.notes, *weight_notes, *of_vertices.notes, *_notes(members)),
    )


def _weights(graphs: Sequence[Graph]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The weights of all edges `[e]`, 1 in graphs that have none."""
    weighted = sum(graph.edge_weight is not None for graph in graphs)
    if not weighted:
        return None, ()
    lacking = sum(graph.edge_weight is None and graph.num_edges > 0 for graph in graphs)
    told = f"weights: {lacking:,} of {len(graphs):,} graphs have none, or all 1: they count as 1"
    return np.concatenate([graph.weights for graph in graphs]), (told,) if lacking else ()


def _counts(graphs: Sequence[Graph]) -> EdgeCounts:
    """Counts of the edges of all."""
    names = [entry.name for entry in fields(EdgeCounts) if entry.name != "undirected"]
    sums = {name: sum(getattr(graph.counts, name) for graph in graphs) for name in names}
    return EdgeCounts(**sums, undirected=all(graph.counts.undirected for graph in graphs))


def _notes(members: Sequence[Member]) -> tuple[str, ...]:
    """The notes on single graphs, each once."""
    told = Counter(
        _OF_ONE.sub("", note.replace(member.label, "the file"))
        for member in members
        for note in dict.fromkeys(member.graph.notes)
        if note.partition(":")[0] not in ELSEWHERE
    )
    said = [
        note if count == len(members) else f"{note} (in {count:,} of {len(members):,} graphs)"
        for note, count in told.most_common(MOST_NOTES)
    ]
    if len(told) > MOST_NOTES:
        said.append(f"and {len(told) - MOST_NOTES:,} other notes on single graphs")
    unsaid = sum(member.graph.open_ended for member in members)
    if unsaid:
        said.append(
            f"vertices after the last that has an edge are not known, in {unsaid:,} of "
            f"{len(members):,} graphs"
        )
    return tuple(said)
