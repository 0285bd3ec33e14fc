"""Edge lists: a line for each edge, with two vertex ids and whatever else a program writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.arrow_columns import column_of_cells
from tvgnn_cli.io.cells import Row
from tvgnn_cli.io.default_names import are_default, name_ends
from tvgnn_cli.io.delimited import Delimited
from tvgnn_cli.io.delimiter import BLANKS
from tvgnn_cli.io.edge_columns import Layout, find_layout
from tvgnn_cli.io.edge_data import has_data, read_edge_data
from tvgnn_cli.io.edge_first_row import is_count, is_header
from tvgnn_cli.io.edge_list_weights import weights_of_rows
from tvgnn_cli.io.edge_names import with_ends
from tvgnn_cli.io.edge_rows import Sifted, names_of_ends, sift
from tvgnn_cli.io.encoding import Ends, encode_integers, encode_texts, take
from tvgnn_cli.io.first_look import look
from tvgnn_cli.io.matrix_table import matrix_in
from tvgnn_cli.io.names import find_ends, is_never_weight
from tvgnn_cli.io.neighbour_lists import neighbours_of_sif, read_neighbours
from tvgnn_cli.io.roles import to_graph
from tvgnn_cli.io.source import Source, is_number
from tvgnn_cli.io.wanted import NONE, Wanted


def read_edge_list(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read an edge list; ids stay the strings that they are.

    Cells are parted by tabs, commas or semicolons, whichever splits the first lines alike, and else
    by runs of white space. Lines that begin with `#` or `%` are comments, unless they have the
    cells of a row. `find_layout` says which column is which.

    Raises:
        InputError: naming the line, the value and the remedy.
    """
    wanted = wanted or Wanted()
    text = source.read_text()
    neighbours = read_neighbours(text, source.label, source.stem, source.suffix)
    if neighbours is not None:
        wanted.refuse(f"{source.label} is no table", "source", "target", "header")
        return as_listed(to_graph(neighbours, wanted))
    if has_data(text):
        return as_listed(to_graph(read_edge_data(text, source.label, source.stem), wanted))
    table = look(text, source.label)
    matrix = matrix_in(table, wanted, source.stem)
    if matrix is not None:
        return to_graph(matrix, wanted)
    read, weight = parse_edge_list(table, source.stem, wanted)
    del text, table
    pa.default_memory_pool().release_unused()
    return graph_of(read, weight, wanted)


def graph_of(read: PropertyGraph, weight: np.ndarray | None, wanted: Wanted) -> Graph:
    """Graph of a list of edges, which it carries where attributes are kept."""
    graph = Graph.from_edges(
        read.ids,
        read.tail,
        read.head,
        weight,
        name=read.name,
        explicit_ids=True,
        notes=read.notes,
        origin=read if wanted.keep_attributes else None,
    )
    return as_listed(graph)


def read_sif(source: Source, wanted: Wanted) -> Graph:
    """Read Cytoscape's SIF, which has the kind of an edge between its ends.

    Raises:
        InputError: as `read_edge_list`; a table of two columns.
    """
    source = source.holding(source.read_bytes())
    if wanted.source is None and wanted.target is None and wanted.header is None:
        lists = neighbours_of_sif(source.read_text(), source.label, source.stem)
        if lists is not None:
            return as_listed(to_graph(lists, wanted))
    table = look(source.read_text(), source.label)
    if table.width == 2 and wanted.target is None:
        raise InputError(
            f"{source.label}: {table.where}two columns, and SIF has the kind of an edge between "
            "its ends: name a list of pairs .txt, or say `target` 2"
        )
    header = _names_kinds(table.first.cells) if wanted.header is None else wanted.header
    ends = replace(wanted, source=wanted.source or "1", target=wanted.target or "3")
    return read_edge_list(source, replace(ends, header=header, weight=wanted.weight or NONE))


def _names_kinds(first: Sequence[str]) -> bool:
    """Tell whether a first line of SIF names its columns, a kind between two ends."""
    is_kind = len(first) == 3 and is_never_weight(first[1])
    return is_kind and find_ends([first[0], first[2]]) is not None


