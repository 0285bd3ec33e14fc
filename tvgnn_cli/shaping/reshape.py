"""Clusters of any tool, each made one piece, and none too small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.config import MERGE, NO, SPLIT
from tvgnn_cli.errors import UsageError, counted, did_you_mean
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.vertex_columns import vertex_columns
from tvgnn_cli.io.writers import write_table
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.shaping.partition import read_partition
from tvgnn_cli.shaping.shaped import shape_clusters

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Reshaped:
    """Clusters that were shaped, with the numbers that they had; new ones have numbers above.

    Args:
        ids: vertices of the graph, `[n]`.
        labels: their clusters by number, int64 `[n]`; -1 for those that had none.
        clustering: the same with their soft assignment, where one is given.
        metrics: counts of what was joined, split off and merged.
        notes: the same in words.
    """

    ids: np.ndarray
    labels: np.ndarray
    clustering: Clustering
    metrics: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Count the vertices and clusters, in one line."""
        known = np.unique(self.labels[self.labels >= 0])
        return f"<Reshaped: {counted(len(self.ids), 'vertex')}, {counted(len(known), 'cluster')}>"

    def columns(self) -> dict[str, Any]:
        """The columns of `to_frame`, by name."""
        found = self.clustering
        given = found.assignment, None, None, found.numbers, found.titles
        return {"vertex": self.ids, **vertex_columns(self.labels, *given)}

    def to_frame(self) -> pd.DataFrame:
        """One row per vertex."""
        import pandas as pd

        return pd.DataFrame(self.columns())

    def write(self, path: str | Path) -> None:
        """Write the vertices to a `.csv`, `.tsv` or `.parquet` file.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written.
        """
        write_table(self.columns(), str(path), dict(self.metrics))


def reshape(
    graph: Any,
    clusters: Any,
    *,
    min_size: int = 1,
    connected: str = NO,
    cluster_attr: str | None = None,
    **options: Any,
) -> Reshaped:
    """Make each cluster of any tool one piece, and merge those that are too small, as
    `tvgnn cluster --connected --min-size` does.

        tvgnn_cli.reshape("edges.csv", "leiden.csv", min_size=20, connected="merge").to_frame()

    Args:
        graph: as for `cluster`.
        clusters: of any tool, as those of `evaluate`; vertices may be without one.
        min_size: fewest vertices of a cluster; smaller ones merge into the neighbour with the
            largest weight of edges between them, the smallest first.
        connected: "merge" for pieces other than the largest of a cluster to go to a neighbouring
            cluster, "split" for them to be clusters, "no" for neither.
        cluster_attr: as for `evaluate`.
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: a size below 1, or a choice that is none.
        InputError: a file that cannot be read; clusters of none of the vertices.
    """
    if isinstance(min_size, bool) or not isinstance(min_size, int) or min_size < 1:
        raise UsageError(f"`min_size` is {min_size!r}; needs to be at least 1")
    choices = (NO, MERGE, SPLIT)
    if connected not in choices:
        raise UsageError(f"`connected` is {connected!r}.{did_you_mean(str(connected), choices)}")
    read = read_graph(graph, **options)
    ids = read.ids.tolist()
    given = read_partition(clusters, ids, ids, cluster_attr)
    given.require_shared(ids, read.name)
    soft = given.assignment if given.ids.tolist() == ids else None
    plain = np.arange(given.k)
    found = Clustering(given.of(ids), soft, given.numbers, plain, given.titles)
    shaped = shape_clusters(read, found, min_size, connected)
    made = shaped.clusters
    return Reshaped(read.ids, made.by_number, made, shaped.metrics, (*given.notes, *shaped.notes))
