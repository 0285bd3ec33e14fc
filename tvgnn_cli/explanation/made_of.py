"""Record of what tables of clusters of any tool are made of, which goes into their files."""

from __future__ import annotations

from tvgnn_cli.config.setting import as_arguments
from tvgnn_cli.explanation.given import Clusters
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.machine.versions import tool_version


def made_of(graph: Graph, clusters: Clusters) -> dict[str, str]:
    """The graph by its name and fingerprint, and how it was read; where the clusters come from; and
    the version of this tool.
    """
    options = as_arguments(dict(graph.read_with))
    return {
        "graph": graph.name,
        "clusters_of": clusters.label,
        **({"options": options} if options else {}),
        "input_fingerprint": graph.fingerprint(),
        "version_tvgnn": tool_version(),
    }
