"""Training behind a progress display, and what is said when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvgnn_cli.cli.progress import progress as progress_display
from tvgnn_cli.cli.summary import edge_notes, rows_of, show_summary

if TYPE_CHECKING:
    from tvgnn_cli.cli.options import Progress
    from tvgnn_cli.cli.outputs import Targets
    from tvgnn_cli.config import ClusterConfig
    from tvgnn_cli.graph import Graph
    from tvgnn_cli.result import ClusterResult


def train(
    graph: Graph,
    config: ClusterConfig,
    *,
    threads: int | None,
    device: str,
    progress: Progress,
    fail_on_collapse: bool,
) -> ClusterResult:
    """Cluster with a display of the progress.

    Raises:
        TrainingError: a cluster stayed empty, where that is to count as failure.
    """
    from tvgnn_cli.api import cluster
    from tvgnn_cli.errors import TrainingError

    with progress_display(progress) as show:
        result = cluster(graph, config=config, threads=threads, device=device, on_epoch=show)
    used, asked = result.metrics["clusters_used"], result.metrics["num_clusters"]
    if fail_on_collapse and used < asked:
        raise TrainingError(
            f"only {used} of {asked} clusters are in use (--fail-on-collapse); "
            "try a lower -k, a higher --balance-coeff or more --restarts"
        )
    return result


def report(graph: Graph, result: ClusterResult, targets: Targets) -> None:
    """The summary: what was read, what came out, where it was written."""
    metrics = result.metrics
    notes = [*edge_notes(graph), *result.notes]
    if graph.y is not None:
        notes.append(f"{graph.num_classes} true classes, used for NMI, ACC and ARI only")
    if metrics["clusters_used"] < metrics["num_clusters"]:
        notes.append(
            f"warning: only {metrics['clusters_used']} of {metrics['num_clusters']} clusters are "
            "in use; try a lower -k, a higher --balance-coeff or more --restarts"
        )
    features = f", {graph.num_features:,} features" if graph.num_features else ""
    size = f"{graph.num_vertices:,} vertices, {graph.num_edges:,} edges{features}"
    rows = [("graph", size), *rows_of(metrics), ("seed", str(metrics["seed"]))]
    if targets.written:
        rows.append(("written", ", ".join(targets.written)))
    show_summary(f"Clusters of {graph.name}", rows, notes)
