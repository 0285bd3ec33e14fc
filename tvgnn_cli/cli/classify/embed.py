"""`tvgnn classify embed`: a vector for each graph."""

from __future__ import annotations

from typing import Annotated

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.classify.reading import GRAPHS, DataArgument, ModelArgument, given
from tvgnn_cli.cli.groups import Given, takes, without


@takes(reading=without(GRAPHS, "labels"))
def embed(
    model: ModelArgument,
    data: DataArgument,
    *,
    reading: Given,
    output: Annotated[
        str | None,
        o.to_file(
            "One row per graph: .parquet, .csv or .tsv by graph, .npy in their order; - for CSV on "
            "standard output.",
            default="stem of DATA + .embedding.parquet",
        ),
    ] = None,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Write a vector for each graph: what the model's answer is a linear map of.

    Examples:
      tvgnn classify train shapes --save model.tvgnn
      tvgnn classify embed model.tvgnn shapes -o points.parquet
    """
    from tvgnn_cli.cli.classify.outputs import check_outputs, stem_of
    from tvgnn_cli.cli.processes import load_torch
    from tvgnn_cli.io.embedding_file import EMBEDDING_SUFFIXES, write_embedding
    from tvgnn_cli.io.source import STDIN

    target = output or f"{stem_of(data)}.embedding.parquet"
    check_outputs(data, None, (model,), {"output": EMBEDDING_SUFFIXES}, output=target)
    load_torch()
    from tvgnn_cli.classification.application import embedding_of
    from tvgnn_cli.cli.summary import show_summary
    from tvgnn_cli.io.graph_sets.read import read_graph_set
    from tvgnn_cli.models.classifier_file import load_classifier

    fitted = load_classifier(model)
    graphs = read_graph_set(data, **given(reading))
    x, notes = embedding_of(fitted, graphs, threads, device)
    told = {"input_fingerprint": graphs.fingerprint(), "model_fingerprint": fitted.fingerprint()}
    write_embedding(graphs.ids, x, target, told, of="graph")
    if not quiet:
        rows = [("graphs", f"{graphs.num_graphs:,}"), ("columns", f"{x.shape[1]:,}")]
        rows += [] if target == STDIN else [("written", target)]
        show_summary(f"Embedding of {graphs.name}", rows, (*graphs.all_notes, *notes))
