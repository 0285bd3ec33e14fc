"""`tvgnn update`: a saved model on a graph that has changed, trained a little further."""

from __future__ import annotations

from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes
from tvgnn_cli.cli.reading import READING, GraphArgument


@takes(reading=READING)
def update(
    model: o.ModelArgument,
    graph: GraphArgument,
    *,
    reading: Given,
    output: o.UpdatedOption = None,
    metrics: o.UpdatedMetricsOption = None,
    save: o.SaveOption = None,
    epochs: Annotated[
        int,
        typer.Option(
            "--epochs", metavar="N", min=0, rich_help_panel=o.TRAINING,
            help="Most epochs of training; 0 is tvgnn predict.",
        ),
    ] = 20,
    ignore_memory: o.IgnoreMemoryOption = False,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:  # fmt: skip
    """Label a graph that has changed with a saved model, and train the model a little further.

    Clusters keep the numbers that they have in the model. Vertices may be new, or gone; features
    are those that the model was trained on. Training is kept where it gains.

    Examples:
      tvgnn cluster planted --view both --save may.tvgnn
      tvgnn update may.tvgnn planted --save june.tvgnn
    """
    from tvgnn_cli.cli.processes import go_alone, load_torch

    go_alone("update")
    load_torch()
    from tvgnn_cli import api
    from tvgnn_cli.cli.outputs import choose_targets
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.summary import report

    inputs = (model, reading["features"], reading["labels"])
    targets = choose_targets(graph, output, metrics, save, inputs, kind="updated")
    with show("none" if quiet else progress) as observer:
        result = api.update(
            model,
            graph,
            epochs=epochs,
            threads=threads,
            device=device,
            observer=observer,
            ignore_memory=ignore_memory,
            keep_attributes=targets.holds_graph,
            **reading,
        )
    written = targets.write(result)
    if not quiet:
        report(result, written)
