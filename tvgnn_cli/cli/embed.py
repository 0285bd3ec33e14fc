"""`tvgnn embed`: the vertex representations that a saved model makes of a graph."""

from __future__ import annotations

from typing import Annotated

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes, without
from tvgnn_cli.cli.reading import READING, GraphArgument
from tvgnn_cli.errors import counted


@takes(reading=without(READING, "labels", "label_attr"))
def embed(
    model: o.ModelArgument,
    graph: GraphArgument,
    *,
    reading: Given,
    output: Annotated[
        str | None,
        o.to_file(
            "One row per vertex: .parquet, .csv or .tsv by vertex id, .npy in vertex order; - for "
            "CSV on standard output.",
            default="stem of GRAPH + .embedding.parquet; - where GRAPH is -",
        ),
    ] = None,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Write the vertex representations X^(L), of which the model makes its assignment.

    Columns are vertex, x_0, x_1, ...; tvgnn reads such a file again as --features.

    Examples:
      tvgnn cluster planted --save model.tvgnn
      tvgnn embed model.tvgnn planted -o points.parquet
    """
    from tvgnn_cli.cli.processes import load_torch

    load_torch()
    from tvgnn_cli import api
    from tvgnn_cli.cli.outputs import names_of
    from tvgnn_cli.cli.summary import show_summary
    from tvgnn_cli.io.embedding_file import EMBEDDING_SUFFIXES, write_embedding
    from tvgnn_cli.io.location import Stream, locate
    from tvgnn_cli.io.read import read_graph
    from tvgnn_cli.io.source import STDIN
    from tvgnn_cli.io.writers import check_target
    from tvgnn_cli.models.model_file import load_model
    from tvgnn_cli.run.notes import notes_on_input, notes_on_position
    from tvgnn_cli.run.record import about

    located = locate(graph)
    named = f"{located.stem}.embedding.parquet"
    plain = STDIN if isinstance(located, Stream) else named
    file = output or plain
    inputs = names_of(graph, model, reading["features"])
    check_target("-o", file, EMBEDDING_SUFFIXES, inputs)
    fitted = load_model(model)
    read = read_graph(graph, **api.known_features(fitted, reading))
    x = api.embed(fitted, read, threads=threads, device=device)
    told = {**about(read, fitted.config), "model_fingerprint": fitted.fingerprint()}
    write_embedding(read.ids, x, file, told)
    if not quiet:
        size = f"{counted(read.num_vertices, 'vertex')}, {counted(read.num_edges, 'edge')}"
        rows = [("graph", size), ("columns", f"{x.shape[1]:,}")]
        rows += [] if file == STDIN else [("written", file)]
        recipe = fitted.recipe
        notes = (*notes_on_input(read, recipe), *notes_on_position(read, recipe))
        show_summary(f"Embedding of {read.name}", rows, notes)
