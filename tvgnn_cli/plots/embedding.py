"""Vertex representations in two dimensions (Figures 5, 7, 12 to 14 and 17 to 19)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.evaluation.metrics import matching_classes
from tvgnn_cli.machine.libraries import require
from tvgnn_cli.plots.panels import cluster_colours, headed, panel_grid, without_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tvgnn_cli.graph.graph import Graph

MOST = 4000
"""Vertices of a panel; larger graphs are sampled."""

IN_COLUMN, COLUMN = 14, 0.5
"""Groups in a column of a legend as high as a panel, and the inches that a column takes."""

MOST_IN_LEGEND = 42
"""Groups that a legend names; of more no colour can be told from the next."""

LEAST = 5
"""Vertices that UMAP can work on."""

NEEDED = "this figure needs umap-learn: pip install 'tvgnn[reproduce]'"


def project(points: np.ndarray, seed: int = 0) -> np.ndarray:
    """UMAP of `[n, h]` in two dimensions, `[n, 2]`; the same for the same seed.

    Source: McInnes, Healy & Melville, "UMAP", 2018.

    Raises:
        UsageError: umap-learn is not installed.
        InputError: too few points.
    """
    if len(points) < LEAST:
        raise InputError(
            f"{len(points)} vertices are too few for a figure of points; {LEAST} will do"
        )
    umap = require("umap", NEEDED)
    neighbours = min(15, len(points) - 1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "n_jobs value")
        warnings.filterwarnings("ignore", "Graph is not fully connected")
        found = umap.UMAP(random_state=seed, n_neighbors=neighbours, n_jobs=1).fit_transform(points)
    return np.asarray(found)


def require_umap() -> None:
    """Refuse before any work.

    Raises:
        UsageError: umap-learn is not installed.
    """
    require("umap", NEEDED)


def run_embedding_figure(graph: Graph, points: np.ndarray, labels: np.ndarray, seed: int) -> Figure:
    """One run's vertices in the plane, by cluster and, where all are known, by class.

    Args:
        graph: with its edges and classes.
        points: X^(L), `[n, h]`.
        labels: clusters `[n]`.
        seed: of UMAP.
    """
    shown, edges = sample_of(graph.num_vertices, graph.edge_index)
    flat = project(points[shown], seed)
    rows = [("cluster", {"": (flat, edges, labels[shown])})]
    hues = {}
    if graph.y is not None and bool((graph.y >= 0).all()):
        rows.append(("class", {"": (flat, edges, graph.y[shown])}))
        hues = {"cluster": matching_classes(labels, graph.y, int(labels.max()) + 1)}
    n = graph.num_vertices
    title = graph.name if len(shown) == n else f"{graph.name}, {len(shown):,} of {n:,} vertices"
    return embedding_figure(rows, title, hues)


def embedding_figure(
    rows: Sequence[tuple[str, Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]]],
    title: str = "",
    hues: Mapping[str, np.ndarray] | None = None,
) -> Figure:
    """Points with the edges between them, a row of panels for each kind of colour.

    Args:
        rows: what colours stand for ("cluster", "class"), and name to points `[n, 2]`, edges
            `[2, e]` between them and the group of each point, `[n]`.
        title: above all panels.
        hues: of a kind, the number of the colour of each of its groups, where it is another than
            the group's own: that of the class that a cluster matches.
    """
    hues = hues or {}
    hue_of = {
        kind: hues.get(kind, np.arange(max(int(g.max()) for _, _, g in panels.values()) + 1))
        for kind, panels in rows
    }
    colours = cluster_colours(max(int(hue.max()) for hue in hue_of.values()) + 1)
    longest = max(map(len, hue_of.values()))
    columns = -(-longest // IN_COLUMN) if longest <= MOST_IN_LEGEND else 0
    panels_in_all = sum(len(panels) for _, panels in rows)
    figure, axes = panel_grid(panels_in_all, len(rows), beside=COLUMN * max(columns - 1, 0))
    remaining = iter(axes)
    for kind, panels in rows:
        row, mine = [next(remaining) for _ in panels], colours[hue_of[kind]]
        for axis, (name, (points, edges, groups)) in zip(row, panels.items(), strict=True):
            _scatter(axis, points, edges, mine[groups])
            axis.set_title(name, fontsize=10)
        row[0].set_ylabel(f"coloured by {kind}", fontsize=9)
        if columns:
            _legend(row[-1], kind, mine, columns)
    headed(figure, title)
    return figure


def _scatter(axis: Axes, points: np.ndarray, edges: np.ndarray, colours: np.ndarray) -> None:
    from matplotlib.collections import LineCollection

    # As pixels: thousands of lines make an .svg of ten megabytes.
    lines = LineCollection(list(points[edges.T]), colors="0.6", linewidths=0.2, alpha=0.3, zorder=1)
    lines.set_rasterized(True)
    axis.add_collection(lines)
    size = 4.0 if len(points) > 500 else 14.0
    axis.scatter(
        points[:, 0], points[:, 1], s=size, c=colours, linewidths=0, zorder=2, rasterized=True
    )
    without_ticks(axis)


def _legend(axis: Axes, kind: str, colours: np.ndarray, columns: int) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], marker="o", linestyle="", markersize=5, color=colour, label=str(number))
        for number, colour in enumerate(colours)
    ]
    axis.legend(
        handles=handles, title=kind, fontsize=7, title_fontsize=8, frameon=False,
        loc="center left", bbox_to_anchor=(1.0, 0.5), ncols=columns,
    )  # fmt: skip


def sample_of(num_vertices: int, edges: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the vertices that are shown, sorted, and the edges between them, `[2, e]`,
    numbered among these.
    """
    if num_vertices <= MOST:
        return np.arange(num_vertices), edges
    random = np.random.default_rng(seed)
    shown = np.sort(random.choice(num_vertices, MOST, replace=False))
    rank = np.full(num_vertices, -1)
    rank[shown] = np.arange(MOST)
    inside = rank[edges]
    return shown, inside[:, (inside >= 0).all(axis=0)]
