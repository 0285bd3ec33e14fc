"""Options that several commands share, each declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tvgnn_cli.cli.completion import graphs, methods
from tvgnn_cli.config import FIELDS
from tvgnn_cli.methods import METHODS

INPUT, OUTPUT, MODEL, TRAINING = "Input", "Output", "Model", "Training"
JOB, RUN, SWEEP = "Batch jobs", "Run", "Sweep"

GraphArgument = Annotated[
    str,
    typer.Argument(
        metavar="GRAPH",
        show_default=False,
        autocompletion=graphs,
        help="A file (an edge list, .graphml .gml .gexf .mtx .net .graph, also with .gz; .npz .npy "
        ".parquet .h5ad), - for an edge list on standard input, or a data set: karate and planted, "
        "which come with tvgnn, Cora, CiteSeer, PubMed, DBLP, pyg:CLASS/NAME.",
    ),
]
FeaturesOption = Annotated[
    Path | None,
    typer.Option(
        "--features",
        metavar="FILE",
        rich_help_panel=INPUT,
        help="Vertex features: .csv, .tsv or .parquet with an id column; .npy or .npz in vertex "
        "order.",
    ),
]
LabelsOption = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="FILE",
        rich_help_panel=INPUT,
        help="True classes: .csv, .tsv or .parquet by vertex id, .npy or .npz in vertex order; for "
        "scoring only.",
    ),
]
FeatureAttrsOption = Annotated[
    str | None,
    typer.Option(
        "--feature-attrs",
        metavar="NAMES",
        rich_help_panel=INPUT,
        show_default="auto",
        autocompletion=lambda: ["auto", "none", "all"],
        help="Vertex attributes that are features: auto, none, all, or a,b,c.",
    ),
]
WeightOption = Annotated[
    str | None,
    typer.Option(
        "--weight",
        metavar="NAME",
        rich_help_panel=INPUT,
        show_default="by its name",
        help="Edge attribute or column with the weight, larger is closer; 'none' for none.",
    ),
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="NAME",
        rich_help_panel=INPUT,
        show_default="by its name, or the first",
        help="Column with one end of each edge.",
    ),
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="NAME",
        rich_help_panel=INPUT,
        show_default="by its name, or the second",
        help="Column with the other end.",
    ),
]
IdAttrOption = Annotated[
    str | None,
    typer.Option(
        "--id-attr",
        metavar="NAME",
        rich_help_panel=INPUT,
        show_default="the file's own ids",
        help="Vertex attribute with the ids.",
    ),
]
LabelAttrOption = Annotated[
    str | None,
    typer.Option(
        "--label-attr",
        metavar="NAME",
        rich_help_panel=INPUT,
        show_default="'label' or 'y' where present",
        help="Vertex attribute with the true class; 'none' for none.",
    ),
]
HeaderOption = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        rich_help_panel=INPUT,
        show_default="look at it",
        help="Whether an edge list's first line names its columns.",
    ),
]
DataRootOption = Annotated[
    Path | None,
    typer.Option(
        "--data-root",
        metavar="DIR",
        rich_help_panel=INPUT,
        show_default="$TVGNN_DATA_ROOT, or in the user's cache folder",
        help="Where data sets live.",
    ),
]
OfflineOption = Annotated[
    bool,
    typer.Option(
        "--offline",
        rich_help_panel=INPUT,
        help="Never touch the network; name the files that a data set lacks instead.",
    ),
]


def _output(kind: str) -> Any:
    return typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        rich_help_panel=OUTPUT,
        show_default=f"stem of GRAPH + .{kind}.csv; - where GRAPH is -",
        help="One row per vertex: .csv, .tsv or .parquet; - for CSV on standard output. Or the "
        "graph with its attributes and clusters: .graphml, .gexf, .h5ad.",
    )


def _metrics(kind: str) -> Any:
    return typer.Option(
        "--metrics",
        metavar="FILE",
        rich_help_panel=OUTPUT,
        show_default=f"stem of GRAPH + .{kind}.csv; none where GRAPH is -",
        help="One row of metrics: .csv, .parquet or .json.",
    )


OutputOption = Annotated[str | None, _output("clusters")]
MetricsOption = Annotated[str | None, _metrics("metrics")]
SaveOption = Annotated[
    Path | None,
    typer.Option(
        "--save", metavar="MODEL", rich_help_panel=OUTPUT, help="Keep the model for tvgnn predict."
    ),
]
PredictedOption = Annotated[str | None, _output("predicted")]
PredictedMetricsOption = Annotated[str | None, _metrics("predicted.metrics")]


def setting(
    name: str,
    text: str,
    panel: str,
    *flags: str,
    metavar: str | None = None,
    completes: Callable[[str], list[str]] | None = None,
) -> Any:
    """An option for a field of the configuration, whose default the preset decides."""
    flags = flags or (f"--{name.replace('_', '-')}",)
    default = DEFAULTS.get(name, str(FIELDS[name].default))
    return typer.Option(
        *flags,
        metavar=metavar,
        rich_help_panel=panel,
        help=text,
        show_default=default,
        autocompletion=completes,
    )


DEFAULTS = {
    "num_clusters": "number of true classes, where known",
    "balance_coeff": "the total variation of the start",
    "rho": "K - 1",
}


ClustersOption = Annotated[
    int | None,
    setting("num_clusters", "Number of clusters, K.", MODEL, "-k", "--num-clusters", metavar="K"),
]
MethodOption = Annotated[
    str | None,
    setting(
        "method",
        f"How to cluster: {', '.join(METHODS)} (docs/methods.md).",
        MODEL,
        metavar="NAME",
        completes=methods,
    ),
]
PresetOption = Annotated[
    Literal["default", "paper"] | None,
    setting("preset", "Where settings start from: robust, or the paper's.", MODEL),
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

IgnoreMemoryOption = Annotated[
    bool,
    typer.Option(
        "--ignore-memory",
        rich_help_panel=RUN,
        help="Train even if it is estimated to take more memory than there is.",
    ),
]

READING = (
    "features", "feature_attrs", "labels", "label_attr", "weight", "source", "target", "id_attr",
    "header", "data_root", "offline",
)  # fmt: skip
"""Options that say how a graph is read."""


def reading(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a command's arguments that say how its graph is read."""
    return {name: given[name] for name in READING if name in given}
