"""`tvgnn classify cv`: cross-validate a classifier of graphs."""

from __future__ import annotations

from typing import Annotated

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.classify.reading import GRAPHS, SETTINGS, DataArgument, given
from tvgnn_cli.cli.groups import Given, takes
from tvgnn_cli.cli.settings import with_file

RowsOption = Annotated[str | None, o.rows_of("fold and run", "stem of DATA + .cv.csv")]


@takes(reading=GRAPHS, settings=SETTINGS, states=o.STATES)
def cv(
    data: DataArgument,
    *,
    folds: Annotated[
        int,
        typer.Option("--folds", metavar="N", rich_help_panel=o.TRAINING, help="Parts of DATA."),
    ] = 5,
    runs: Annotated[
        int,
        typer.Option(
            "--runs", metavar="N", rich_help_panel=o.TRAINING, help="Trainings of each fold."
        ),
    ] = 3,
    reading: Given,
    output: RowsOption = None,
    confusion: Annotated[
        str | None,
        o.to_file(
            "Graphs of each class by the class that they were taken for: .csv, .tsv or .parquet.",
            "--confusion",
        ),
    ] = None,
    metrics: o.SpareMetricsOption = None,
    settings: Given,
    states: Given,
    shard: o.PartOption = None,
    config: o.ConfigOption = None,
    ignore_memory: o.IgnoreMemoryOption = False,
    jobs: o.JobsOption = 1,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Train on all folds but one, score on that one; for each fold, several times.

    Folds have the classes in the same shares, and are the same for every method and setting of the
    same seed. Parts of the work, by --shard, share the folder of --checkpoint; the same command
    without --shard then writes the table.

    Examples:
      tvgnn classify cv shapes --folds 3 --runs 1
    """
    from tvgnn_cli.cli.classify.outputs import check_outputs, stem_of
    from tvgnn_cli.cli.job import part_of, surviving
    from tvgnn_cli.config.classification import make_classify_config

    chosen = make_classify_config(with_file(settings, config))
    target = output or f"{stem_of(data)}.cv.csv"
    written = check_outputs(
        data, reading["labels"], (config,), output=target, confusion=confusion, metrics=metrics
    )
    from tvgnn_cli.cli.processes import load_torch, part_of_process

    load_torch()
    shard = part_of_process(shard)
    from tvgnn_cli.cli.classify.summary import show_cross_validation
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.summary import show_part
    from tvgnn_cli.jobs.cross_validation import cross_validate

    part = part_of(shard, folds * runs, states["checkpoint"])
    job = surviving(**states)
    with job as (checkpointing, interruption), show("none" if quiet else progress) as observer:
        found = cross_validate(
            data, folds=folds, runs=runs, config=chosen, threads=threads, device=device,
            observer=observer, checkpointing=checkpointing, interruption=interruption, only=part,
            jobs=jobs, ignore_memory=ignore_memory,
            **given(reading),
        )  # fmt: skip
    if part is None:
        found.write(target, confusion, metrics)
    if not quiet:
        show_cross_validation(found, written if part is None else [])
    if part is not None and not quiet:
        show_part(states["checkpoint"], target)