def as_listed(graph: Graph) -> Graph:
    """With an origin whose edges have directions only where some are listed in both: lists do not
    say, and one that has each edge once is mostly that of an undirected graph.
    """
    if graph.origin is None:
        return graph
    return replace(graph, origin=replace(graph.origin, directed=graph.counts.reversed > 0))


def parse_edge_list(
    table: Delimited, name: str, wanted: Wanted
) -> tuple[PropertyGraph, np.ndarray | None]:
    """The edges, with their columns where attributes are kept; and their weights, None for 1.

    Raises:
        InputError: as `read_edge_list`.
    """
    label = table.label
    named = with_ends(table, wanted)
    if named is not None:
        table = replace(
            look(named[0], label, delimiter=","), told=(*table.told, named[1]), headed=True
        )
    layout = find_layout(table, wanted)
    ends = _ends(table, layout)
    lead = _known(table.lead, layout, ends)
    told = table.told
    if layout.header is None:
        header, said = _is_header(table, layout, ends)
        settled = find_layout(table, replace(wanted, header=header))
        if (settled.tail, settled.head) != (layout.tail, layout.head):
            ends = _ends(table, settled)
        told += said
        layout = replace(settled, told=tuple(t for t in settled.told if "header" not in t))
    counts = None if layout.header else is_count(table.first.cells, ends)
    if counts is not None:
        told += (counts[1],)
    if not layout.header and (counts is None or not counts[0]):
        lead.append(table.first)
    for row in lead:
        if len(row.cells) != table.width:
            raise table.ragged(row)
    sifted = _sifted(table, layout, lead, ends)
    ends, told = sifted.ends, (*told, *sifted.told)
    weight, decimal = weights_of_rows(table, layout, lead, sifted.kept)
    _refuse_blanks_among_numbers(table, layout, ends.ids)
    marked = table.marked + sum(row.marked for row in lead)
    skipped = table.skipped + sum(row.marked for row in table.lead) - sum(r.marked for r in lead)
    kept = _attributes(table, layout, lead, sifted, weight) if wanted.keep_attributes else {}
    read = PropertyGraph(
        ids=ends.ids,
        tail=ends.tail,
        head=ends.head,
        edge_attributes=kept,
        label=label,
        name=name,
        notes=(*told, *layout.notes(), *_counted(table, skipped, marked, decimal)),
    )
    return read, weight


def _attributes(
    table: Delimited,
    layout: Layout,
    lead: Sequence[Row],
    sifted: Sifted,
    weight: np.ndarray | None,
) -> dict[str, Column]:
    """The weight as "weight", and the columns that are not read by their names, as attributes of
    the edges.
    """
    found = {} if weight is None else {"weight": Column(weight)}
    if not layout.unread:
        return found
    columns = table.columns(layout.unread, [row.cells for row in lead])
    for place, cells in zip(layout.unread, columns, strict=True):
        name = layout.name_of(place) or f"column {place + 1}"
        name = f"{name} (column {place + 1})" if name in found else name
        found[name] = column_of_cells(_kept(cells, sifted.kept))
    return found


def _kept(cells: pa.ChunkedArray, mask: np.ndarray | None) -> pa.ChunkedArray:
    """The cells of some rows."""
    return cells if mask is None else take(cells, np.flatnonzero(mask))


def _counted(table: Delimited, skipped: int, marked: int, decimal: bool) -> tuple[str, ...]:
    said = []
    if skipped:
        slashes = any(line.startswith("//") for line in table.comments)
        marks = "#, % or //" if slashes else "# or %"
        said.append(f"lines that begin with {marks}, skipped: {skipped:,}")
    if marked:
        said.append(f"lines that begin with # or %, read as edges: {marked:,}")
    if decimal:
        said.append("weights have decimal commas: 0,5 is read as 0.5")
    return tuple(said)


def _ends(table: Delimited, layout: Layout) -> Ends:
    """The ends of the rows after the first."""
    wanted = (layout.tail, layout.head)
    if not layout.bipartite:
        numbers = table.integers(wanted)
        if numbers is not None:
            return encode_integers(*numbers)
    tail, head = table.columns(wanted)
    if layout.bipartite:
        tail = pc.binary_join_element_wise(_LEFT, tail, "")
        head = pc.binary_join_element_wise(_RIGHT, head, "")
    return encode_texts(tail, head)


