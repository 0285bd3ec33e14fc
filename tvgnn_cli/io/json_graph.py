"""Graphs in JSON: vertices and links as d3, networkx, Cytoscape, Gephi, graphology, vis.js and
Neo4j write them, tables of edges, lists of pairs, and neighbours by vertex.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.json_document import is_plain, parse, plain_text, unwrapped
from tvgnn_cli.io.json_forms import network_in
from tvgnn_cli.io.json_network import property_graph
from tvgnn_cli.io.json_records import Network
from tvgnn_cli.io.json_tables import columns_in
from tvgnn_cli.io.roles import to_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted

NO_GRAPH = (
    "is JSON in which no edges are found: a list of them is called 'links' or 'edges', or is all "
    "of the file; write a line for each edge, source,target, to a .csv"
)


def read_json(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read a graph in JSON: by `network_in` a network, whose attributes `to_graph` gives their
    meaning, or by `columns_in` a table of edges, by the rules of a Parquet file.

    Raises:
        UsageError: an option that such a graph has no use for.
        InputError: text that is no JSON, or in which no graph is found; vertices with the same id,
            an edge without an end, and what `to_graph` or `read_frame` refuse.
    """
    from tvgnn_cli.io.readers import NO_COLUMNS

    wanted = wanted or Wanted()
    document = parse(source)
    found = network_in(document, source.label)
    if isinstance(found, Network):
        wanted.refuse(f"{source.label} has no columns; leave it out", *NO_COLUMNS)
        return to_graph(property_graph(found, source, wanted.keep_attributes), wanted)
    columns = columns_in(document)
    if columns is None:
        raise InputError(f"{source.label}: {NO_GRAPH}")
    return _of_table(columns, source, wanted)


def _of_table(columns: Mapping[str, Sequence[Any]], source: Source, wanted: Wanted) -> Graph:
    """A table of edges, given by its columns."""
    from tvgnn_cli.io.frames import read_frame

    table = pa.table({name: _column(cells) for name, cells in columns.items()})
    return replace(read_frame(table, source.label, wanted), name=source.stem)


def _column(cells: Sequence[Any]) -> pa.Array:
    """Cells of one type as they are, whole numbers beside fractions as these, others as text."""
    cells = [unwrapped(cell) for cell in cells]
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int, float} and all(abs(cell) < 2**63 for cell in cells if cell is not None):
        return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    if len(kinds) <= 1 and kinds <= {str, bool, float}:
        return pa.array(cells)
    if kinds == {int} and all(abs(cell) < 2**63 for cell in cells if cell is not None):
        return pa.array(cells, pa.int64())
    texts = (plain_text(cell) if is_plain(cell) else str(cell) for cell in cells)
    known = [None if cell is None else text for cell, text in zip(cells, texts, strict=True)]
    return pa.array(known, pa.string())
