"""Data sets in the form of the TU collection: `DS_A.txt`, `DS_graph_indicator.txt` and others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, first_and_rest
from tvgnn_cli.graph.graph_set import Category, GraphSet
from tvgnn_cli.io.graph_sets.asked import EDGE_ATTRIBUTES, Asked
from tvgnn_cli.io.graph_sets.found import (
    Found,
    as_attributes,
    grouped,
    placed,
    refuse_unusable,
)
from tvgnn_cli.io.graph_sets.tu_text import NUMBER, TEXT, WHOLE, Lines
from tvgnn_cli.io.graph_sets.words import category_names, category_of
from tvgnn_cli.io.places import found_in, is_file
from tvgnn_cli.io.sparse_arrays import most_vertices

EDGES = "_A.txt"
RAW, CLEANED = "raw", "raw_cleaned"
NEVER_READ = ("edge_labels", "graph_attributes", "link_labels", "node_coordinates")
"""Files beside those that are read, which a note names."""


@dataclass(frozen=True)
class Files:
    """The files of one data set.

    Args:
        folder: that holds them.
        name: before `_A.txt`.
        notes: on where they were found.
    """

    folder: Path
    name: str
    notes: tuple[str, ...] = ()

    def lines(self, what: str) -> Lines:
        return Lines(self.folder / f"{self.name}_{what}.txt")

    def has(self, what: str) -> bool:
        return is_file(self.lines(what).path)


def find_tu(folder: Path, cleaned: bool) -> Files | None:
    """The files of a TU data set in a folder, its `raw` or its `raw_cleaned`; None for none.

    Raises:
        InputError: two data sets in one folder, or none where a cleaned one is asked for.
    """
    notes: tuple[str, ...] = ()
    within = (CLEANED, RAW) if cleaned else (RAW, CLEANED)
    for place in (folder, *(folder / name for name in within)):
        found = [path.name for path in found_in(place, f"*{EDGES}")]
        if len(found) > 1:
            raise InputError(f"{place}: holds several data sets: {first_and_rest(found)}")
        if found:
            if place.name == CLEANED and place != folder and not cleaned:
                notes = (f"{place} is read, since there is no {folder / RAW}",)
            if cleaned and place.name != CLEANED:
                raise InputError(
                    f"{folder}: has no {CLEANED} (`cleaned`); leave it out to read {found[0]}"
                )
            return Files(place, found[0].removesuffix(EDGES), notes)
    return None


def read_tu(files: Files, asked: Asked) -> GraphSet:
    """Read a TU data set: edges, weights where they are asked for, labels and attributes of
    vertices, classes of graphs.

    Raises:
        InputError: a file that is missing, or whose lines do not fit those of the others.
        UsageError: a `weight` that is none.
    """
    indicator = _indicator(files)
    labels = _graph_labels(files, indicator)
    count = int(indicator.max()) if labels is None else len(labels)
    graph = indicator - 1
    tail, head = _edges(files, graph)
    weight = _weight(files, asked, len(tail))
    sizes, order = grouped(graph, count)
    if order is not None:
        places = placed(order)
        tail, head = places[tail], places[head]
    attributes = _attributes(files, len(graph)) if asked.attributes else None
    categories = _categories(files, len(graph)) if asked.categories else ()
    if order is not None:
        attributes = None if attributes is None else attributes[order]
        categories = tuple(Category(c.name, c.codes[order], c.values) for c in categories)
    return Found(
        label=str(files.folder),
        name=files.name,
        ids=[str(i + 1) for i in range(count)],
        sizes=sizes,
        tail=tail,
        head=head,
        weight=weight,
        attributes=attributes,
        categories=categories,
        labels=labels,
        notes=(*files.notes, *_notes(files, asked, order is not None)),
    ).graph_set()


def _indicator(files: Files) -> np.ndarray:
    """The number of the graph of each vertex, from 1, `[n]`."""
    lines = files.lines("graph_indicator")
    if not is_file(lines.path):
        raise InputError(
            f"{files.folder}: has {files.name}{EDGES} and no {lines.path.name}, which says whose "
            "vertices are whose"
        )
    (indicator,) = lines.columns(WHOLE, 1)
    if not len(indicator):
        raise InputError(f"{lines.path}: holds no vertices")
    _refuse(indicator < 1, indicator, lines, "graph {}; graphs are numbered from 1")
    high = most_vertices(0) + len(indicator)
    _refuse(indicator > high, indicator, lines, "graph {}, of far fewer vertices")
    return indicator


def _refuse(bad: np.ndarray, values: np.ndarray, lines: Lines, message: str) -> None:
    """Refuse the first value that is marked."""
    if bad.any():
        row = int(bad.argmax())
        raise InputError(f"{lines.where(row)}: {message.format(values[row])}")


def _graph_labels(files: Files, indicator: np.ndarray) -> list[str] | None:
    """The class of each graph as text, one for each that the indicator numbers."""
    if not files.has("graph_labels"):
        return None
    lines, high = files.lines("graph_labels"), int(indicator.max())
    columns = lines.columns(TEXT)
    if len(columns) > 1:
        raise InputError(
            f"{lines.path}: line 1: {len(columns)} labels for a graph; one class each is learnt: "
            "keep one column, or give `labels`"
        )
    labels = [str(text).strip() for text in columns[0].tolist()]
    if len(labels) != high:
        raise InputError(
            f"{lines.path}: {len(labels):,} labels, but {files.lines('graph_indicator').path.name} "
            f"numbers the graphs 1 to {high:,}; a label for each graph"
        )
    return labels


def _edges(files: Files, graph: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ends of each line, counted from 0, integers `[m]`."""
    lines = files.lines("A")
    tail, head = lines.columns(WHOLE, 2)
    n = len(graph)
    for ends in (tail, head):
        _refuse(
            (ends < 1) | (ends > n), ends, lines, f"vertex {{}}; the vertices are 1 to {n:,}, the "
            "lines of the indicator",
        )  # fmt: skip
        ends -= 1
    small = graph.astype(np.int32)
    apart = small[tail] != small[head]
    if apart.any():
        row = int(apart.argmax())
        raise InputError(
            f"{lines.where(row)}: an edge between two graphs, of vertex {tail[row] + 1} of graph "
            f"{graph[tail[row]] + 1} and {head[row] + 1} of {graph[head[row]] + 1}"
        )
    return tail, head


