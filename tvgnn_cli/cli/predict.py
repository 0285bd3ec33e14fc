"""`tvgnn predict`: label a graph with a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvgnn_cli.cli import options as o


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", show_default=False, help="What tvgnn cluster --save wrote."
        ),
    ],
    graph: o.GraphArgument,
    features: o.FeaturesOption = None,
    labels: o.LabelsOption = None,
    label_attr: o.LabelAttrOption = None,
    header: o.HeaderOption = None,
    data_root: o.DataRootOption = None,
    offline: o.OfflineOption = False,
    output: o.OutputOption = None,
    metrics: o.MetricsOption = None,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Label the vertices of another graph that has the same features, without training.

    Clusters keep the numbers that they have in the model.

    [bold]Example:[/bold] tvgnn predict model.tvgnn sample_data/planted.graphml -o labels.csv
    """
    from tvgnn_cli.api import predict as label
    from tvgnn_cli.cli.inputs import load_graph
    from tvgnn_cli.cli.outputs import choose_targets, write_result
    from tvgnn_cli.cli.run import report
    from tvgnn_cli.io.model_file import load_model

    targets = choose_targets(graph, output, metrics, inputs=(model, features, labels))
    fitted = load_model(model)
    loaded = load_graph(
        graph,
        features=features,
        labels=labels,
        label_attr=label_attr,
        header=header,
        data_root=data_root,
        offline=offline,
    )
    result = label(fitted, loaded, threads=threads, device=device)
    write_result(result, targets)
    if not quiet:
        report(loaded, result, targets)
