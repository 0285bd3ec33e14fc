"""What a run gives back: frozen, and carrying how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import UsageError
from tvgnn_cli.fitted import FittedModel
from tvgnn_cli.io.model_file import save_model
from tvgnn_cli.io.writers import write_metrics, write_table

if TYPE_CHECKING:
    import pandas as pd

MEASURED = ("seconds", "seconds_per_epoch", "peak_memory_mb")
"""Metrics that differ from one run of the same command to the next; files of clusters and
models leave them out, so that these are the same to the byte."""


def provenance_of(metrics: dict[str, Any]) -> dict[str, Any]:
    """The metrics that are the same whenever the same command runs on the same machine."""
    return {name: value for name, value in metrics.items() if name not in MEASURED}


@dataclass(frozen=True, eq=False)
class ClusterResult:
    """A clustering of a graph's vertices, in input order.

    Args:
        ids: vertex ids, `[n]`.
        labels: hard clusters, int64 `[n]`; 0 is the largest.
        assignment: soft assignment S, float32 `[n, k]`, rows in the simplex; None of a method that
            gives hard clusters only.
        metrics: one row of numbers and provenance, by column name.
        config: the settings.
        model: what `predict` needs; None of a method that trains no network end to end.
        history: training loss at each epoch of the restart that was kept.
        notes: what was done with the input that its reader might not expect.
        name: stem of the input, for default file names.
    """

    ids: np.ndarray
    labels: np.ndarray
    assignment: np.ndarray | None
    metrics: dict[str, Any]
    config: ClusterConfig
    model: FittedModel | None = None
    history: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    name: str = "graph"

    def to_frame(self) -> pd.DataFrame:
        """One row per vertex: `vertex, cluster, confidence, margin, p_0 ... p_{K-1}`.

        `confidence` is the largest probability of a row, `margin` what it has over the second.
        Without a soft assignment, `vertex, cluster` only.
        """
        import pandas as pd

        return pd.DataFrame(self.columns())

    def columns(self) -> dict[str, np.ndarray]:
        """The columns of `to_frame`, by name."""
        if self.assignment is None:
            return {"vertex": self.ids, "cluster": self.labels}
        top = np.partition(self.assignment, -2, axis=1)[:, -2:]
        columns = {
            "vertex": self.ids,
            "cluster": self.labels,
            "confidence": top[:, 1],
            "margin": top[:, 1] - top[:, 0],
        }
        for k in range(self.assignment.shape[1]):
            columns[f"p_{k}"] = self.assignment[:, k]
        return columns

    def write(self, path: str | Path, metrics: str | Path | None = None) -> None:
        """Write the vertices to a `.csv`, `.tsv` or `.parquet` file, and optionally the metrics
        to a `.csv`, `.parquet` or `.json` file; either appears whole or not at all.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written.
        """
        write_table(self.columns(), str(path), provenance_of(self.metrics))
        if metrics is not None:
            write_metrics(self.metrics, str(metrics))

    def save(self, path: str | Path) -> None:
        """Write the model to a file that `load_model` reads.

        Raises:
            UsageError: the method has none; or the target cannot be written.
        """
        if self.model is None:
            raise UsageError(f"--method {self.config.method} has no model to save")
        save_model(self.model, Path(path))