def _weight(files: Files, asked: Asked, num_edges: int) -> np.ndarray | None:
    """The column of the edge attributes that is asked for, `[m]`."""
    if asked.weight is None or asked.no_weight:
        return None
    number = asked.weight if asked.weight.isdecimal() and asked.weight.isascii() else None
    if number is None and asked.weight.lower() != EDGE_ATTRIBUTES:
        raise UsageError(
            f"`weight` is '{asked.weight[:40]}'; of a TU data set it is {EDGE_ATTRIBUTES}, or the "
            "number of one of their columns, from 1"
        )
    lines = files.lines("edge_attributes")
    if not is_file(lines.path):
        raise InputError(f"{files.folder}: has no {lines.path.name} (`weight`); leave it out")
    columns = lines.columns(NUMBER)
    if number is None and len(columns) > 1:
        raise InputError(
            f"{lines.path}: {len(columns)} columns; give the number of one as `weight`"
        )
    place = 1 if number is None else int(number[:9])
    if not 1 <= place <= len(columns):
        raise InputError(f"{lines.path}: has no column {place} (`weight`), but {len(columns)}")
    weight = columns[place - 1]
    _same_length(lines, len(weight), num_edges, f"edges of {files.name}{EDGES}")
    refuse_unusable(weight, lines.where)
    return weight


def _attributes(files: Files, n: int) -> np.ndarray | None:
    """Numbers of the vertices in their lines' order, float32 `[n, a]`."""
    if not files.has("node_attributes"):
        return None
    lines = files.lines("node_attributes")
    columns = lines.columns(NUMBER)
    _same_length(lines, len(columns[0]), n, "vertices of the indicator")
    return as_attributes(np.stack(columns, axis=1), lines.where)


def _categories(files: Files, n: int) -> tuple[Category, ...]:
    """A category for each column of the vertex labels."""
    if not files.has("node_labels"):
        return ()
    lines = files.lines("node_labels")
    columns = lines.columns(TEXT)
    _same_length(lines, len(columns[0]), n, "vertices of the indicator")
    return tuple(map(category_of, category_names(len(columns)), columns))


def _same_length(lines: Lines, count: int, others: int, what: str) -> None:
    if count != others:
        raise InputError(f"{lines.path}: {count:,} lines for {others:,} {what}; one for each")


def _notes(files: Files, asked: Asked, reordered: bool) -> tuple[str, ...]:
    """Lines of the summary on what is not read."""
    said = [
        f"{what.replace('_', ' ')}: not read ({files.name}_{what}.txt)"
        for what in NEVER_READ
        if files.has(what)
    ]
    if files.has("edge_attributes") and asked.weight is None:
        said.insert(
            0, f"edge attributes: not read; `weight` {EDGE_ATTRIBUTES} takes them as weights"
        )
    if not files.has("graph_labels"):
        said.append(f"classes: there is no {files.name}_graph_labels.txt")
    if reordered:
        said.append("vertices are put in the order of their graphs")
    return tuple(said)
