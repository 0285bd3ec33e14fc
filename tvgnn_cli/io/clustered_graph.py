"""A graph as its input has it, together with its clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.vertex_columns import columns_in_the_way, joined, vertex_columns


@dataclass(frozen=True, eq=False)
class ClusteredGraph:
    """A graph as its input has it, and what came of clustering it.

    Args:
        graph: the input, vertices in the order of the result.
        labels: hard clusters, `[n]`.
        assignment: S `[n, k]`; None of a method that has none.
        metrics: what came of the run.
        params: how it was run.
        notes: what its reader might not expect.
        confidence: probability of each vertex's cluster, `[n]`; None for the largest of its row.
        numbers: of the columns of S, `[k]`; None for 0, 1, 2, ...
        titles: what clusters are called beside their numbers, `[k]`; empty for nothing else.
        several: a column of all clusters of each vertex, object array of tuples, by its name; empty
            where there is none.
        stability: share of the restarts that it is the same in, `[n]`; None where clusters are not
            what several agree on.
    """

    graph: PropertyGraph
    labels: np.ndarray
    assignment: np.ndarray | None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    confidence: np.ndarray | None = None
    stability: np.ndarray | None = None
    numbers: np.ndarray | None = None
    titles: tuple[str, ...] = ()
    several: Mapping[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def columns(self) -> dict[str, np.ndarray]:
        """Columns of the result, `[n]` each by name: see `vertex_columns`."""
        given = self.assignment, self.confidence, self.stability, self.numbers, self.titles
        several = {name: joined(values) for name, values in self.several.items()}
        return {**vertex_columns(self.labels, *given), **several}

    @cached_property
    def new_attributes(self) -> dict[str, Column]:
        """The same as attributes of a graph."""
        return {name: _as_column(values) for name, values in self.columns.items()}

    @property
    def replaced(self) -> list[str]:
        """Vertex attributes of the input that give way to the result's."""
        return columns_in_the_way(list(self.graph.vertex_attributes), self.columns)

    def together(self) -> PropertyGraph:
        """The graph with the result's columns as vertex attributes, after its own."""
        gone = set(self.replaced)
        own = {n: c for n, c in self.graph.vertex_attributes.items() if n not in gone}
        return replace(self.graph, vertex_attributes={**own, **self.new_attributes})


def _as_column(values: np.ndarray) -> Column:
    return Column(values, kind="int" if values.dtype.kind in "iu" else "")
