"""The paper's figures by number; `FIGURES` is all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch

from tvgnn_cli import functional as F
from tvgnn_cli.evaluation.metrics import matching_classes
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import METHODS
from tvgnn_cli.plots import (
    blocks_figure,
    embedding_figure,
    layout_figure,
    project,
    sharpness_figure,
    variation_figure,
)
from tvgnn_cli.plots.embedding import sample_of
from tvgnn_cli.plots.layout import faded
from tvgnn_cli.reproduction.graphs import grid, noisy_communities, ring
from tvgnn_cli.reproduction.plan import OURS
from tvgnn_cli.reproduction.trained import Runs, Trained

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NETWORKS = ("diffpool", "mincutpool", "dmon", "tvgnn")
ABLATIONS = ("abl1", "abl2")
ABLATION_TITLES = {"abl1": "GTVConv + MinCut loss", "abl2": "GCN + TVGNN loss"}
DATASETS = ("Cora", "CiteSeer", "PubMed", "DBLP")
RING_CLUSTERS, GRID_CLUSTERS = 5, 10
STEPS, CHANNELS = {0.311: 200, 0.005: 40_000}, 32
"""Aggregations of Figure 8 for each step size, and the width that features are mapped to."""


@dataclass(frozen=True)
class PaperFigure:
    """Content of a figure, and what draws it."""

    about: str
    draw: Callable[[Runs], Figure]
    of_points: bool = False  # and needs UMAP
    of_networks: bool = True  # which a protocol is for


def figure_stem(number: str, protocol: str) -> str:
    """The stem of a figure's file, which tells networks by our defaults from the paper's."""
    ours = protocol == OURS and FIGURES[number].of_networks
    return f"figure-{number}-{OURS}" if ours else f"figure-{number}"


def _titles(methods: Sequence[str]) -> dict[str, str]:
    return {name: ABLATION_TITLES.get(name, METHODS[name].title) for name in methods}


def approximation(runs: Runs) -> Figure:  # noqa: ARG001
    """Figure 2: the variation of one edge near 0 and its derivative."""
    eps = 1.0
    d = torch.linspace(-3, 3, 601, dtype=torch.float64, requires_grad=True)
    value = F.smoothed_gap(d, eps)
    (slope,) = torch.autograd.grad(value.sum(), d)
    along = d.detach().numpy()
    plain, kink = np.abs(along), np.where(along == 0, np.nan, np.sign(along))
    value_title, slope_title = "variation of an edge", "its derivative"
    return variation_figure(
        {
            value_title: (along, {"|d|": plain, "smoothed (Eq. 31)": value.detach().numpy()}),
            slope_title: (along, {"of |d|": kink, "of the smoothed": slope.numpy()}),
        },
        "difference d, in units of eps",
        {value_title: "variation", slope_title: "derivative"},
    )


def blocks(runs: Runs, dataset: str, methods: Sequence[str]) -> Figure:
    """Figures 4, 6, 9 to 11, 16: log S S^T of each method."""
    graph = runs.graph(dataset)
    found = {title: runs.of(name, graph) for name, title in _titles(methods).items()}
    panels = {title: (run.assignment, run.labels) for title, run in found.items()}
    return blocks_figure(panels, dataset)


def class_blocks(runs: Runs) -> Figure:
    """Figure 15: the same of the true classes."""
    panels = {}
    for dataset in DATASETS:
        graph = runs.graph(dataset)
        classes = _classes(graph)
        panels[dataset] = (np.eye(graph.num_classes)[classes], classes)
    return blocks_figure(panels, "true classes", by_class=panels)


def _classes(graph: Graph) -> np.ndarray:
    if graph.y is None:
        raise ValueError(f"{graph.name} has no true classes")
    return graph.y


def embeddings(runs: Runs, dataset: str, methods: Sequence[str]) -> Figure:
    """Figures 5, 7, 12 to 14, 17 to 19: UMAP of X^(L) by cluster and by class."""
    graph = runs.graph(dataset)
    shown, edges = sample_of(graph.num_vertices, graph.edge_index)
    by_cluster, by_class = {}, {}
    for name, title in _titles(methods).items():
        run = runs.of(name, graph)
        runs.observer.phase(f"UMAP of {title}")
        points = project(run.points[shown], runs.seed)
        classes = _classes(graph)
        # As in the paper, a cluster has the colour of the class that it is matched with.
        match = matching_classes(run.labels, classes, run.assignment.shape[1])
        by_cluster[title] = points, edges, match[run.labels[shown]]
        by_class[title] = points, edges, classes[shown]
    n = graph.num_vertices
    said = f"{dataset}" if len(shown) == n else f"{dataset}, {len(shown):,} of {n:,} vertices"
    return embedding_figure([("matched cluster", by_cluster), ("class", by_class)], said)


def aggregation(runs: Runs) -> Figure:
    """Figure 8: variation of Cora's features under repeated aggregation."""
    graph = runs.graph("Cora")
    edges = torch.from_numpy(graph.edge_index)
    random = torch.Generator().manual_seed(runs.seed)
    kernel = torch.randn(graph.num_features, CHANNELS, generator=random, dtype=torch.float64)
    start = torch.from_numpy(np.asarray(graph.x @ kernel.numpy()))
    panels = {}
    for delta, steps in STEPS.items():
        curves = {}
        for name, step in (
            ("a matrix for each feature (Eq. 25)", F.per_feature_propagate),
            ("one matrix (Eq. 26)", F.gtv_propagate),
        ):
            x, heights = start, []
            for _ in range(steps + 1):
                heights.append(F.total_variation(x, edges).item())
                x = step(x, edges, delta=delta)
            curves[name] = np.array(heights)
        panels[f"$2\\delta$ = {delta}"] = np.arange(steps + 1), curves
    upwards = dict.fromkeys(panels, "total variation of the features")
    return variation_figure(panels, "aggregation steps", upwards, logarithmic=True)


