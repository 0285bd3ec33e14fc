"""Settings that the graph decides."""

from __future__ import annotations

from dataclasses import replace

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.config.numbers import numbers_of
from tvgnn_cli.errors import UsageError, counted
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import METHODS, PARTITION

MANY = 32
"""Neighbours of a vertex, on average, above which GTVConv goes by degree: with 66 its plain step
leads past them (docs/defaults.md).
"""


def settle(graph: Graph, config: ClusterConfig) -> ClusterConfig:
    """Settle what the graph decides where it is not given: the number of clusters, of a method that
    is told it, and whether propagation goes by degree.

    Args:
        graph: what is clustered.
        config: as given.

    Raises:
        UsageError: no number of clusters, one for a method that finds its own, or more than there
            are vertices.
    """
    return with_propagation(graph, _settle_clusters(graph, config))


def with_propagation(graph: Graph, config: ClusterConfig) -> ClusterConfig:
    """Settings that say whether propagation goes by degree, where the method has to know."""
    if config.degree_weighted is not None or METHODS[config.method].layer != "gtv":
        return config
    many = 2 * graph.num_edges > MANY * graph.num_vertices
    return replace(config, degree_weighted=many)


def clusters_of(graph: Graph, config: ClusterConfig) -> int | None:
    """The number of clusters as given, else that of the true classes where there are two or more;
    None for neither, or where it is to be chosen.
    """
    if config.choose_from is not None:
        return None
    if config.num_clusters is not None:
        return config.num_clusters
    return graph.num_classes if graph.num_classes > 1 else None


MOST_CHOSEN = 20
"""Clusters that memory is estimated for where any number may be chosen."""


def expected_clusters(graph: Graph, config: ClusterConfig) -> int:
    """The number of clusters that memory is estimated for: the one of `clusters_of`, else the most
    that may be chosen, else the fewest.
    """
    known = clusters_of(graph, config)
    if known is not None:
        return known
    if config.choose_from is None:
        return 2
    asked = numbers_of(config.choose_from)
    return min(MOST_CHOSEN if asked is None else asked[-1], max(graph.num_vertices, 2))


def _settle_clusters(graph: Graph, config: ClusterConfig) -> ClusterConfig:
    """The number of clusters, given or that of the true classes, checked against the graph."""
    if METHODS[config.method].family == PARTITION:
        if config.num_clusters is not None:
            raise UsageError(
                f"`num_clusters`: `method` {config.method} finds its own number; leave it out"
            )
        return config
    k = clusters_of(graph, config)
    if k is None:
        has = "a single true class, and none" if graph.num_classes else "no true labels"
        raise UsageError(
            f"`num_clusters` is needed: {graph.name} has {has} to take it from; "
            "`num_clusters` auto chooses one, `method` louvain and `method` leiden find their own"
        )
    refuse_more_than_vertices(k, graph)
    return replace(config, num_clusters=k)


def refuse_more_than_vertices(k: int, graph: Graph) -> None:
    """Refuse a number of clusters above that of the vertices.

    Raises:
        UsageError: it is.
    """
    if k > graph.num_vertices:
        raise UsageError(
            f"`num_clusters` is {k}, but {graph.name} has only "
            f"{counted(graph.num_vertices, 'vertex')}"
        )
