"""Figures of clusters of any tool, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.explanation.merging import MOST_LEVELS, Tree
from tvgnn_cli.explanation.subject import Subject
from tvgnn_cli.plots import cluster_graph, cut
from tvgnn_cli.plots import levels as dendrogram
from tvgnn_cli.plots.cluster_graph import cluster_graph_figure
from tvgnn_cli.plots.confidence import confidence_figure
from tvgnn_cli.plots.cut import cut_figure
from tvgnn_cli.plots.levels import levels_figure
from tvgnn_cli.plots.palette import short
from tvgnn_cli.plots.sizes import sizes_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def sizes(subject: Subject, title: str = "") -> Figure:
    """The vertices of each cluster."""
    return sizes_figure(subject.clusters.names, subject.structure.sizes, title)


def cuts(subject: Subject, title: str = "") -> Figure:
    """The edges between each two clusters, and inside each, over chance."""
    shown = subject.largest(cut.MOST)
    return cut_figure(
        _names(subject, shown), over_chance(subject, shown), title, subject.k - len(shown)
    )


def confidence(subject: Subject, title: str = "") -> Figure:
    """Confidence of the vertices of each cluster, or else their margin."""
    found = subject.clusters
    if "confidence" in found.measures:
        values, what = found.measures["confidence"], "confidence"
    else:
        of = "edges" if found.assignment is None else "the soft assignment"
        values, what = subject.placed.margin, f"margin by {of}"
    return confidence_figure(found.names, found.labels, values, what, title)


def graph(subject: Subject, title: str = "") -> Figure:
    """The graph whose vertices are clusters."""
    shown = subject.largest(cluster_graph.MOST)
    weight = subject.structure.between[shown][:, shown].toarray()
    return cluster_graph_figure(
        _names(subject, shown), subject.structure.sizes[shown], weight,
        over_chance(subject, shown), title, subject.k - len(shown),
    )  # fmt: skip


def levels(subject: Subject, title: str = "") -> Figure:
    """The tree of merges of the clusters, with the levels that it is cut at.

    Raises:
        InputError: too many clusters.
    """
    tree = subject.tree
    numbers = tree.numbers(MOST_LEVELS)
    return tree_figure(tree, subject.clusters.names, subject.structure.sizes, numbers, title)


def tree_figure(
    tree: Tree, names: Sequence[str], sizes: np.ndarray, numbers: Sequence[int], title: str = ""
) -> Figure:
    """A tree of clusters; of very many its upper part, whose leaves are groups of them.

    Args:
        tree: the tree.
        names: of the clusters, `[k]`.
        sizes: vertices of each, `[k]`.
        numbers: of clusters at which it is cut; those above the leaves that are drawn are not.
        title: above it.
    """
    count = min(tree.k, dendrogram.MOST)
    groups, shown = tree.groups(count), tree.top(count)
    return levels_figure(
        shown.children, shown.heights, group_names(groups, names, sizes),
        np.bincount(groups, sizes, count).astype(np.int64),
        [number for number in numbers if number < count], title, tree.k,
    )  # fmt: skip


def group_names(groups: np.ndarray, names: Sequence[str], sizes: np.ndarray) -> list[str]:
    """A name for each group of clusters: that of its largest, and how many there are beside it.

    Args:
        groups: of each cluster, `[k]`, from 0.
        names: of the clusters.
        sizes: vertices of each, `[k]`.
    """
    order = np.lexsort((-sizes, groups))
    first = order[np.unique(groups[order], return_index=True)[1]]
    beside = np.bincount(groups) - 1
    return [
        f"{short(names[i], GROUP)} + {more:,} more" if more else names[i]
        for i, more in zip(first.tolist(), beside.tolist(), strict=True)
    ]


GROUP = 10
"""Letters of a cluster's name that a group of clusters is called by."""

FIGURES: dict[str, Callable[[Subject, str], Figure]] = {
    "sizes": sizes,
    "confidence": confidence,
    "cut": cuts,
    "graph": graph,
    "levels": levels,
}
"""By the name that the command line has for them."""

TITLES = {
    "sizes": "sizes of the clusters",
    "confidence": "confidence by cluster",
    "cut": "edges against chance",
    "graph": "the graph of the clusters",
    "levels": "merges and levels of the clusters",
}
"""A title of each, in a few words."""


def title_of(kind: str, subject: Subject) -> str:
    """The graph's name, and what a figure of one kind shows of its clusters."""
    title = TITLES[kind]
    if kind == "confidence" and kind not in subject.clusters.measures:
        title = title.replace(kind, "margin")
    return f"{subject.graph.name}: {title}"


def over_chance(subject: Subject, shown: np.ndarray) -> np.ndarray:
    """The weight of the edges between some clusters, `[m, m]`, twice that inside on the diagonal,
    over what chance would put there with the degrees as they are, `vol_a vol_b / vol`; 0 where
    there are none.
    """
    structure = subject.structure
    weight = structure.between[shown][:, shown].toarray()
    weight[np.diag_indices(len(shown))] = 2 * structure.inside[shown]
    share = structure.volume[shown] / max(float(structure.volume.sum()), 1e-300)
    expected = np.outer(share, structure.volume[shown])
    found: np.ndarray = np.divide(weight, expected, out=np.zeros_like(weight), where=expected > 0)
    return found


def _names(subject: Subject, shown: np.ndarray) -> list[str]:
    return [subject.clusters.names[i] for i in shown.tolist()]
