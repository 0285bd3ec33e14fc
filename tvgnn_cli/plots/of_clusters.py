"""Figures of clusters of any tool, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.explanation.subject import Subject
from tvgnn_cli.plots import cluster_graph, cut
from tvgnn_cli.plots.cluster_graph import cluster_graph_figure
from tvgnn_cli.plots.confidence import confidence_figure
from tvgnn_cli.plots.cut import cut_figure
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


FIGURES: dict[str, Callable[[Subject, str], Figure]] = {
    "sizes": sizes,
    "confidence": confidence,
    "cut": cuts,
    "graph": graph,
}
"""By the name that the command line has for them."""

TITLES = {
    "sizes": "sizes of the clusters",
    "confidence": "confidence by cluster",
    "cut": "edges against chance",
    "graph": "the graph of the clusters",
}
"""A title of each, in a few words."""


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
