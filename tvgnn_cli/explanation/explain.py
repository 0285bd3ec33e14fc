"""Explanation of the clusters of a graph: what is told of them, and where it is written."""

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
from tvgnn_cli.explanation.made_of import made_of
from tvgnn_cli.explanation.marks import NUMBER, Mark, marks_of, sums_of
from tvgnn_cli.explanation.subject import Subject, subject_of
from tvgnn_cli.explanation.tables import TABLES, Columns, tables_of
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.writers import TABLE_WRITERS, check_target, write_table

if TYPE_CHECKING:
    import pandas as pd

WHOLE = ".json"
"""Suffix of a file that has all of them."""


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


def explain(
    graph: Any, clusters: Any, *, top: int = 10, cluster_attr: str | None = None, **options: Any
) -> Explanation:
    """Explain any clustering of a graph: how each cluster lies in it, what sets it apart, which
    vertices stand for it, and which are at its boundary.

        tvgnn_cli.explain("graph.graphml", "graph.clusters.csv").to_frame()

    Args:
        graph: as for `cluster`.
        clusters: of any tool: a file (a table, a graph file with an attribute `cluster`, an AnnData
            file, an array), a mapping or pandas Series by vertex id, an array `[n]` in vertex
            order, or a `ClusterResult`.
        top: features, representative and boundary vertices of each cluster, at most.
        cluster_attr: as for `evaluate`.
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: `top` is no number from 1.
        InputError: a file that cannot be read; vertices of one that the other lacks.
    """
    check_top(top)
    return explanation_of(subject_of(graph, clusters, cluster_attr=cluster_attr, **options), top)


def check_top(top: int) -> None:
    """Refuse what is no number of features and vertices.

    Raises:
        UsageError: saying so.
    """
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise UsageError(f"`top` is {top!r}; needs to be a whole number from 1")


def explanation_of(subject: Subject, top: int) -> Explanation:
    """The tables of clusters that have been measured, see `explain`."""
    read, found = subject.graph, subject.clusters
    marks, kinds = _marks(subject, top)
    tables = tables_of(subject, marks, top)
    return Explanation(
        read.name, tables, made_of(read, found), (*read.all_notes, *_notes(read, found, kinds))
    )


def _marks(subject: Subject, top: int) -> tuple[list[Mark], np.ndarray]:
    """The features that set clusters apart, and the kind of each column."""
    graph, found = subject.graph, subject.clusters
    if graph.x is None:
        return [], np.empty(0, dtype=object)
    sums = sums_of(graph.x, found.labels, found.k)
    return marks_of(sums, subject.structure.sizes, top), sums.kinds


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
