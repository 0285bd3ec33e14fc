"""From a command's input options to a graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tvgnn_cli.graph import Graph


def load_graph(
    name: str,
    *,
    features: Path | None = None,
    labels: Path | None = None,
    label_attr: str | None = None,
    header: bool | None = None,
    data_root: Path | None = None,
    offline: bool = False,
) -> Graph:
    """Read GRAPH, then the feature and label files that go with it."""
    from tvgnn_cli.io import read_graph
    from tvgnn_cli.io.source import Source
    from tvgnn_cli.io.tables import attach_features, attach_labels

    graph = read_graph(
        name, header=header, label_attr=label_attr, data_root=data_root, offline=offline
    )
    if features is not None:
        graph = attach_features(graph, Source(str(features)))
    if labels is not None:
        graph = attach_labels(graph, Source(str(labels)))
    return graph
