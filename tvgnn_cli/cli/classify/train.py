"""`tvgnn classify train`: train a classifier of graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.classify.reading import GRAPHS, SETTINGS, DataArgument, given
from tvgnn_cli.cli.groups import Given, takes
from tvgnn_cli.cli.settings import with_file


@takes(reading=GRAPHS, settings=SETTINGS, states=o.STATES)
def train(
    data: DataArgument,
    *,
    reading: Given,
    save: Annotated[
        Path | None,
        o.to_file(
            "The model, for tvgnn classify predict.",
            "--save",
            default="stem of DATA + .model.tvgnn",
            metavar="MODEL",
        ),
    ] = None,
    output: Annotated[
        str | None,
        o.to_file(
            "What the model says of each graph: .csv, .tsv or .parquet; - for CSV on standard "
            "output.",
            default="none",
        ),
    ] = None,
    metrics: Annotated[
        str | None, o.to_file(o.ROW, "--metrics", default="stem of MODEL + .metrics.csv")
    ] = None,
    settings: Given,
    states: Given,
    config: o.ConfigOption = None,
    ignore_memory: o.IgnoreMemoryOption = False,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Train a classifier of graphs on those whose class is known.

    A tenth of them decides when training ends. Where a table has a column `split`, graphs of its
    part `test` are not learned from, and tell how well the classifier does.

    Examples:
      tvgnn classify train shapes                # writes shapes.model.tvgnn
      tvgnn classify train graphs/ --save model.tvgnn
    """
    from tvgnn_cli.cli.classify.outputs import check_outputs, stem_of
    from tvgnn_cli.config.classification import make_classify_config

    chosen = make_classify_config(with_file(settings, config))
    stem = stem_of(data)
    model = save or Path(f"{stem}.model.tvgnn")
    row = metrics or f"{model.parent / model.stem.removesuffix('.model')}.metrics.csv"
    written = check_outputs(
        data, reading["labels"], (config,), save=model, metrics=row, output=output
    )
    from tvgnn_cli.cli.processes import go_alone, load_torch

    load_torch()
    go_alone("classify train")
    from tvgnn_cli.classification.flow import classify
    from tvgnn_cli.cli.classify.summary import show_training
    from tvgnn_cli.cli.job import surviving
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.io.writers import write_metrics

    job = surviving(**states)
    with job as (checkpointing, interruption), show("none" if quiet else progress) as observer:
        result = classify(
            data, config=chosen, threads=threads, device=device, observer=observer,
            checkpointing=checkpointing, interruption=interruption,
            ignore_memory=ignore_memory, **given(reading),
        )  # fmt: skip
    result.save(model)
    write_metrics(result.metrics, row)
    if output is not None:
        result.write(output)
    if not quiet:
        show_training(result, written)
