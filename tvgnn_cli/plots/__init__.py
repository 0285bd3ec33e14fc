"""Figures, with matplotlib (`pip install 'tvgnn[plot]'`): arrays in, a `Figure` out."""

from tvgnn_cli.plots.blocks import blocks_figure
from tvgnn_cli.plots.cluster_graph import cluster_graph_figure
from tvgnn_cli.plots.confidence import confidence_figure
from tvgnn_cli.plots.curves import loss_figure, sharpness_figure, variation_figure
from tvgnn_cli.plots.cut import cut_figure
from tvgnn_cli.plots.embedding import (
    embedding_figure,
    project,
    require_umap,
    run_embedding_figure,
)
from tvgnn_cli.plots.files import SUFFIXES, require_matplotlib, save_figure
from tvgnn_cli.plots.layout import layout_figure
from tvgnn_cli.plots.levels import levels_figure
from tvgnn_cli.plots.sizes import sizes_figure
from tvgnn_cli.plots.sweep import sweep_figure

__all__ = [
    "SUFFIXES",
    "blocks_figure",
    "cluster_graph_figure",
    "confidence_figure",
    "cut_figure",
    "embedding_figure",
    "layout_figure",
    "levels_figure",
    "loss_figure",
    "project",
    "require_matplotlib",
    "require_umap",
    "run_embedding_figure",
    "save_figure",
    "sharpness_figure",
    "sizes_figure",
    "sweep_figure",
    "variation_figure",
]
