"""`tvgnn plot`: figures of a run; those of clusters are in `plot_clusters.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes
from tvgnn_cli.cli.help import Command, Group
from tvgnn_cli.cli.plot_clusters import OutOption, add_to, check_figure, write_figure
from tvgnn_cli.cli.reading import READING, GraphArgument

plot = typer.Typer(
    name="plot",
    cls=Group,
    no_args_is_help=True,
    help="Figures of a run (loss, sweep, blocks, vertices in a plane) and of clusters of any tool.",
)

ModelArgument = Annotated[
    Path,
    o.argument("MODEL", "A file that --save has written."),
]


@plot.callback()
def about() -> None:
    """Figures of a run (loss, sweep, blocks, vertices in a plane) and of clusters of any tool."""


@plot.command(cls=Command)
def loss(
    model: ModelArgument, output: OutOption = Path("loss.png"), quiet: o.QuietOption = False
) -> None:
    """The training loss at each epoch.

    Examples:
      tvgnn cluster planted --save model.tvgnn
      tvgnn plot loss model.tvgnn -o loss.png
    """
    check_figure(output, model)
    from tvgnn_cli.errors import InputError
    from tvgnn_cli.models.model_file import load_model
    from tvgnn_cli.plots import loss_figure

    fitted = load_model(model)
    if not fitted.history:
        raise InputError(f"{model}: keeps no losses; save the model anew")
    name = str(fitted.provenance.get("input", model.stem))
    write_figure(loss_figure({name: fitted.history}), output, quiet=quiet)


@plot.command(cls=Command)
def sweep(
    rows: Annotated[
        Path,
        o.argument(
            "ROWS", "A table that tvgnn sweep has written, or --numbers: .csv, .tsv or .parquet."
        ),
    ],
    output: OutOption = Path("sweep.png"),
    quiet: o.QuietOption = False,
) -> None:
    """The values of a sweep, or the numbers of clusters that -k auto tried, against what tells them
    apart; a line at the number that is suggested.

    Examples:
      tvgnn sweep planted -k 2..8 -o sweep.csv
      tvgnn plot sweep sweep.csv -o sweep.svg
    """
    check_figure(output, rows)
    from tvgnn_cli.jobs.sweep_file import read_sweep

    found = read_sweep(rows)
    write_figure(found.figure(found.name), output, quiet=quiet)


@plot.command(cls=Command)
def blocks(
    clusters: Annotated[
        Path,
        o.argument(
            "CLUSTERS", "Clusters that tvgnn cluster has written: .csv, .tsv, .parquet or .h5ad."
        ),
    ],
    output: OutOption = Path("blocks.png"),
    quiet: o.QuietOption = False,
) -> None:
    """The logarithm of S S^T, vertices sorted by cluster: sharp assignments are blocks.

    Examples:
      tvgnn cluster planted
      tvgnn plot blocks planted.clusters.csv -o blocks.png
    """
    check_figure(output, clusters)
    from tvgnn_cli.io.assignment_file import read_assignment
    from tvgnn_cli.plots import blocks_figure

    assignment = read_assignment(clusters)
    panels = {clusters.name: (assignment, assignment.argmax(axis=1))}
    write_figure(blocks_figure(panels), output, quiet=quiet)


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
    quiet: o.QuietOption = False,
) -> None:
    """The vertex representations X^(L) in the plane, by UMAP, coloured by cluster and, where it is
    known, by class.

    Examples:
      tvgnn cluster planted --save model.tvgnn
      tvgnn plot embedding model.tvgnn planted -o points.png
    """
    check_figure(output, model, graph, reading["features"], reading["labels"])
    from tvgnn_cli.cli.processes import load_torch

    load_torch()
    from tvgnn_cli.api import embed, known_features, predict
    from tvgnn_cli.io.read import read_graph
    from tvgnn_cli.models.model_file import load_model
    from tvgnn_cli.plots import require_umap, run_embedding_figure

    require_umap()
    fitted = load_model(model)
    read = read_graph(graph, **known_features(fitted, reading))
    labelled = predict(fitted, read, threads=threads)
    points = embed(fitted, read, threads=threads)
    figure = run_embedding_figure(read, points, labelled.labels, seed)
    write_figure(figure, output, labelled.notes, quiet=quiet)


add_to(plot)
