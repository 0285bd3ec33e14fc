"""A graph with clusters of any tool, measured: what explanations and figures are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.explanation.given import Clusters, clusters_of
from tvgnn_cli.explanation.merging import Tree, check_number, tree_of
from tvgnn_cli.explanation.structure import Structure, structure_of
from tvgnn_cli.explanation.vertices import Placed, place
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.read import read_graph


@dataclass(frozen=True, eq=False)
class Subject:
    """A graph, its clusters, how they lie in it, and how firmly its vertices are in them."""

    graph: Graph
    clusters: Clusters
    structure: Structure
    placed: Placed

    @property
    def k(self) -> int:
        return self.clusters.k

    @cached_property
    def tree(self) -> Tree:
        """The tree of merges of the clusters, made once.

        Raises:
            InputError: too many clusters.
        """
        check_number(self.k, self.clusters.label)
        return tree_of(self.structure)

    def largest(self, most: int) -> np.ndarray:
        """The largest clusters, so many at most, in their own order."""
        order = np.argsort(-self.structure.sizes, kind="stable")[:most]
        return np.asarray(np.sort(order))


def subject_of(
    graph: Any, clusters: Any, *, cluster_attr: str | None = None, **options: Any
) -> Subject:
    """Read a graph and clusters of its vertices, and measure them.

    Args:
        graph: as for `cluster`.
        clusters: as for `explain`.
        cluster_attr: as for `evaluate`.
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        InputError: a file that cannot be read; vertices of one that the other lacks; no vertices.
    """
    read = read_graph(graph, **options)
    if not read.num_vertices:
        raise InputError(f"{read.name}: has no vertices")
    found = clusters_of(clusters, read, cluster_attr)
    structure = structure_of(read, found.labels, found.k)
    return Subject(read, found, structure, place(read, found.labels, found.k, found.assignment))
