"""`tvgnn classify predict`: tell the classes of graphs with a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.classify.reading import (
    GRAPHS,
    DataArgument,
    ModelArgument,
    given,
)
from tvgnn_cli.cli.groups import Given, takes

RowsOption = Annotated[str | None, o.rows_of("graph", "stem of DATA + .predicted.csv")]


@takes(reading=GRAPHS)
def predict(
    model: ModelArgument,
    data: DataArgument,
    *,
    reading: Given,
    output: RowsOption = None,
    metrics: o.SpareMetricsOption = None,
    pools: Annotated[
        Path | None,
        o.to_file(
            "The cluster of each vertex at each pooling, and its soft assignment: .csv, .tsv or "
            ".parquet.",
            "--pools",
        ),
    ] = None,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Tell the class of each graph, how sure the model is, and all probabilities.

    Classes that are known are not needed; where they are, they score the result.

    Examples:
      tvgnn classify train shapes --save model.tvgnn
      tvgnn classify predict model.tvgnn shapes -o classes.csv
    """
    from tvgnn_cli.cli.classify.outputs import check_outputs, stem_of

    target = output or f"{stem_of(data)}.predicted.csv"
    written = check_outputs(
        data, reading["labels"], (model,), output=target, metrics=metrics, pools=pools
    )
    from tvgnn_cli.cli.processes import load_torch

    load_torch()
    from tvgnn_cli.classification.application import predict_graphs
    from tvgnn_cli.cli.classify.summary import show_prediction
    from tvgnn_cli.io.graph_sets.read import read_graph_set
    from tvgnn_cli.models.classifier_file import load_classifier

    fitted = load_classifier(model)
    graphs = read_graph_set(data, **given(reading))
    result = predict_graphs(fitted, graphs, threads=threads, device=device)
    if pools is not None:
        from tvgnn_cli.classification.pools import write_pools

        write_pools(fitted, graphs, str(pools), threads=threads, device=device)
    result.write(target, metrics)
    if not quiet:
        show_prediction(result, written)