def denoised(runs: Runs) -> Figure:
    """Figure 20: communities, noisy features, and what each method makes of them."""
    graph, found = _denoised(runs)
    y = _classes(graph)
    places = _in_circles(y, runs.seed)
    noisy = np.asarray(graph.x)
    noisy = (noisy - noisy.min(axis=0)) / np.ptp(noisy, axis=0)
    colours = {"original": (np.eye(3)[y], y), "with noise": (noisy, None)}
    for title, run in found.items():
        assignment = run.assignment[:, np.argsort(matching_classes(run.labels, y, 3))]
        colours[title] = assignment, assignment.argmax(axis=1)
    return layout_figure(colours, places, graph.edge_index, "red, green, blue: three communities")


def denoised_blocks(runs: Runs) -> Figure:
    """Figure 21: S S^T of the same."""
    graph, found = _denoised(runs)
    y = _classes(graph)
    noisy = np.exp(np.asarray(graph.x, dtype=np.float64))
    panels = {
        "original": (np.eye(3)[y], y),
        "noise (softmax)": (noisy / noisy.sum(axis=1, keepdims=True), y),
        **{title: (run.assignment, run.labels) for title, run in found.items()},
    }
    return blocks_figure(panels, "denoising", by_class=("original", "noise (softmax)"))


def _denoised(runs: Runs) -> tuple[Graph, dict[str, Trained]]:
    graph, runs = noisy_communities(runs.seed), runs.on_made_graphs()
    return graph, {title: runs.of(name, graph) for name, title in _titles(NETWORKS).items()}


def _in_circles(groups: np.ndarray, seed: int) -> np.ndarray:
    """Places of vertices: a disc for each group."""
    random = np.random.default_rng(seed)
    angle = 2 * np.pi * groups / (groups.max() + 1) + np.pi / 2
    centres = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    turn, away = random.uniform(0, 2 * np.pi, len(groups)), random.uniform(0, 1, len(groups)) ** 0.5
    return np.asarray(centres + 0.65 * away[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1))