_LEFT, _RIGHT = "left:", "right:"


def _pairs(rows: Sequence[Row], layout: Layout) -> list[tuple[str, str]]:
    sides = (_LEFT, _RIGHT) if layout.bipartite else ("", "")
    return [(sides[0] + row.cells[layout.tail], sides[1] + row.cells[layout.head]) for row in rows]


def _known(lead: Sequence[Row], layout: Layout, ends: Ends) -> list[Row]:
    """Find the data among rows that begin with `#` or `%` before the first plain one: an id with
    such a mark is in another row too.
    """
    *marked, first = lead
    if not marked:
        return []
    plain = [first] if len(first.cells) > max(layout.tail, layout.head) else []
    pairs = _pairs([*marked, *plain], layout)
    counts = Counter(chain.from_iterable(dict.fromkeys(pairs)))
    known = ends.places(list(counts))
    return [
        row
        for row, pair in zip(marked, pairs, strict=False)
        if any(
            row.cells[column][:1] in _MARKS and (name in known or counts[name] > 1)
            for name, column in zip(pair, (layout.tail, layout.head), strict=True)
        )
    ]


_MARKS = ("#", "%")


def _is_header(table: Delimited, layout: Layout, ends: Ends) -> tuple[bool, tuple[str, ...]]:
    """Tell whether the first row names the columns where its cells do not, and what is said."""
    first = table.first
    if len(first.cells) <= max(layout.tail, layout.head):
        return False, ()
    if are_default(first.cells):
        weights = [row.cells[layout.weight] for row in table.sample()] if layout.weight else []
        return name_ends(first.cells, ends, weights, table.delimiter != BLANKS)
    (pair,) = _pairs([first], layout)
    return is_header(pair, ends, named=bool(layout.names))


def _sifted(table: Delimited, layout: Layout, lead: Sequence[Row], ends: Ends) -> Sifted:
    """The edges of all rows, without those that are none."""

    def where(row: int) -> str:
        return f"line {next(islice(chain(lead, table.rows()), row, None)).line}"

    ends = ends.after(_pairs(lead, layout))
    return sift(ends, _header_again(table, layout, lead, ends), where, table.label)


def _header_again(table: Delimited, layout: Layout, lead: Sequence[Row], ends: Ends) -> np.ndarray:
    """Positions of the rows that are the header to the last cell, as joined files have them."""
    if ends.are_numbers:
        return np.zeros(0, dtype=np.int64)
    named = names_of_ends(ends)
    if not layout.header or len(named) or len(table.first.cells) != table.width:
        return named if len(ends.tail) > len(named) + 1 else named[:0]
    places = [np.flatnonzero(ends.ids == table.first.cells[i]) for i in (layout.tail, layout.head)]
    if not all(map(len, places)):
        return named
    alike = np.flatnonzero((ends.tail == places[0][0]) & (ends.head == places[1][0]))
    if table.width > 2 and len(alike):
        columns = table.columns(range(table.width), [row.cells for row in lead])
        rows = zip(*(take(column, alike).to_pylist() for column in columns), strict=True)
        alike = alike[[list(cells) == table.first.cells for cells in rows]]
    return alike


def _refuse_blanks_among_numbers(table: Delimited, layout: Layout, ids: np.ndarray) -> None:
    """Refuse an id such as `1 10.0`: a blank parts cells there, and a tab elsewhere."""
    if table.delimiter != "\t" or b" " not in table.text:
        return
    parted = [name for name in ids.tolist() if " " in name and all(map(is_number, name.split()))]
    if not parted:
        return
    wanted = set(parted)
    for row in (table.first, *table.rows()):
        for column in (layout.tail, layout.head):
            if row.cells[column] in wanted:
                raise InputError(
                    f"{table.label}: line {row.line}: tabs and blanks are mixed: "
                    f"{row.cells[column]!r} holds two numbers; use one of them between cells"
                )
