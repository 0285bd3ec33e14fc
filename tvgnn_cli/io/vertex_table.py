"""Columns of values by vertex, of whatever file has clusters or classes in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tvgnn_cli.errors import InputError, some_of
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.companions import ARRAYS
from tvgnn_cli.io.content import as_table, first_bytes, form_of
from tvgnn_cli.io.names import CLUSTER, PARTITIONS, fold
from tvgnn_cli.io.readers import READERS
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.tables import read_rows
from tvgnn_cli.io.wanted import NONE, Wanted, find_named

GRAPH_FILES = (".graphml", ".gexf", ".gml", ".json")
"""Forms of graphs whose vertices carry attributes by name."""

LABEL = "label"

OPTION = {CLUSTER: "`cluster_attr`", LABEL: "`label_attr`"}
"""Option by which a user names a column, by what is looked for."""

COLUMN, ATTRIBUTE, OBSERVED = "column", "vertex attribute", "column of obs"
"""Names of a column in messages, of a table, a graph file and an AnnData file."""


@dataclass(frozen=True)
class VertexTable:
    """Values by vertex.

    Args:
        ids: of the vertices.
        columns: the values by name, those of the ids not among them.
        what: what messages call a column. Of a table one is taken (`named`) where none has the name
            that is looked for.
        is_numbered: whether there are no ids, and rows are in the order of vertex numbers.
        asked: name that a user gives, where the columns are not chosen by it.
        notes: which column was chosen.
    """

    ids: list[str]
    columns: Mapping[str, Column]
    what: str = COLUMN
    is_numbered: bool = False
    asked: str | None = None
    notes: tuple[str, ...] = ()

    def named(self, column: str, label: str) -> str:
        """Name of the column that is asked for, else of the one that is looked for. Of a table with
        neither it is the only one that names clusters, where these are looked for, else the first.

        Raises:
            InputError: there is none.
        """
        names = list(self.columns)
        if self.what == COLUMN and (self.is_numbered or not names):
            raise InputError(f"{label}: one column; need vertex ids and a label or cluster")
        if self.asked is not None and column in OPTION:
            return names[find_named(self.asked, names, OPTION[column], label, self.what)]
        found = next((name for name in names if fold(name) == column), None)
        if found is None and self.what != COLUMN:
            there = f"; it has {some_of(names)}" if names else ""
            raise InputError(f"{label}: no {self.what} is named '{column}'{there}")
        if found is None and column == CLUSTER:
            of_clusters = [name for name in names if fold(name) in PARTITIONS]
            found = of_clusters[0] if len(of_clusters) == 1 else None
        return names[0] if found is None else found

    def told(self, label: str) -> Mapping[str, Column]:
        """The columns that may tell of the clusters: none where those that are asked for are not in
        the column `cluster`, of which a table tells.

        Raises:
            InputError: the file has no column of the name that is asked for.
        """
        if self.asked is not None and fold(self.named(CLUSTER, label)) != CLUSTER:
            return {}
        return self.columns


def vertex_table_of(
    source: Source,
    column: str,
    known: Collection[str] = (),
    asked: str | None = None,
    groups: bool = False,
) -> VertexTable | None:
    """The columns of a table, the attributes of a graph file, or what an AnnData file has of its
    observations; None of an array.

    Args:
        source: the file, its bytes held where they are read once only.
        column: what is looked for, `CLUSTER` or `LABEL` or beside the clusters.
        known: vertex ids that a table may hold.
        asked: name that a user gives.
        groups: as for `read_rows`.

    Raises:
        InputError: as `read_grouping`.
    """
    form = form_of(first_bytes(source))
    if form == ".h5ad":
        return _of_observations(source, column, asked)
    if form in GRAPH_FILES:
        wanted = Wanted(feature_attrs=NONE, weight=NONE, label_attr=NONE, keep_attributes=True)
        graph = READERS[form](source, wanted)
        columns = {} if graph.origin is None else dict(graph.origin.vertex_attributes)
        return VertexTable(graph.ids.tolist(), columns, ATTRIBUTE, asked=asked)
    source = as_table(source)
    if source.suffix in ARRAYS:
        return None
    rows = read_rows(source, known, groups)
    return VertexTable(
        rows.ids, rows.columns, is_numbered=rows.numbered, asked=asked, notes=rows.notes
    )


def _of_observations(source: Source, column: str, asked: str | None) -> VertexTable:
    """The columns of `obs`; or clusters alone, with what is told of them, as our own tables."""
    from tvgnn_cli.io.h5ad_clusters import read_observations, read_observed_clusters

    if column == LABEL:
        found = read_observations(source)
        return VertexTable(found.ids, found.columns, OBSERVED, asked=asked)
    found = read_observed_clusters(source, asked)
    return VertexTable(found.ids, found.columns, OBSERVED, notes=found.notes)
