"""Partition that clusterings of any tools agree on, and how stable each vertex is in it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import UsageError, counted
from tvgnn_cli.evaluation.grouping import is_path
from tvgnn_cli.explanation.clusterings import (
    Clusterings,
    clusterings_of,
    refuse_apart,
    refuse_bare,
)
from tvgnn_cli.graph.consensus import agree
from tvgnn_cli.io.writers import write_metrics, write_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Consensus:
    """Partition that clusterings agree on. `evaluate` and `explain` take it as clusters.

    Args:
        ids: vertex ids, `[n]`, in the order of the first clustering; those that it lacks follow.
        labels: clusters, int64 `[n]`; 0 is the largest.
        stability: share of the clusterings of a vertex in which it is in the cluster that is
            matched with its own here, float32 `[n]`, 0 to 1.
        found_in: clusterings that a vertex is in, int64 `[n]`; None where all are in all.
        metrics: one row of numbers, by column name.
        notes: sentences that the summary shows.
    """

    ids: np.ndarray
    labels: np.ndarray
    stability: np.ndarray
    found_in: np.ndarray | None
    metrics: dict[str, Any]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Count the vertices and clusters, and say how stable they are, in one line."""
        return (
            f"<Consensus: {counted(len(self.ids), 'vertex')}, "
            f"{counted(len(np.unique(self.labels)), 'cluster')}, "
            f"mean stability {self.stability.mean(dtype='float64'):.3f}>"
        )

    def columns(self) -> dict[str, np.ndarray]:
        """The columns `vertex`, `cluster`, `stability`, and where some clusterings lack vertices
        `found_in`.
        """
        spare = {} if self.found_in is None else {"found_in": self.found_in}
        found = {"vertex": self.ids, "cluster": self.labels, "stability": self.stability}
        return {**found, **spare}

    def to_frame(self) -> pd.DataFrame:
        """One row per vertex, of these columns."""
        import pandas as pd

        return pd.DataFrame(self.columns())

    def write(self, path: str | Path, metrics: str | Path | None = None) -> None:
        """Write the vertices to a `.csv`, `.tsv` or `.parquet` file, and optionally the metrics to
        a `.csv`, `.parquet` or `.json` file; either appears whole or not at all.

        Raises:
            UsageError: an unknown suffix, a target that cannot be written.
        """
        write_table(self.columns(), str(path), self.metrics)
        if metrics is not None:
            write_metrics(self.metrics, str(metrics))


def consensus(
    clusterings: Sequence[Any],
    num_clusters: int | None = None,
    *,
    cluster_attr: str | None = None,
) -> Consensus:
    """Find the partition that clusterings of the same vertices agree on, of any tools.

        found = tvgnn_cli.consensus(["leiden.csv", "infomap.csv", "tvgnn.parquet"])
        found.labels, found.stability

    Their clusters are matched one to one, whatever they are called, so that most vertices agree;
    each clustering then has a vote for each vertex (`graph/consensus.py`). The order of the
    clusterings changes nothing but that of the rows.

    Args:
        clusterings: two or more, each in any form that `evaluate` takes clusters in, or a soft
            assignment `[n, k]`, of which the largest share of a row counts.
        num_clusters: clusters to begin with; None for the median of theirs. Where none has as many,
            the next larger number has clusters merged. Votes may leave fewer, and vertices that
            only some have may add clusters of their own.
        cluster_attr: column or attribute with the clusters in each file, as for `evaluate`.

    Raises:
        UsageError: fewer than two clusterings; no clustering has so many clusters; some are in the
            order of the vertices and some by id.
        InputError: a file that cannot be read; clusterings with no vertices in common; a vertex
            without a cluster in all of them.
    """
    is_one = is_path(clusterings) or not hasattr(clusterings, "__iter__")
    clusterings = [clusterings] if is_one else list(clusterings)
    if len(clusterings) < 2:
        raise UsageError("a consensus is of two clusterings or more: of one, all would be stable")
    if num_clusters is not None and not (isinstance(num_clusters, Integral) and num_clusters > 0):
        raise UsageError(
            f"`num_clusters` is {num_clusters!r}; needs to be a whole number from 1 on"
        )
    given = clusterings_of(clusterings, cluster_attr)
    ids, labels = given.ids, given.labels()
    refuse_bare(ids, labels)
    refuse_apart(given, labels)
    first = np.arange(len(ids)) if given.are_alike else _by_id(ids)
    agreed = agree([each[first] for each in labels], num_clusters)
    place = np.empty(len(first), dtype=np.int64)
    place[first] = np.arange(len(first))
    found_in = np.sum([each >= 0 for each in labels], axis=0)
    used = int(agreed.labels.max()) + 1
    sizes = np.bincount(agreed.labels)
    metrics = {
        "num_vertices": len(ids),
        "clusterings": len(labels),
        "num_clusters": used if num_clusters is None else num_clusters,
        "clusters_used": used,
        "smallest_cluster": int(sizes.min()),
        "largest_cluster": int(sizes.max()),
        "agreement": agreed.agreement,
        "stability_mean": float(agreed.stability.mean(dtype=np.float64)),
    }
    return Consensus(
        np.array(ids, dtype=object), agreed.labels[place], agreed.stability[place],
        None if bool((found_in == len(labels)).all()) else found_in,
        metrics, (*_notes(clusterings, given, labels), *_notes_on_counts(labels, metrics)),
    )  # fmt: skip


def _by_id(ids: list[str]) -> np.ndarray:
    """Positions of the vertices by their ids, `[n]`: an order that does not depend on the files."""
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)


def _notes(
    clusterings: Sequence[Any], given: Clusterings, labels: Sequence[np.ndarray]
) -> Iterator[str]:
    """Say what is counted otherwise than its reader might expect."""
    yield from given.notes
    paths = [os.fspath(each) for each in clusterings if is_path(each)]
    for path, times in Counter(map(os.path.realpath, paths)).items():
        if times > 1:
            name = next(each for each in paths if os.path.realpath(each) == path)
            yield f"{name}: given {times} times, and counts as often"
    total = len(labels[0])
    for name, codes in zip(given.names, labels, strict=True):
        lacking = int((codes < 0).sum())
        if lacking:
            yield (
                f"{name}: has no cluster for {lacking:,} of {counted(total, 'vertex')}, whose "
                "stability is the share of the others"
            )


def _notes_on_counts(labels: Sequence[np.ndarray], metrics: Mapping[str, Any]) -> Iterator[str]:
    """Say how many clusters there are, where that is not the number of all clusterings."""
    used, wanted = metrics["clusters_used"], metrics["num_clusters"]
    counts = sorted({len(np.unique(codes[codes >= 0])) for codes in labels})
    if len(counts) > 1:
        yield (
            f"clusterings have {counts[0]:,} to {counts[-1]:,} clusters, and these are {used:,}; "
            "a cluster without a match agrees with none"
        )
    if used != wanted:
        yield f"`num_clusters` is {wanted:,}, and votes leave {used:,}"
