"""`tvgnn plot`: figures of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes
from tvgnn_cli.cli.help import Command, Group
from tvgnn_cli.cli.reading import READING, GraphArgument

plot = typer.Typer(
    name="plot",
    cls=Group,
    no_args_is_help=True,
    help="Figures of a run: its loss, the blocks of its assignment, its vertices in the plane.",
)

OutOption = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        rich_help_panel=o.OUTPUT,
        help="The figure: .png, .svg or .pdf.",
    ),
]
ModelArgument = Annotated[
    Path,
    typer.Argument(metavar="MODEL", show_default=False, help="A file that --save has written."),
]


@plot.callback()
def about() -> None:
    """Figures of a run: its loss, the blocks of its assignment, its vertices in the plane."""


@plot.command(cls=Command)
def loss(model: ModelArgument, output: OutOption = Path("loss.png")) -> None:
    """The training loss at each epoch.

    Examples:
      tvgnn cluster planted --save model.tvgnn
      tvgnn plot loss model.tvgnn -o loss.png
    """
    _check(output, model)
    from tvgnn_cli.errors import InputError
    from tvgnn_cli.models.model_file import load_model
    from tvgnn_cli.plots import loss_figure, save_figure

    fitted = load_model(model)
    if not fitted.history:
        raise InputError(f"{model}: keeps no losses; save the model anew")
    name = str(fitted.provenance.get("input", model.stem))
    save_figure(loss_figure({name: fitted.history}), output)


@plot.command(cls=Command)
def blocks(
    clusters: Annotated[
        Path,
        typer.Argument(
            metavar="CLUSTERS",
            show_default=False,
            help="Clusters that tvgnn cluster has written: .csv, .tsv or .parquet.",
        ),
    ],
    output: OutOption = Path("blocks.png"),
) -> None:
    """The logarithm of S S^T, vertices sorted by cluster: sharp assignments are blocks.

    Examples:
      tvgnn cluster planted
      tvgnn plot blocks planted.clusters.csv -o blocks.png
    """
    _check(output, clusters)
    from tvgnn_cli.io.assignment_file import read_assignment
    from tvgnn_cli.plots import blocks_figure, save_figure

    assignment = read_assignment(clusters)
    panels = {clusters.name: (assignment, assignment.argmax(axis=1))}
    save_figure(blocks_figure(panels), output)


@plot.command(cls=Command)
@takes(reading=READING)
def embedding(
    model: ModelArgument,
    graph: GraphArgument,
    *,
    output: OutOption = Path("embedding.png"),
    reading: Given,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", min=0, max=2**32 - 1, rich_help_panel=o.RUN, help="Seed of UMAP."
        ),
    ] = 0,
    threads: o.ThreadsOption = None,
) -> None:
    """The vertex representations X^(L) in the plane, by UMAP, coloured by cluster and, where it is
    known, by class.

    Examples:
      tvgnn cluster planted --save model.tvgnn
      tvgnn plot embedding model.tvgnn planted -o points.png
    """
    _check(output, model, graph, reading["features"], reading["labels"])
    from tvgnn_cli.cli.processes import load_torch

    load_torch()
    from tvgnn_cli.api import embed, known_features, predict
    from tvgnn_cli.io.read import read_graph
    from tvgnn_cli.models.model_file import load_model
    from tvgnn_cli.plots import require_umap, run_embedding_figure, save_figure

    require_umap()
    fitted = load_model(model)
    read = read_graph(graph, **known_features(fitted, reading))
    labelled = predict(fitted, read, threads=threads)
    points = embed(fitted, read, threads=threads)
    save_figure(run_embedding_figure(read, points, labelled.labels, seed), output)


def _check(output: Path, *inputs: str | Path | None) -> None:
    """Refuse a figure that could not be written in the end."""
    from tvgnn_cli.cli.outputs import names_of
    from tvgnn_cli.io.writers import check_target
    from tvgnn_cli.plots import SUFFIXES, require_matplotlib

    require_matplotlib()
    check_target("-o", str(output), SUFFIXES, names_of(*inputs))