def clouds(runs: Runs, make: Callable[[], Graph], num_clusters: int) -> Figure:
    """Figures 22 and 23: clusters of a ring or a grid, the paler the less sharp."""
    graph = make()
    found = _on_cloud(runs, graph, num_clusters)
    colours = {
        f"{title}: {len(np.unique(run.labels))} of {num_clusters} used": (
            faded(run.assignment),
            run.labels,
        )
        for title, run in found.items()
    }
    return layout_figure(colours, np.asarray(graph.x), graph.edge_index, graph.name)


def _on_cloud(runs: Runs, graph: Graph, num_clusters: int) -> dict[str, Trained]:
    made = runs.on_made_graphs()
    return {title: made.of(name, graph, num_clusters) for name, title in _titles(NETWORKS).items()}


def cloud_sharpness(runs: Runs) -> Figure:
    """Figure 24: the largest probability along the ring, and sorted on the grid."""
    around = _on_cloud(runs, ring(), RING_CLUSTERS)
    across = _on_cloud(runs, grid(), GRID_CLUSTERS)
    return sharpness_figure(
        {
            "ring, along the circle": {t: run.assignment.max(axis=1) for t, run in around.items()},
            "grid, sorted": {t: np.sort(run.assignment.max(axis=1)) for t, run in across.items()},
        },
        "vertices",
    )


def _blocks(about: str, dataset: str, methods: Sequence[str]) -> PaperFigure:
    return PaperFigure(about, partial(blocks, dataset=dataset, methods=methods))


def _points(about: str, dataset: str, methods: Sequence[str]) -> PaperFigure:
    return PaperFigure(about, partial(embeddings, dataset=dataset, methods=methods), True)


FIGURES: dict[str, PaperFigure] = {
    "2": PaperFigure("the smoothed variation and its derivative", approximation, of_networks=False),
    "4": _blocks("log S S^T, Cora", "Cora", NETWORKS),
    "5": _points("UMAP of X^(L), Cora", "Cora", NETWORKS),
    "6": _blocks("log S S^T of the ablations, Cora", "Cora", ABLATIONS),
    "7": _points("UMAP of the ablations, Cora", "Cora", ABLATIONS),
    "8": PaperFigure("variation under aggregation, Cora", aggregation, of_networks=False),
    "9": _blocks("log S S^T, CiteSeer", "CiteSeer", NETWORKS),
    "10": _blocks("log S S^T, PubMed", "PubMed", NETWORKS),
    "11": _blocks("log S S^T, DBLP", "DBLP", NETWORKS),
    "12": _points("UMAP of X^(L), CiteSeer", "CiteSeer", NETWORKS),
    "13": _points("UMAP of X^(L), PubMed", "PubMed", NETWORKS),
    "14": _points("UMAP of X^(L), DBLP", "DBLP", NETWORKS),
    "15": PaperFigure("log S S^T of the true classes", class_blocks, of_networks=False),
    "16a": _blocks("log S S^T of the ablations, CiteSeer", "CiteSeer", ABLATIONS),
    "16b": _blocks("log S S^T of the ablations, PubMed", "PubMed", ABLATIONS),
    "16c": _blocks("log S S^T of the ablations, DBLP", "DBLP", ABLATIONS),
    "17": _points("UMAP of the ablations, CiteSeer", "CiteSeer", ABLATIONS),
    "18": _points("UMAP of the ablations, PubMed", "PubMed", ABLATIONS),
    "19": _points("UMAP of the ablations, DBLP", "DBLP", ABLATIONS),
    "20": PaperFigure("denoising", denoised),
    "21": PaperFigure("log S S^T, denoising", denoised_blocks),
    "22": PaperFigure("clusters of a ring", partial(clouds, make=ring, num_clusters=RING_CLUSTERS)),
    "23": PaperFigure("clusters of a grid", partial(clouds, make=grid, num_clusters=GRID_CLUSTERS)),
    "24": PaperFigure("sharpness on the ring and the grid", cloud_sharpness),
}
"""By number; Figure 16 has a part for each data set."""
