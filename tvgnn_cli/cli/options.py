"""Options that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tvgnn_cli import config

INPUT, TRAINING = config.INPUT, config.TRAINING

OUTPUT, JOB, RUN, SWEEP = "Output", "Batch jobs", "Run", "Sweep"


ROW = "One row of metrics: .csv, .parquet or .json."


def argument(metavar: str, text: str) -> Any:
    """Declare an argument that has to be given.

    Args:
        metavar: what its value stands for.
        text: its help.
    """
    return typer.Argument(metavar=metavar, show_default=False, help=text)


def to_file(text: str, *flags: str, default: str | bool = True, metavar: str = "FILE") -> Any:
    """Declare an option for a file that is written.

    Args:
        text: its help.
        flags: how it is called; none for --output, -o.
        default: what is said of its default; True for the default itself.
        metavar: what its value stands for.
    """
    return typer.Option(
        *flags or ("--output", "-o"),
        metavar=metavar,
        rich_help_panel=OUTPUT,
        show_default=default,
        help=text,
    )


def _output(kind: str) -> Any:
    return to_file(
        "One row per vertex: .csv, .tsv or .parquet; - for CSV on standard output. Or the graph "
        "with its attributes and clusters: .graphml, .gexf, .json, .h5ad.",
        default=f"stem of GRAPH + .{kind}.csv; - where GRAPH is -",
    )


def _metrics(kind: str) -> Any:
    named = ", or of -o + .metrics.csv" if kind != "metrics" else ""
    stem = "GRAPH" if named else "-o or GRAPH"
    default = f"stem of {stem} + .{kind}.csv{named}; none if GRAPH is -"
    return to_file(ROW, "--metrics", default=default)


def rows_of(what: str, kind: str) -> Any:
    """Declare the option for the file of a table that has a row for each of something."""
    return to_file(
        f"One row per {what}: .csv, .tsv or .parquet; - for CSV on standard output.", default=kind
    )


OutputOption = Annotated[str | None, _output("clusters")]
MetricsOption = Annotated[str | None, _metrics("metrics")]
SpareMetricsOption = Annotated[str | None, to_file(ROW, "--metrics", default="none")]
MergedOption = Annotated[str | None, rows_of("vertex", "stem of the shards' GRAPH + .clusters.csv")]
MergedMetricsOption = Annotated[
    str | None,
    to_file(ROW, "--metrics", default="stem of -o or of the shards' GRAPH + .metrics.csv"),
]
SaveOption = Annotated[
    Path | None, to_file("Keep the model for tvgnn predict.", "--save", metavar="MODEL")
]
ReportOption = Annotated[
    Path | None,
    to_file(
        "A page about the clusters, as tvgnn report writes it.", "--report", metavar="FILE.html"
    ),
]
NumbersOption = Annotated[
    str | None,
    to_file(
        "With -k auto or -k 2..20, a row for each number that was tried: .csv, .tsv, .parquet.",
        "--numbers",
    ),
]
PredictedOption = Annotated[str | None, _output("predicted")]
UpdatedOption = Annotated[str | None, _output("updated")]
UpdatedMetricsOption = Annotated[str | None, _metrics("updated.metrics")]
PredictedMetricsOption = Annotated[str | None, _metrics("predicted.metrics")]

MatchOption = Annotated[
    Path | None,
    typer.Option(
        "--match",
        metavar="PREVIOUS",
        rich_help_panel=OUTPUT,
        help="Earlier clusters, of any tool: number these by the best matching with them, and say "
        "what has changed.",
    ),
]
ChangesOption = Annotated[
    str | None,
    to_file(
        "A row for each two clusters, now and before, that share vertices: .csv, .tsv or .parquet.",
        "--changes",
    ),
]
TopOption = Annotated[
    int,
    typer.Option(
        "--top",
        metavar="N",
        min=1,
        rich_help_panel=OUTPUT,
        help="Features, representative and boundary vertices of each cluster, at most.",
    ),
]
ModelArgument = Annotated[
    Path,
    argument("MODEL", "What tvgnn cluster --save wrote."),
]

OUTPUTS: dict[str, Any] = {
    "output": OutputOption,
    "metrics": MetricsOption,
    "save": SaveOption,
    "match": MatchOption,
    "changes": ChangesOption,
    "numbers": NumbersOption,
    "report": ReportOption,
}
"""Files that a run writes, and the clusters whose numbers it takes."""

CheckpointOption = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        metavar="DIR",
        rich_help_panel=JOB,
        help="Keep the state there; a signal then ends the run with exit code 75, and the same "
        "command goes on.",
    ),
]
EveryOption = Annotated[
    str | None,
    typer.Option(
        "--every",
        metavar="SPAN",
        rich_help_panel=JOB,
        show_default="5min",
        help="Time between two states: 90s, 5min, 2h; 0 for one at each step.",
    ),
]
ResumeOption = Annotated[
    Literal["auto", "never", "must"] | None,
    typer.Option(
        "--resume",
        rich_help_panel=JOB,
        show_default="auto",
        help="Go on from a state where there is one, never, or fail without one.",
    ),
]
MaxTimeOption = Annotated[
    str | None,
    typer.Option(
        "--max-time",
        metavar="SPAN",
        rich_help_panel=JOB,
        show_default="no limit",
        help="Keep the state and end with exit code 75 after so long: 01:50:00, 110min.",
    ),
]
STATES: dict[str, Any] = {
    "checkpoint": CheckpointOption,
    "every": EveryOption,
    "resume": ResumeOption,
    "max_time": MaxTimeOption,
}
"""Options of a run that may be ended and go on, as `cli/job.py` takes them."""

ShardsOption = Annotated[
    Path | None,
    typer.Option(
        "--shards",
        metavar="DIR",
        rich_help_panel=JOB,
        help="Train a part of the restarts and put the result there, for tvgnn merge.",
    ),
]
ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        rich_help_panel=JOB,
        show_default="the task of a Slurm job array",
        help="Which part, from 1/N to N/N.",
    ),
]
PartOption = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        rich_help_panel=JOB,
        show_default="all of it",
        help="Which part, from 1/N to N/N; parts share the folder of rows.",
    ),
]

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE.toml",
        rich_help_panel=RUN,
        help="Settings from a file; options on the command line win over it.",
    ),
]
IgnoreMemoryOption = Annotated[
    bool,
    typer.Option(
        "--ignore-memory",
        rich_help_panel=RUN,
        help="Train even if it is estimated to take more memory than there is.",
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        rich_help_panel=RUN,
        show_default="$SLURM_CPUS_PER_TASK, $OMP_NUM_THREADS, or all that may be used",
        help="CPU threads, at most; small graphs take fewer.",
    ),
]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs",
        metavar="N",
        min=1,
        rich_help_panel=RUN,
        help="Trainings at the same time, which share the threads.",
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option("--device", metavar="NAME", rich_help_panel=RUN, help="auto, cpu, cuda, cuda:1"),
]
Progress = Literal["auto", "bar", "lines", "none"]
ProgressOption = Annotated[
    Progress,
    typer.Option(
        "--progress",
        rich_help_panel=RUN,
        help="On standard error: a bar, plain lines, or nothing; auto: a bar on a terminal.",
    ),
]
QuietOption = Annotated[
    bool,
    typer.Option("--quiet", "-q", rich_help_panel=RUN, help="No progress and no summary."),
]
