"""Explanation of clusters: tables of the clusters, their features, vertices and neighbours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import UsageError, shown
from tvgnn_cli.explanation.given import Clusters
from tvgnn_cli.explanation.in_notebook import table_html
from tvgnn_cli.explanation.marks import NUMBER, Mark, marks_of, sums_of
from tvgnn_cli.explanation.structure import Structure
from tvgnn_cli.explanation.subject import Subject, subject_of
from tvgnn_cli.explanation.vertices import (
    BOUNDARY,
    REPRESENTATIVE,
    Placed,
    boundaries,
    representatives,
)
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.writers import TABLE_WRITERS, check_target, write_table
from tvgnn_cli.machine.versions import tool_version

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("clusters", "features", "vertices", "cuts")
"""The tables of an explanation, the one that stands for it first."""

WHOLE = ".json"
"""Suffix of a file that has all of them."""

SMALL = 0.2
"""Effect from which the table of clusters names a feature of numbers. Source: Cohen, "Statistical
power analysis for the behavioral sciences", 1988, calls this one small.
"""

SHOWN = 5
"""Features and vertices that the table of clusters names, at most."""

Columns = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Tables of what a graph's clusters are.

    Args:
        name: stem of the graph's name.
        tables: by `TABLES`, each of columns by name, `docs/explain.md` says which.
        made_of: graph, clusters and version.
        notes: sentences that the summary shows.
    """

    name: str
    tables: Mapping[str, Columns]
    made_of: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Name the graph, its clusters and the tables, in one line."""
        k = len(self.tables[TABLES[0]]["cluster"])
        return f"<Explanation {shown(self.name)}: {k:,} clusters; tables {', '.join(TABLES)}>"

    def _repr_html_(self) -> str:
        """Show in a notebook: the table of clusters, as pandas shows tables there."""
        return table_html(self.tables[TABLES[0]], self.name, TABLES[1:])

    def to_frame(self, table: str = TABLES[0]) -> pd.DataFrame:
        """One of the tables.

        Raises:
            UsageError: there is none of that name.
        """
        import pandas as pd

        return pd.DataFrame(self._table(table))

    def write(self, path: str | Path, table: str = TABLES[0]) -> None:
        """Write one table to a `.csv`, `.tsv` or `.parquet` file, or all to a `.json` file.

        Raises:
            UsageError: an unknown suffix or table, or a target that cannot be written.
        """
        if Path(path).suffix.lower() != WHOLE:
            write_table(self._table(table), str(path), dict(self.made_of))
            return
        check_target("", str(path), (WHOLE, *TABLE_WRITERS), ())
        rows = {name: _rows(columns) for name, columns in self.tables.items()}
        text = json.dumps({**self.made_of, **rows}, indent=1, ensure_ascii=False, allow_nan=False)
        write_atomically(Path(path), (text + "\n").encode())

    def _table(self, name: str) -> Columns:
        if name not in self.tables:
            raise UsageError(f"there is no table '{name}'; known: {', '.join(TABLES)}")
        return self.tables[name]


def explain(graph: Any, clusters: Any, *, top: int = 10, **options: Any) -> Explanation:
    """Explain any clustering of a graph: how each cluster lies in it, what sets it apart, which
    vertices stand for it, and which are at its boundary.

        tvgnn_cli.explain("graph.graphml", "graph.clusters.csv").to_frame()

    Args:
        graph: as for `cluster`.
        clusters: of any tool: a file (a table, a graph file with an attribute `cluster`, an array),
            a mapping or pandas Series by vertex id, an array `[n]` in vertex order, or a
            `ClusterResult`.
        top: features, representative and boundary vertices of each cluster, at most.
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: `top` is no number from 1.
        InputError: a file that cannot be read; vertices of one that the other lacks.
    """
    check_top(top)
    return explanation_of(subject_of(graph, clusters, **options), top)


def check_top(top: int) -> None:
    """Refuse what is no number of features and vertices.

    Raises:
        UsageError: saying so.
    """
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise UsageError(f"`top` is {top!r}; needs to be a whole number from 1")


def explanation_of(subject: Subject, top: int) -> Explanation:
    """The tables of clusters that have been measured, see `explain`."""
    read, found, structure = subject.graph, subject.clusters, subject.structure
    placed = subject.placed
    marks, kinds = _marks(read, found, structure, top)
    best = representatives(found.labels, found.k, placed, found.measures.get("confidence"), top)
    near = boundaries(found.labels, found.k, placed, top)
    tables = {
        "clusters": _of_clusters(read, found, structure, placed, marks, best),
        "features": _of_features(read, found, marks),
        "vertices": _of_vertices(read, found, placed, best, near),
        "cuts": _of_cuts(found, structure),
    }
    made_of = {
        "graph": read.name,
        "clusters_of": found.label,
        "input_fingerprint": read.fingerprint(),
        "version_tvgnn": tool_version(),
    }
    return Explanation(read.name, tables, made_of, (*read.all_notes, *_notes(read, found, kinds)))


def _marks(
    graph: Graph, found: Clusters, structure: Structure, top: int
) -> tuple[list[Mark], np.ndarray]:
    """The features that set clusters apart, and the kind of each column."""
    if graph.x is None:
        return [], np.empty(0, dtype=object)
    sums = sums_of(graph.x, found.labels, found.k)
    return marks_of(sums, structure.sizes, top), sums.kinds


def _feature_name(graph: Graph, column: int) -> str:
    return str(graph.feature_names[column]) if graph.feature_names else str(column)


def _of_clusters(
    graph: Graph,
    found: Clusters,
    structure: Structure,
    placed: Placed,
    marks: list[Mark],
    best: list[np.ndarray],
) -> Columns:
    sizes = structure.sizes
    columns: Columns = {
        "cluster": _texts(found.names),
        "size": sizes,
        "share": sizes / sizes.sum(),
        "edges": structure.edges,
        "cut": structure.cut,
        "conductance": structure.conductance,
        "density": structure.density,
        "pieces": structure.pieces,
        "largest_piece": structure.largest,
        "margin": _means(placed.margin, found.labels, sizes),
    }
    if found.assignment is not None:
        columns["sharpness"] = _means(found.assignment.max(axis=1), found.labels, sizes)
    for name, values in found.measures.items():
        columns[name] = _means(values, found.labels, sizes)
    named: list[list[str]] = [[] for _ in range(found.k)]
    for mark in marks:
        if mark.is_sure and (mark.kind != NUMBER or abs(mark.effect) >= SMALL):
            named[mark.cluster].append(_told(graph, mark))
    columns["features"] = _texts(", ".join(each[:SHOWN]) for each in named)
    columns["representatives"] = _texts(
        ", ".join(map(str, graph.ids[each[:SHOWN]])) for each in best
    )
    columns["nearest"], columns["nearest_over_chance"] = _nearest(found, structure)
    return columns


def _told(graph: Graph, mark: Mark) -> str:
    """A feature as the table of clusters names it: of numbers with the way and size of its
    effect.
    """
    name = _feature_name(graph, mark.column)
    return f"{name} ({mark.effect:+.2f})" if mark.kind == NUMBER else name


def _nearest(found: Clusters, structure: Structure) -> tuple[np.ndarray, np.ndarray]:
    """The cluster to which each has most edges against chance, and how many times as many."""
    of, other, weight, expected = structure.pairs()
    over = np.divide(weight, expected, out=np.zeros(len(weight)), where=expected > 0)
    names, times = np.full(found.k, "", dtype=object), np.zeros(found.k)
    order = np.lexsort((other, -over, of))
    of, first = np.unique(of[order], return_index=True)
    names[of] = _texts(found.names)[other[order][first]]
    times[of] = over[order][first]
    return names, times


def _of_features(graph: Graph, found: Clusters, marks: list[Mark]) -> Columns:
    names = _texts(found.names)
    of = np.array([mark.cluster for mark in marks], dtype=np.int64)
    numbers = ("score", "effect", "inside", "outside", "share_inside", "share_outside", "chance")
    return {
        "cluster": names[of],
        "feature": _texts(_feature_name(graph, mark.column) for mark in marks),
        "kind": _texts(mark.kind for mark in marks),
        **{name: np.array([getattr(mark, name) for mark in marks], float) for name in numbers},
        "is_sure": np.array([mark.is_sure for mark in marks], dtype=bool),
    }


def _of_vertices(
    graph: Graph, found: Clusters, placed: Placed, best: list[np.ndarray], near: list[np.ndarray]
) -> Columns:
    chosen = [(REPRESENTATIVE, each) for each in best] + [(BOUNDARY, each) for each in near]
    rows = np.concatenate([each for _, each in chosen])
    names = np.append(_texts(found.names), "")
    own = {} if graph.names is None else {"name": graph.names[rows]}
    return {
        "cluster": names[found.labels[rows]],
        "role": np.repeat(_texts(role for role, _ in chosen), [len(each) for _, each in chosen]),
        "vertex": graph.ids[rows],
        **own,
        "degree_inside": placed.inside[rows],
        "margin": placed.margin[rows],
        "leans_to": names[placed.leans_to[rows]],
        **{name: values[rows] for name, values in found.measures.items()},
    }


def _of_cuts(found: Clusters, structure: Structure) -> Columns:
    of, other, weight, expected = structure.pairs()
    order = np.lexsort((other, of))
    names = _texts(found.names)
    over = np.divide(weight, expected, out=np.zeros(len(weight)), where=expected > 0)
    return {
        "cluster": names[of[order]],
        "other": names[other[order]],
        "weight": weight[order],
        "expected": expected[order],
        "over_chance": over[order],
    }


def _means(values: np.ndarray, labels: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Mean over each cluster, `[k]`."""
    found: np.ndarray = np.bincount(labels, values, len(sizes)) / np.maximum(sizes, 1)
    return found


def _texts(values: Any) -> np.ndarray:
    found = list(values)
    made = np.empty(len(found), dtype=object)
    made[:] = found
    return made


def _rows(columns: Columns) -> list[dict[str, Any]]:
    """A table as rows of plain values."""
    names = list(columns)
    values = [np.asarray(columns[name]).tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _notes(graph: Graph, found: Clusters, kinds: np.ndarray) -> tuple[str, ...]:
    """Notes on what was not there to be explained by."""
    notes = list(found.notes)
    if graph.x is None:
        notes.append("features: none; nothing is said of what sets clusters apart")
    elif not graph.feature_names:
        notes.append("features have no names; they are called by their column, from 0")
    if found.assignment is None:
        notes.append("no soft assignment of every cluster; margins are those of edges")
    if not graph.num_edges:
        notes.append("edges: none; cuts and representatives say little")
    if found.k == 1:
        notes.append("one cluster; nothing sets it apart")
    counted = int((kinds != NUMBER).sum())
    if 0 < counted < len(kinds):
        notes.append(f"features: {counted:,} of counts, {len(kinds) - counted:,} of numbers")
    return tuple(notes)
