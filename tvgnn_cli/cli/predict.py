"""`tvgnn predict`: label a graph with a saved model."""

from __future__ import annotations

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes
from tvgnn_cli.cli.reading import READING, GraphArgument


@takes(reading=READING)
def predict(
    model: o.ModelArgument,
    graph: GraphArgument,
    *,
    reading: Given,
    output: o.PredictedOption = None,
    metrics: o.PredictedMetricsOption = None,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Label the vertices of another graph that has the same features, without training.

    Clusters keep the numbers that they have in the model.

    Examples:
      tvgnn cluster planted --save model.tvgnn
      tvgnn predict model.tvgnn planted -o labels.csv
    """
    from tvgnn_cli.cli.processes import load_torch

    load_torch()
    from tvgnn_cli import api
    from tvgnn_cli.cli.outputs import choose_targets
    from tvgnn_cli.cli.summary import report
    from tvgnn_cli.models.model_file import load_model

    inputs = (model, reading["features"], reading["labels"])
    targets = choose_targets(graph, output, metrics, inputs=inputs, kind="predicted")
    fitted = load_model(model)
    result = api.predict(
        fitted,
        graph,
        threads=threads,
        device=device,
        keep_attributes=targets.holds_graph,
        **reading,
    )
    written = targets.write(result)
    if not quiet:
        report(result, written)
