"""The clusters of a result on its card: in a sentence, in a table, in figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.explanation.between import Between
from tvgnn_cli.plots.cluster_graph import cluster_graph_figure
from tvgnn_cli.plots.confidence import confidence_figure
from tvgnn_cli.plots.curves import loss_figure
from tvgnn_cli.plots.cut import WRITTEN, cut_figure
from tvgnn_cli.plots.palette import cluster_hues
from tvgnn_cli.plots.sizes import sizes_figure
from tvgnn_cli.report.card import LETTERS, ROWS, Drawn
from tvgnn_cli.report.cells import cell, number, share
from tvgnn_cli.report.parts import Table
from tvgnn_cli.report.pictures import LOSS, TITLES

if TYPE_CHECKING:
    from tvgnn_cli.run.result import ClusterResult

LOOKED_AT = 200_000
"""Vertices whose confidence is drawn, evenly spread over the input's order: quantiles of more look
the same.
"""


@dataclass(frozen=True, eq=False)
class ClustersOnCard:
    """A result's clusters by their places, from 0."""

    result: ClusterResult

    @cached_property
    def labels(self) -> np.ndarray:
        """Place of each vertex's cluster, `[n]`; -1 for none."""
        labels, numbers = self.result.labels, self.result.columns_of
        if numbers is None:
            return labels
        return np.where(labels < 0, -1, np.searchsorted(numbers, labels))

    @cached_property
    def k(self) -> int:
        """Clusters, empty ones among them."""
        if self.result.columns_of is not None:
            return len(self.result.columns_of)
        if self.result.assignment is not None:
            return int(self.result.assignment.shape[1])
        asked = self.result.metrics.get("num_clusters") or 0
        return max(int(self.labels.max(initial=-1)) + 1, int(asked))

    @cached_property
    def sizes(self) -> np.ndarray:
        return np.bincount(self.labels[self.labels >= 0], minlength=self.k)

    @cached_property
    def names(self) -> list[str]:
        if self.result.titles:
            return list(self.result.titles)
        numbers = self.result.columns_of
        return [str(i) for i in (range(self.k) if numbers is None else numbers.tolist())]

    @property
    def knows_edges(self) -> bool:
        return self.result.between is not None

    def in_short(self) -> str:
        """Vertices, edges and clusters, in a sentence or three."""
        n, used = len(self.labels), int((self.sizes > 0).sum())
        vertices = f"{n:,} {'vertex' if n == 1 else 'vertices'}"
        if not used:
            return f"{vertices}, none of them in a cluster."
        least, most = int(self.sizes[self.sizes > 0].min()), int(self.sizes.max())
        each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        noun = "cluster" if used == 1 else "clusters"
        told = f"{vertices} in {used:,} {noun} of {each}."
        if used < self.k:
            empty = self.k - used
            told += f" {empty:,} of {self.k:,} clusters {'is' if empty == 1 else 'are'} empty."
        out = int((self.labels < 0).sum())
        if out:
            told += f" {out:,} {'vertex is' if out == 1 else 'vertices are'} in no cluster."
        return told

    def table(self) -> Table:
        """The largest clusters: sizes, conductance, how sure, and where most edges lead."""
        shown = np.sort(np.argsort(-self.sizes, kind="stable")[:ROWS])
        total = max(int(self.sizes.sum()), 1)
        columns = {
            "cluster": [cell("", self.names[i], most=LETTERS) for i in shown.tolist()],
            "vertices": [f"{size:,}" for size in self.sizes[shown].tolist()],
            "share": [share(size / total) for size in self.sizes[shown].tolist()],
        }
        for name, values in (
            ("confidence", self.result.confidence), ("stability", self.result.stability),
        ):  # fmt: skip
            if values is not None:
                columns[name] = [number(mean) for mean in self._means(values)[shown].tolist()]
        if self.result.between is not None:
            columns |= self._edges(self.result.between, shown)
        rows = list(zip(*columns.values(), strict=True))
        left = f"The largest {len(shown):,} of {self.k:,} clusters." if self.k > len(shown) else ""
        numbers = [name not in ("cluster", NEAREST) for name in columns]
        hues = cluster_hues(self.k)
        return Table(list(columns), rows, numbers, left, [hues[i] for i in shown.tolist()])

    def _edges(self, between: Between, shown: np.ndarray) -> dict[str, list[str]]:
        """Columns on edges, for clusters that are among the largest."""
        place = self._places_in(between)
        rows = np.array([place[i] for i in shown.tolist()], dtype=np.int64)
        over = between.over_chance - np.diag(np.diag(between.over_chance))
        best = over.argmax(axis=1)
        where = {row: i for i, row in place.items()}
        nearest = [
            f"{cell('', self.names[where[int(best[row])]], most=LETTERS)} "
            f"({number(float(over[row, best[row]]))} times chance)"
            if over[row, best[row]] > 0 else ""
            for row in rows.tolist()
        ]  # fmt: skip
        found = {"conductance": [number(each) for each in between.conductance[rows].tolist()]}
        return found | ({NEAREST: nearest} if self.k > 1 else {})

    def _places_in(self, between: Between) -> dict[int, int]:
        """The row of each cluster that has one, by the cluster's place."""
        numbers = self.result.columns_of
        places = between.numbers if numbers is None else np.searchsorted(numbers, between.numbers)
        return {place: row for row, place in enumerate(places.tolist())}

    def _means(self, values: np.ndarray) -> np.ndarray:
        """Mean over the vertices of each cluster, `[k]`; NaN for an empty one."""
        there = self.labels >= 0
        sums = np.bincount(self.labels[there], values[there], self.k)
        found: np.ndarray = np.divide(
            sums, self.sizes, out=np.full(self.k, np.nan), where=self.sizes > 0
        )
        return found

    def pictures(self) -> Iterator[Drawn]:
        """The figures of a report's first screen that there is something to see in."""
        yield Drawn("sizes", *TITLES["sizes"], lambda: sizes_figure(self.names, self.sizes))
        yield from self._of_edges()
        yield from self._of_confidence()
        history = self.result.history
        if len(history) > 1:
            runs = {"the restart that is kept": history}
            yield Drawn("loss", *LOSS, lambda: loss_figure(runs))

    def _of_edges(self) -> Iterator[Drawn]:
        between = self.result.between
        if between is None or self.k < 2 or not (np.triu(between.weight, 1) > 0).any():
            return
        place, over = self._places_in(between), between.over_chance
        names, sizes = [self.names[i] for i in place], self.sizes[list(place)]
        left = self.k - len(place)
        yield Drawn(
            "graph", *TITLES["graph"],
            lambda: cluster_graph_figure(names, sizes, between.weight, over, "", left),
        )  # fmt: skip
        yield Drawn("cut", *TITLES["cut"], lambda: cut_figure(names, over, "", left, WRITTEN))

    def _of_confidence(self) -> Iterator[Drawn]:
        """The spread of the confidence or else of the margin, of a part of very many vertices."""
        step = -(-len(self.labels) // LOOKED_AT)
        labels = self.labels[::step]
        there = labels >= 0
        if not there.any():
            return
        if self.result.confidence is not None:
            values, what, told = self.result.confidence[::step], "confidence", TITLES["confidence"]
        elif self.result.assignment is not None:
            values, what, told = _margin(self.result.assignment[::step]), "margin", MARGIN
        else:
            return
        title, caption = told
        if step > 1:
            caption = f"{caption} Of {len(labels):,} of the vertices, evenly spread."
        yield Drawn(
            "confidence", title, caption,
            lambda: confidence_figure(self.names, labels[there], values[there], what),
        )  # fmt: skip


MARGIN = ("Margin", "The largest share of each vertex less the next one.")

NEAREST = "most edges against chance to"


def _margin(assignment: np.ndarray) -> np.ndarray:
    """The largest share of each vertex less the next, `[n]`; the largest of a single cluster."""
    if assignment.shape[1] == 1:
        return assignment[:, 0]
    two = np.partition(assignment, -2, axis=1)[:, -2:]
    found: np.ndarray = two[:, 1] - two[:, 0]
    return found
