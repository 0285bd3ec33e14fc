"""Clusters of any tool with the numbers of earlier ones of any tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import UsageError, counted
from tvgnn_cli.evaluation.grouping import is_path
from tvgnn_cli.io.vertex_columns import vertex_columns
from tvgnn_cli.io.writers import write_metrics, write_table
from tvgnn_cli.shaping.changes import Changes
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.shaping.numbering import match_clusters
from tvgnn_cli.shaping.partition import read_partition

if TYPE_CHECKING:
    import pandas as pd


TABLES = ("vertices", "changes")
"""Tables of a match."""


@dataclass(frozen=True, eq=False)
class Match:
    """Clusters with the numbers of earlier ones.

    Args:
        ids: vertices, `[n]`, in the order of the clusters.
        labels: their numbers, int64 `[n]`; -1 for vertices without a cluster.
        clustering: the same with their soft assignment, where one is given.
        sure: how sure each vertex's cluster is, `[n]` from 0 to 1: `confidence`, `stability`, those
            that are given.
        changes: from the earlier clusters to these.
        told: which columns of files the clusters are, where these were chosen.
    """

    ids: np.ndarray
    labels: np.ndarray
    clustering: Clustering
    sure: Mapping[str, np.ndarray]
    changes: Changes
    told: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Count the vertices and clusters, and those that moved, in one line."""
        known = np.unique(self.labels[self.labels >= 0])
        return (
            f"<Match: {counted(len(self.ids), 'vertex')}, {counted(len(known), 'cluster')}; "
            f"{counted(self.changes.moved, 'vertex')} moved>"
        )

    @property
    def metrics(self) -> Mapping[str, Any]:
        """Counts of what has changed, by name."""
        return self.changes.metrics()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that the summary shows."""
        return (*self.told, *self.changes.notes())

    def to_frame(self, table: str = "vertices") -> pd.DataFrame:
        """One row per vertex, or of `table="changes"` one for each two clusters that share any.

        Raises:
            UsageError: no such table.
        """
        import pandas as pd

        if table not in TABLES:
            raise UsageError(f"there is no table '{table}'; known: {', '.join(TABLES)}")
        return pd.DataFrame(self.changes.columns() if table == "changes" else self.columns())

    def columns(self) -> dict[str, Any]:
        """The columns of `to_frame`, by name."""
        found = self.clustering
        told = self.sure.get("confidence"), self.sure.get("stability")
        columns = vertex_columns(self.labels, found.assignment, *told, found.numbers, found.titles)
        return {"vertex": self.ids, **columns, **self.sure}

    def write(
        self,
        path: str | Path,
        changes: str | Path | None = None,
        metrics: str | Path | None = None,
    ) -> None:
        """Write the vertices to a `.csv`, `.tsv` or `.parquet` file; and the table of changes and
        the row of metrics where these are wanted.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written.
        """
        if changes is not None:
            write_table(self.changes.columns(), str(changes), dict(self.metrics))
        if metrics is not None:
            write_metrics(dict(self.metrics), str(metrics))
        write_table(self.columns(), str(path), dict(self.metrics))


def match(clusters: Any, previous: Any, *, cluster_attr: str | None = None) -> Match:
    """Number clusters by the best matching with earlier ones: a cluster gets the number of the
    earlier one that it is matched with, where matched clusters share as many vertices as can be,
    and new ones get numbers above all earlier ones. The partition stays what it is.

        tvgnn_cli.match("june.csv", "may.csv").write("june.csv")

    Args:
        clusters: of any tool, as those of `evaluate`.
        previous: earlier ones; or an array `[n]` for the vertices of `clusters`, in their order.
        cluster_attr: column or attribute with the clusters in each file, as for `evaluate`; it is
            for `clusters` alone where `previous` is no file.

    Raises:
        UsageError: values in the order of vertices that are not known.
        InputError: a file that cannot be read, or no vertex that is in both.
    """
    later = read_partition(clusters, asked=cluster_attr)
    ids = later.ids.tolist()
    before = read_partition(previous, ids, ids, cluster_attr if is_path(previous) else None)
    if not set(ids) & set(before.ids.tolist()):
        earlier = before if is_path(previous) else replace(before, label="the earlier clusters")
        earlier.require_shared(ids, later.label)
    before = before.noting_others(ids, later.label)
    found = match_clusters(later.labels, later.k, ids, before)
    clustering = Clustering.of(later.labels, later.assignment, later.k)
    clustering = clustering.numbered(found.numbering.numbers, found.numbering.titles)
    told = tuple(dict.fromkeys((*later.notes, *before.notes)))
    return Match(later.ids, clustering.by_number, clustering, later.sure, found.changes, told)
