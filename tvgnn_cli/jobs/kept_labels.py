"""Clusters of a sweep's rows: as text beside a row, and as files for each value."""

from __future__ import annotations

import base64
import csv
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.io.places import is_file
from tvgnn_cli.run.result import ClusterResult

LABELS = "labels"
"""Name of the text in a row that is kept."""

IDENTITY = ("input_fingerprint", "config_fingerprint")
"""Metrics that tell whose clusters a file has."""


def packed(labels: np.ndarray) -> str:
    """Labels `[n]` as text."""
    return base64.b64encode(zlib.compress(labels.astype("<i4").tobytes(), 1)).decode()


def labels_of(row: Mapping[str, Any], n: int) -> np.ndarray:
    """The labels of n vertices that a row has, -1 for one that is in no cluster.

    Raises:
        ValueError: they are none, or those of other clusters than the row counts.
    """
    clusters = int(row["num_clusters"]) + int(row.get("clusters_split_off") or 0)
    return unpacked(row[LABELS], n, clusters, UNKNOWN if row.get("unassigned") else 0)


def unpacked(text: Any, n: int, clusters: int, least: int = 0) -> np.ndarray:
    """The labels of n vertices again.

    Raises:
        ValueError: they are none, below the least, or not below so many clusters.
    """
    if not isinstance(text, str):
        raise ValueError("its labels are no text")
    whole = zlib.decompressobj()
    try:
        found = whole.decompress(base64.b64decode(text, validate=True), 4 * n + 1)
    except zlib.error as error:
        raise ValueError(f"its labels are none: {error}") from None
    if not whole.eof or len(found) != 4 * n:
        raise ValueError(f"its labels are not those of {n} vertices")
    labels = np.frombuffer(found, dtype="<i4").astype(np.int64)
    if n and not least <= labels.min() <= labels.max() < clusters:
        raise ValueError(f"its labels are not from {least} to {clusters - 1}")
    return labels


@dataclass(frozen=True)
class ClusterFiles:
    """The files of one value's clusters and metrics in a folder.

    Args:
        folder: where.
        values: of the settings that are swept, by name.
    """

    folder: Path
    values: Mapping[str, Any]

    @property
    def stem(self) -> str:
        """Name of both, without an ending: `k-7`, `k-7-lr-0.001`."""
        named = {"num_clusters": "k"}
        return "-".join(f"{named.get(name, name)}-{value}" for name, value in self.values.items())

    @property
    def clusters(self) -> Path:
        return self.folder / f"{self.stem}.clusters.csv"

    @property
    def metrics(self) -> Path:
        return self.folder / f"{self.stem}.metrics.csv"

    def write(self, result: ClusterResult) -> None:
        """Write both, the clusters last: those of another run would be taken for them, where this
        one ends between the two.
        """
        if is_file(self.clusters):
            self.clusters.unlink()
        result.write(self.clusters, self.metrics)

    def are_of(self, row: Mapping[str, Any]) -> bool:
        """Tell whether both are there, and of the run that a row is of."""
        if not (is_file(self.clusters) and is_file(self.metrics)):
            return False
        try:
            with self.metrics.open(encoding="utf-8", newline="") as lines:
                found = next(csv.DictReader(lines), {})
        except (OSError, ValueError, csv.Error):
            return False
        return all(found.get(name) == row.get(name) for name in IDENTITY)
