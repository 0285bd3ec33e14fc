"""Result of a run: frozen, and carrying how it came about."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.config import ClusterConfig, without_later
from tvgnn_cli.errors import UsageError, counted, shown
from tvgnn_cli.evaluation.metric_table import VOLATILE
from tvgnn_cli.explanation.between import Between
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import PropertyGraph
from tvgnn_cli.io.clustered_graph import ClusteredGraph
from tvgnn_cli.io.graph_files import GRAPH_WRITERS, is_graph_file, write_graph
from tvgnn_cli.io.networkx_result import to_networkx
from tvgnn_cli.io.places import path_of
from tvgnn_cli.io.vertex_columns import vertex_columns
from tvgnn_cli.io.writers import TABLE_WRITERS, check_target, write_metrics, write_table
from tvgnn_cli.models.fitted import FittedModel
from tvgnn_cli.models.model_file import save_model
from tvgnn_cli.shaping.changes import Changes
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.shaping.overlap import memberships

if TYPE_CHECKING:
    import pandas as pd


def provenance_of(metrics: dict[str, Any]) -> dict[str, Any]:
    """The metrics that are the same whenever the same command runs on the same machine."""
    return {name: value for name, value in metrics.items() if name not in VOLATILE}


@dataclass(frozen=True, eq=False)
class ClusterResult:
    """A clustering of a graph's vertices, in input order.

    Args:
        ids: vertex ids, `[n]`.
        labels: hard clusters by number, int64 `[n]`; 0 is the largest, unless numbers are those of
            other clusters; -1 for a vertex without one.
        assignment: soft assignment S, float32 `[n, k]`, rows in the simplex; None of a method that
            gives hard clusters only.
        metrics: one row of numbers and provenance, by column name.
        config: the settings.
        model: what `predict` needs; None of a method that trains no network end to end.
        history: training loss at each epoch of the restart that was kept.
        notes: what was done with the input that its reader might not expect.
        name: stem of the input, for default file names.
        confidence: probability of each vertex's cluster, `[n]`, by what its own features and its
            neighbours tell (`confidence.py`); None where evidence is not measured.
        stability: share of the restarts in which each vertex is in its cluster, float32 `[n]`, 0 to
            1; None where clusters are not what several agree on.
        names: what people call the vertices, object array `[n]`; None where that is their ids.
        origin: the graph as its input has it, vertices in the same order; None where it was not
            kept.
        columns_of: numbers of the columns of S, rising, `[k]`; None for 0, 1, 2, ...
        titles: what clusters are called beside their numbers, `[k]`; empty for nothing else.
        changes: from the clusters that these were matched with; None of those that were not.
        tried: a row for each number of clusters that was tried; none where K was given.
        between: the edges between the largest clusters; None where they were not measured.
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
    confidence: np.ndarray | None = None
    stability: np.ndarray | None = None
    names: np.ndarray | None = None
    origin: PropertyGraph | None = None
    columns_of: np.ndarray | None = None
    titles: tuple[str, ...] = ()
    changes: Changes | None = None
    tried: tuple[dict[str, Any], ...] = ()
    between: Between | None = None

    @classmethod
    def of(cls, graph: Graph, clusters: Clustering, **facts: Any) -> ClusterResult:
        """Result for a graph's vertices, with their ids and names; `facts` are the other fields."""
        return cls(
            ids=graph.ids,
            labels=clusters.by_number,
            assignment=clusters.assignment,
            columns_of=None if clusters.is_plain else clusters.numbers,
            titles=clusters.titles,
            name=graph.name,
            names=graph.names,
            origin=graph.origin,
            **facts,
        )

    def __repr__(self) -> str:
        """Name the graph, the sizes of its clusters and the modularity, in one line."""
        sizes = self._sizes().tolist()
        of = f" of {', '.join(f'{size:,}' for size in sizes[:10])}" if sizes else ""
        modularity = self.metrics.get("modularity")
        said = "" if modularity is None else f", modularity {modularity:.3f}"
        return (
            f"<ClusterResult {shown(self.name)}: {counted(len(self.labels), 'vertex')}, "
            f"{counted(len(sizes), 'cluster')}{of}{', ...' * (len(sizes) > 10)}{said}>"
        )

    def _repr_html_(self) -> str:
        """Show in a notebook: a card of the run, figures and the largest clusters, in 200 KB at
        most; without matplotlib no figures.
        """
        from tvgnn_cli.run.card import card_html

        return card_html(self)

    def _sizes(self) -> np.ndarray:
        """Vertices of each cluster, by number."""
        known = self.labels[self.labels >= 0]
        if self.columns_of is not None:
            known = np.searchsorted(self.columns_of, known)
        return np.bincount(known)

    def to_frame(self) -> pd.DataFrame:
        """One row per vertex: `vertex`, `name` where vertices have names beside their ids, and what
        `vertex_columns` makes of the clusters.
        """
        import pandas as pd

        return pd.DataFrame(self.columns())

    def columns(self) -> dict[str, np.ndarray]:
        """The columns of `to_frame`, by name."""
        named = {} if self.names is None else {"name": self.names}
        return {
            "vertex": self.ids,
            **named,
            **vertex_columns(
                self.labels,
                self.assignment,
                self.confidence,
                self.stability,
                self.columns_of,
                self.titles,
            ),
            **self._several(),
        }

    def _several(self) -> dict[str, np.ndarray]:
        """The column `clusters`, where clusters may overlap."""
        above = self.config.overlap
        if above is None or self.assignment is None:
            return {}
        k = self.assignment.shape[1]
        numbers = np.arange(k) if self.columns_of is None else self.columns_of
        places = np.where(self.labels < 0, -1, np.searchsorted(numbers, self.labels))
        found = Clustering(places, self.assignment, numbers, np.arange(k))
        return {"clusters": memberships(found, above).column()}

    def to_networkx(self) -> Any:
        """The graph as its input has it, with `cluster`, `confidence`, `margin` and `p_0` ... as
        vertex attributes, and `stability` of a consensus.

        A networkx graph that was given comes back as a copy, its own vertices, keys and attributes
        included. Another becomes a DiGraph if any of its edges has a direction, those without one
        then in both, and a multigraph if it has parallel edges. Values that are missing are absent.

        Raises:
            UsageError: the graph was not kept; the one that was given has other vertices now.
        """
        return to_networkx(self._clustered("to_networkx()"))

    def write(self, path: str | Path, metrics: str | Path | None = None) -> tuple[str, ...]:
        """Write the vertices to a `.csv`, `.tsv` or `.parquet` file, or the whole graph with its
        attributes and theirs to one of `GRAPH_WRITERS`, and optionally the metrics to a `.csv`,
        `.parquet` or `.json` file; either appears whole or not at all.

        Returns:
            What is to be said of it: attributes of the input that were replaced, say.

        Raises:
            UsageError: an unknown suffix, a target that cannot be written, a graph that was not
                kept.
        """
        check_target("", str(path), [*TABLE_WRITERS, *GRAPH_WRITERS], ())
        told: tuple[str, ...] = ()
        if is_graph_file(str(path)):
            told = write_graph(self._clustered(str(path)), str(path))
        else:
            write_table(self.columns(), str(path), provenance_of(self.metrics))
        if metrics is not None:
            write_metrics(self.metrics, str(metrics))
        return told

    def _clustered(self, what: str) -> ClusteredGraph:
        if self.origin is None:
            raise UsageError(f"{what}: needs the graph, which keep_attributes=True keeps")
        known = without_later(self.config, asdict(self.config))
        params = {name: value for name, value in known.items() if value is not None}
        metrics = provenance_of(self.metrics)
        return ClusteredGraph(
            self.origin, self.labels, self.assignment, metrics, params, self.notes,
            self.confidence, self.stability, self.columns_of, self.titles, self._several(),
        )  # fmt: skip

    def save(self, path: str | Path) -> None:
        """Write the model to a file that `load_model` reads.

        Raises:
            UsageError: the method has none; or the target cannot be written.
        """
        if self.model is None:
            raise UsageError(f"`method` {self.config.method} has no model to save")
        save_model(self.model, path_of(path))
